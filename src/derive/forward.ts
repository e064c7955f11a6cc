/**
 * Forward mode: a program that carries k directional derivatives along with its values (dual numbers in chunks, as in
 * Revels, Lubin, Papamarkou 2016, "Forward-mode automatic differentiation in Julia").
 *
 * The derived program takes the original parameters; then a tangent for each parameter of `wrt` (`u_dot`, an input array of
 * k directions one after the other, direction d at [d * size, (d + 1) * size); for a scalar `t` an array `t_dot[k]`);
 * then for each output array its tangents, laid out alike (`du_dot`), and `result_dot[k]` where there is a result.
 */
import { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { rootsOf, varied, type Activity } from "../analysis/activity.ts";
import { passing, type Passed } from "../ir/calls.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import type {
  Accumulate,
  ArrayArgument,
  Block,
  Call,
  Carried,
  Fill,
  For,
  If,
  Instruction,
  Let,
  Load,
  Program,
  Store,
  Value,
  While,
} from "../ir/ir.ts";
import { countsUnlessZero, joined, push, type Contribution } from "./contribution.ts";
import { Dual, type Tangents } from "./dual.ts";
import { resting } from "./dying.ts";
import { hasRule, zero } from "./rules.ts";

export interface ForwardOptions {
  /** Names of the input arrays and scalars to differentiate with respect to. */
  readonly wrt: readonly string[];
  /** Directions at once. Default 1. */
  readonly chunk?: number;
}

export function forward(program: Program, options: ForwardOptions): Program {
  const inlined = inlineCalls(program, (callee) => hasRule(callee, "jvp"));
  return new Forward(inlined, options.wrt, options.chunk ?? 1).derive();
}

class Forward {
  private readonly b: Builder;
  private readonly activity: Activity;
  /** Values and arrays whose tangents may be zero because a choice went by them. */
  private readonly resting: Activity;
  private readonly dual: Dual;

  constructor(
    private readonly program: Program,
    wrt: readonly string[],
    private readonly k: number,
  ) {
    this.b = new Builder(`${program.name}_forward`);
    this.activity = varied(program, rootsOf(program, wrt));
    this.resting = resting(program, this.activity);
    this.dual = new Dual(this.b, program, this.activity, this.resting, wrt, k);
  }

  derive(): Program {
    const { b, program, dual, k } = this;
    dual.declare();
    this.block(program.body);
    const result = program.result && this.dual.value(program.result);
    if (program.result) {
      const out = b.arrayParameter("result_dot", k, "output");
      this.dual.settledTangents(program.result).forEach((tangent, d) => b.store(out, b.i32(d), tangent));
    }
    return eliminate(b.finish(result));
  }

  private block(block: Block): void {
    for (const instruction of block.instructions) {
      this.b.source = "source" in instruction ? instruction.source : undefined;
      this.instruction(instruction);
    }
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        return this.let(i);
      case "load":
        return this.load(i);
      case "store":
      case "accumulate":
        return this.write(i);
      case "fill":
        return this.fill(i);
      case "if":
        return this.if(i);
      case "for":
        return this.for(i);
      case "while":
        return this.while(i);
      case "call":
        return this.call(i);
    }
  }

  private load({ array, index, result }: Load): void {
    const { b } = this;
    const at = this.dual.value(index);
    this.dual.values.set(result, b.load(this.dual.arrays.get(array)!, at));
    const shadow = this.dual.shadows.get(array);
    if (!shadow) return;
    const tangents = this.dual.directions((d) => this.dual.ofElement(array, b.load(shadow, this.dual.shadowIndex(array, at, d))));
    this.dual.tangents.set(result, tangents);
  }

  private write({ kind, array, index, value }: Store | Accumulate): void {
    const { b } = this;
    const at = this.dual.value(index);
    b[kind](this.dual.arrays.get(array)!, at, this.dual.value(value));
    const shadow = this.dual.shadows.get(array);
    if (shadow)
      this.dual.settledTangents(value).forEach((tangent, d) => b[kind](shadow, this.dual.shadowIndex(array, at, d), tangent));
  }

  private fill({ array, value }: Fill): void {
    const { b } = this;
    b.fill(this.dual.arrays.get(array)!, this.dual.value(value));
    const shadow = this.dual.shadows.get(array);
    if (!shadow) return;
    if (!this.dual.tangents.has(value)) return b.fill(shadow, b.f64(0));
    this.dual.settledTangents(value).forEach((tangent, d) => {
      const store = (index: Value): Value[] => (b.store(shadow, this.dual.shadowIndex(array, index, d), tangent), []);
      b.for(b.i32(0), b.i32(array.size), 1, [], store);
    });
  }

  private if(i: If): void {
    const { b } = this;
    const active = i.results.map((result) => this.activity.values.has(result));
    const found: (Tangents | undefined)[][] = [];
    const branch = (block: Block) => () => {
      this.block(block);
      found.push(block.yields.map((value) => this.dual.tangents.get(value)));
      return block.yields.flatMap((value, k) => [this.dual.value(value), ...(active[k] ? this.dual.settledTangents(value) : [])]);
    };
    const condition = this.dual.value(i.condition);
    this.bind(i.results, active, b.if(condition, branch(i.then), branch(i.else)), (tangent, k, d) =>
      joined(b, condition, tangent, found[0][k]?.[d], found[found.length - 1][k]?.[d]),
    );
  }

  private for(i: For): void {
    const active = this.activeCarried(i.carried);
    const body = (index: Value, carried: readonly Value[]): Value[] => {
      this.dual.values.set(i.index, index);
      return this.iteration(i.carried, active, carried, i.body);
    };
    const initial = this.initials(i.carried, active);
    this.bind(i.results, active, this.b.for(this.dual.value(i.from), this.dual.value(i.to), i.step, initial, body, i.mayNotEnd));
  }

  private while(i: While): void {
    const active = this.activeCarried(i.carried);
    const phis = i.carried.map((c) => c.phi);
    const condition = (carried: readonly Value[]): Value => {
      this.bind(phis, active, carried);
      this.block(i.condition);
      return this.dual.value(i.condition.yields[0]);
    };
    const body = (carried: readonly Value[]): Value[] => this.iteration(i.carried, active, carried, i.body);
    this.bind(i.results, active, this.b.while(this.initials(i.carried, active), condition, body, [], i.mayNotEnd));
  }

  private let(i: Let): void {
    const { b } = this;
    const args = i.args.map((arg) => this.dual.value(arg));
    const result = b.operation(i.operation, ...args);
    this.dual.values.set(i.result, result);
    if (!this.activity.values.has(i.result)) return;
    const through = push(b, i, args, result);
    const tangents = this.dual.directions((d) => through(i.args.map((arg) => this.dual.tangents.get(arg)?.[d])));
    if (tangents[0]) this.dual.tangents.set(i.result, tangents as Tangents);
  }

  /** Calls with rules: others are inlined before. */
  private call(i: Call): void {
    const { b, k } = this;
    const { inputs, outputs } = passing(i);
    const argument = ({ array, offset }: ArrayArgument): ArrayArgument => ({
      array: this.dual.arrays.get(array)!,
      offset: this.dual.value(offset),
    });
    const args = i.args.map((a) => argument(a as ArrayArgument));
    b.call(i.callee, args);
    const shadow = ({ at }: Passed, d: number): ArrayArgument => ({
      array: this.dual.shadows.get(at.array)!,
      offset: this.dual.shadowIndex(at.array, this.dual.value(at.offset), d),
    });
    const active = inputs.filter(({ at }) => this.dual.shadows.has(at.array));
    const written = outputs.filter(({ at }) => this.dual.shadows.has(at.array));
    for (let d = 0; d < k; d++) {
      if (!active.length || !outputs.length) written.forEach((passed) => zero(b, shadow(passed, d), passed.parameter.size));
      else {
        const jvp = (i.callee as Program).rules!.jvp!(active.map(({ parameter }) => parameter.name));
        b.call(jvp, [...args, ...[...active, ...written].map((passed) => shadow(passed, d))]);
      }
    }
  }

  private activeCarried(carried: readonly Carried[]): boolean[] {
    return carried.map((c) => this.activity.values.has(c.phi));
  }

  private initials(carried: readonly Carried[], active: readonly boolean[]): Value[] {
    return carried.flatMap((c, k) => [this.dual.value(c.initial), ...(active[k] ? this.dual.settledTangents(c.initial) : [])]);
  }

  private iteration(carried: readonly Carried[], active: readonly boolean[], values: readonly Value[], body: Block): Value[] {
    this.bind(
      carried.map((c) => c.phi),
      active,
      values,
    );
    this.block(body);
    return body.yields.flatMap((value, k) => [this.dual.value(value), ...(active[k] ? this.dual.settledTangents(value) : [])]);
  }

  /** Reads values and, behind each active one, its tangents off a flat list. */
  private bind(
    targets: readonly Value[],
    active: readonly boolean[],
    flat: readonly Value[],
    tangentOf: (tangent: Value, k: number, direction: number) => Contribution = (value, k) =>
      this.resting.values.has(targets[k]) ? countsUnlessZero(value) : { value },
  ): void {
    let at = 0;
    targets.forEach((target, k) => {
      this.dual.values.set(target, flat[at++]);
      if (!active[k]) return;
      this.dual.tangents.set(
        target,
        this.dual.directions((d) => tangentOf(flat[at + d], k, d)),
      );
      at += this.k;
    });
  }
}
