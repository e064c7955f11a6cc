/**
 * Reverse mode: a program that takes cotangents of the outputs and gives those of chosen inputs (a vjp).
 *
 * The derived program takes the original inputs, in order; then a cotangent for each output array (`du_bar`, read only) and
 * `result_bar` where there is a result; then, for each name of `wrt`, a gradient to fill (`u_bar`; for a scalar an array of
 * one). It mutates nothing it was not given, and keeps what it must (see adjoint-plan.ts) in local arrays of static size, or,
 * under loops whose length the data decide, on a tape. A program with a tape returns 0, or, where its capacity did not
 * suffice, the capacity that would have (the gradients are then not computed).
 */
import { InternalError } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { outputsOf, rootsOf, useful, varied, type Activity } from "../analysis/activity.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import { passing, type Passed } from "../ir/calls.ts";
import type { ArrayArgument, Block, Call, For, If, Instruction, Let, Program, Value, While } from "../ir/ir.ts";
import { AdjointPlan } from "./adjoint-plan.ts";
import type { Region } from "./primal-survey.ts";
import { freeActiveValues, isOrderFree, partialNeeds } from "./adjoint-queries.ts";
import { countsUnlessZero, given, joined, pull, settled, type Contribution } from "./contribution.ts";
import { dying } from "./dying.ts";
import { ForwardSweep } from "./forward-sweep.ts";
import { countedDown, forwards, reversed, runs } from "./reversed-loop.ts";
import { hasRule, zero } from "./rules.ts";
import { Shadows } from "./shadows.ts";
import { CotangentScopes } from "./cotangent-scopes.ts";

export interface ReverseOptions {
  /** Names of the input arrays and scalars whose gradients are wanted; no work is done for others. */
  readonly wrt: readonly string[];
  /** Numbers that the tape of data-dependent loops holds. Default 2^20. */
  readonly tapeCapacity?: number;
}

export function reverse(program: Program, options: ReverseOptions): Program {
  const inlined = inlineCalls(program, (callee) => hasRule(callee, "vjp"));
  return new Reverse(inlined, options).derive();
}

class Reverse {
  private readonly b: Builder;
  private readonly plan: AdjointPlan;
  private readonly sweep: ForwardSweep;
  /** Values and arrays whose cotangents may be zero because a choice went by them. */
  private readonly dying: Activity;
  private readonly shadows: Shadows;
  private readonly scopes: CotangentScopes;

  constructor(
    private readonly program: Program,
    options: ReverseOptions,
  ) {
    this.b = new Builder(`${program.name}_reverse`);
    const roots = rootsOf(program, options.wrt);
    const up = varied(program, roots);
    const down = useful(program, outputsOf(program));
    this.plan = new AdjointPlan(program, {
      values: new Set([...up.values].filter((v) => down.values.has(v))),
      arrays: new Set([...up.arrays].filter((a) => down.arrays.has(a))),
    });
    this.dying = dying(program, this.plan);
    this.sweep = new ForwardSweep(this.b, program, this.plan, options.tapeCapacity ?? 2 ** 20);
    this.shadows = new Shadows(this.b, program, this.plan, this.dying, { roots, names: options.wrt });
    this.scopes = new CotangentScopes(this.b, this.plan);
  }

  derive(): Program {
    const { b, sweep, shadows } = this;
    sweep.declareInputs();
    const resultSeed = shadows.declareCotangents();
    shadows.declareGradients();
    sweep.declareLocals();
    shadows.declareLocals();
    sweep.run();
    const needed = sweep.tapeNeeded();
    if (!needed) {
      this.backward(resultSeed);
      return eliminate(b.finish());
    }
    const fits = b.operation("i32.le", needed, b.i32(sweep.tapeCapacity));
    const [status] = b.if(
      fits,
      () => (this.backward(resultSeed), [b.f64(0)]),
      () => (shadows.spoilGradients(), [b.toF64(needed)]),
    );
    return eliminate(b.finish(status));
  }

  private backward(resultSeed: Value | undefined): void {
    const { program, scopes } = this;
    scopes.open();
    if (program.result && resultSeed) scopes.add(program.result, given(resultSeed));
    this.block(this.plan.root);
    this.shadows.storeScalarGradients((root) => scopes.settled(root));
    scopes.close();
  }

  // Primal values

  /** A primal value, in the reverse sweep: at hand, read from its cache, or computed again. */
  private primal(value: Value): Value {
    const { plan, sweep } = this;
    const found = plan.origins.get(value);
    if (!found || plan.isTopLevel(found.region)) return sweep.value(value);
    const atHand = this.scopes.primal(value);
    if (atHand) return atHand;
    const made = this.materialise(value, found.region);
    this.scopes.keep(value, made);
    return made;
  }

  private materialise(value: Value, region: Region): Value {
    if (this.plan.cached.has(value)) return this.sweep.readCache(value, region, (v) => this.primal(v));
    const { origin } = this.plan.origins.get(value)!;
    if (origin.kind !== "instruction") throw new InternalError(`reverse: value ${value.id} of ${this.program.name} was not kept`);
    const { instruction } = origin;
    if (instruction.kind === "load") return this.b.load(this.sweep.array(instruction.array), this.primal(instruction.index));
    return this.b.operation(instruction.operation, ...instruction.args.map((arg) => this.primal(arg)));
  }

  // The reverse sweep

  private block(region: Region): void {
    const { instructions } = region.block;
    for (let at = instructions.length - 1; at >= 0; at--) {
      const instruction = instructions[at];
      this.b.source = "source" in instruction ? instruction.source : undefined;
      this.instruction(instruction, region);
    }
  }

  private instruction(i: Instruction, region: Region): void {
    const { b, plan } = this;
    switch (i.kind) {
      case "let":
        return this.let(i);
      case "load": {
        const cotangent = this.scopes.settled(i.result);
        const shadow = this.shadows.get(i.array);
        if (cotangent && shadow && plan.isActive(i.result)) b.accumulate(shadow, this.primal(i.index), cotangent);
        return;
      }
      case "store":
      case "accumulate": {
        if (!plan.isActiveArray(i.array)) return;
        const shadow = this.shadows.get(i.array)!;
        const index = this.primal(i.index);
        if (plan.isActive(i.value)) this.scopes.add(i.value, this.shadows.ofElement(i.array, b.load(shadow, index)));
        if (i.kind === "store" && !plan.isAssignedOnce(i.array)) b.store(shadow, index, b.f64(0));
        return;
      }
      case "fill": {
        if (!plan.isActiveArray(i.array)) return;
        const shadow = this.shadows.get(i.array)!;
        if (plan.isActive(i.value)) {
          const [total] = b.for(b.i32(0), b.i32(i.array.size), 1, [b.f64(0)], (k, [s]) => [
            b.operation("add", s, b.load(shadow, k)),
          ]);
          this.scopes.add(i.value, this.dying.arrays.has(i.array) ? countsUnlessZero(total) : { value: total });
        }
        if (!plan.isFirstAccess(i, region)) b.fill(shadow, b.f64(0));
        return;
      }
      case "if":
        return this.if(i);
      case "for":
      case "while":
        if (plan.hasLoopAdjoint(i)) this.loop(i, region);
        return;
      case "call":
        if (plan.isActiveCall(i)) this.call(i, region);
    }
  }

  private call(i: Call, region: Region): void {
    const { b, plan, sweep } = this;
    const { outputs } = passing(i);
    const shadow = ({ at, parameter }: Passed): ArrayArgument => {
      const array = this.shadows.get(at.array);
      if (array) return { array, offset: this.primal(at.offset) };
      const none = b.localArray("none_bar", parameter.size);
      b.fill(none, b.f64(0));
      return { array: none, offset: b.i32(0) };
    };
    const contents = sweep.readContents(i, region, (value) => this.primal(value));
    const rule = plan.ruleOf(i);
    if (rule) b.call(rule.vjp, [...contents, ...[...outputs, ...rule.active].map(shadow)]);
    for (const output of outputs) if (this.shadows.has(output.at.array)) zero(b, shadow(output), output.parameter.size);
  }

  private let(i: Let): void {
    const { b, plan } = this;
    const cotangent = this.scopes.cotangent(i.result);
    if (!cotangent || !plan.isActive(i.result)) return;
    const needs = partialNeeds(i, (arg) => plan.isActive(arg));
    // A rule may build more partials than are wanted; what those would read is not at hand, and not a number.
    const primalOf = (value: Value): Value =>
      value.constant !== undefined || needs.has(value) ? this.primal(value) : absent(b, value);
    pull(b, i, i.args.map(primalOf), primalOf(i.result), cotangent).forEach((contribution, k) => {
      if (contribution && plan.isActive(i.args[k])) this.scopes.add(i.args[k], contribution);
    });
  }

  private if(i: If): void {
    const { b, plan } = this;
    if (!plan.hasAdjoint(i.then) && !plan.hasAdjoint(i.else)) return;
    const seeds = i.results.map((result) => this.scopes.cotangent(result));
    const free = [...new Set([...freeActiveValues(i.then, plan), ...freeActiveValues(i.else, plan)])];
    const found: (readonly (Contribution | undefined)[])[] = [];
    const branch = (block: Block) => () => {
      this.enter(block);
      block.yields.forEach((value, k) => {
        const seed = seeds[k];
        if (seed) this.scopes.add(value, seed);
      });
      this.block(plan.regions.get(block)!);
      found.push(free.map((value) => this.scopes.cotangent(value)));
      const contributions = free.map((value) => this.scopes.settled(value) ?? b.f64(0));
      this.scopes.close();
      return contributions;
    };
    const condition = this.primal(i.condition);
    const contributions = b.if(condition, branch(i.then), branch(i.else));
    free.forEach((value, k) =>
      this.scopes.add(value, joined(b, condition, contributions[k], found[0][k], found[found.length - 1][k])),
    );
  }

  private loop(i: For | While, region: Region): void {
    const { b, plan } = this;
    const active = i.carried.flatMap((carried, k) => {
      const seed: Contribution = this.scopes.cotangent(i.results[k]) ?? { value: b.f64(0) };
      return plan.isActive(carried.phi) ? [{ carried, k, seed }] : [];
    });
    const sums = active.flatMap((a) => {
      const terms = plan.sumTerms(i, a.k);
      return terms ? [{ ...a, terms }] : [];
    });
    const chains = active.filter((a) => !sums.some((s) => s.k === a.k));
    const free = freeActiveValues(i.body, plan);
    const ofCarried = (phi: Value, value: Value): Contribution =>
      this.dying.values.has(phi) ? countsUnlessZero(value) : { value };
    let found: readonly (Contribution | undefined)[] = [];
    const iteration = (index: Value | undefined, carried: readonly Value[]): Value[] => {
      this.enter(i.body);
      if (index && i.kind === "for") this.scopes.keep(i.index, index);
      for (const { terms, seed } of sums)
        for (const { term, sign } of terms)
          this.scopes.add(term, sign === 1 ? seed : { ...seed, value: b.operation("neg", seed.value) });
      chains.forEach(({ k, carried: { phi } }, at) => this.scopes.add(i.body.yields[k], ofCarried(phi, carried[at])));
      this.block(plan.regions.get(i.body)!);
      found = free.map((value) => this.scopes.cotangent(value));
      const next = [
        ...chains.map((a) => this.scopes.settled(a.carried.phi) ?? b.f64(0)),
        ...free.map((value, at) => {
          const contribution = this.scopes.settled(value);
          const total = carried[chains.length + at];
          return contribution ? b.operation("add", total, contribution) : total;
        }),
      ];
      this.scopes.close();
      return next;
    };
    const initial = [...chains.map((a) => settled(b, a.seed)), ...free.map(() => b.f64(0))];
    const ordered = i.kind === "while" || chains.length > 0 || !isOrderFree(i, plan);
    const results =
      i.kind === "while"
        ? countedDown(b, this.sweep.readCount(i, region), initial, iteration)
        : (ordered ? reversed : forwards)(b, i, { from: this.primal(i.from), to: this.primal(i.to) }, initial, iteration);
    for (const { carried, seed } of sums) this.scopes.add(carried.initial, seed);
    chains.forEach((a, at) => this.scopes.add(a.carried.initial, ofCarried(a.carried.phi, results[at])));
    free.forEach((value, at) => {
      const total = results[chains.length + at];
      this.scopes.add(value, found[at]?.live || found[at]?.unlessZero || !runs(i) ? countsUnlessZero(total) : { value: total });
    });
  }

  /** Opens a scope for a block of the primal, and takes what the block left on the tape. */
  private enter(block: Block): void {
    this.scopes.open();
    for (const [value, kept] of this.sweep.popRecord(this.plan.regions.get(block)!)) this.scopes.keep(value, kept);
  }
}

function absent(b: Builder, value: Value): Value {
  return value.type === "f64" ? b.f64(NaN) : value.type === "i32" ? b.i32(0) : b.bool(false);
}
