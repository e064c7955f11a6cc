/**
 * What the reverse of a program needs of its forward run, decided before either is written: which primal values the
 * adjoint uses, and for each whether it is computed again where it is used or kept (*cached*) in the forward sweep.
 *
 * A value is kept where computing it again is impossible (a loop's carried value, a load from an array written since) or
 * dear (a transcendental function); everything else is recomputed from what is at hand. So a loop whose iterations read
 * nothing that earlier ones wrote, a stencil, keeps nothing.
 */
import { memo } from "../core/memo.ts";
import { tripCount } from "../ir/builder.ts";
import type { Activity } from "../analysis/activity.ts";
import { arraysOf, passing, type Passed } from "../ir/calls.ts";
import type { ArrayArgument, ArrayDeclaration, Block, Call, Fill, For, Let, Load, Program, Value, While } from "../ir/ir.ts";
import { costOfLet } from "../passes/lower.ts";
import { partialNeeds } from "./adjoint-queries.ts";
import { PrimalSurvey, type Access, type Region } from "./primal-survey.ts";
import { mentions } from "./rules.ts";
import { isInjective, mayMeet } from "./store-indices.ts";

/** From this cost on (nanoseconds, about) an operation's result is kept instead of computed again. */
const DEAR = 6;

export class AdjointPlan extends PrimalSurvey {
  /** Values the forward sweep keeps. */
  readonly cached = new Set<Value>();
  /** Loops whose number of iterations must be kept, being unknown when the program is made. */
  readonly counted = new Set<For | While>();
  /** Arguments of calls, by position, whose content the forward sweep keeps for the rule. */
  readonly contents = new Map<Call, { readonly region: Region; readonly positions: readonly number[] }>();
  private readonly requested = new Set<Value>();

  constructor(
    program: Program,
    readonly active: Activity,
  ) {
    super(program);
    this.require(this.root);
  }

  isActive(value: Value): boolean {
    return this.active.values.has(value);
  }

  isActiveArray(array: ArrayDeclaration): boolean {
    return this.active.arrays.has(array);
  }

  /** Values of a region kept on the tape (not in caches of static size), in order of definition. */
  tapedIn(region: Region): Value[] {
    if (this.isStatic(region)) return [];
    return [...this.cached].filter((value) => this.origins.get(value)!.region === region);
  }

  /** Does anything under a block go on the tape? */
  usesTape(block: Block): boolean {
    for (const value of this.cached) {
      const { region } = this.origins.get(value)!;
      if (!this.isStatic(region) && this.isWithin(region, block)) return true;
    }
    for (const { region } of this.contents.values()) if (!this.isStatic(region) && this.isWithin(region, block)) return true;
    for (const loop of this.counted) if (this.isWithin(this.regions.get(loop.body)!, block)) return true;
    return false;
  }

  /**
   * Each element is stored at most once and only read after, so that its adjoint needs no resetting. With a fill, "once" is
   * meant between two runs of the fill, whose value must not vary: it takes what the elements have gathered, overwritten ones too.
   */
  readonly isAssignedOnce = memo((array: ArrayDeclaration): boolean => this.provesAssignedOnce(array));

  private provesAssignedOnce(array: ArrayDeclaration): boolean {
    const { loads, stores, accumulates, fills, calls } = this.accessesOf(array);
    if (accumulates.length || calls.length || fills.length > 1) return false;
    if (stores.length && fills.some(({ instruction }) => this.isActive(instruction.value))) return false;
    const scope = fills.length ? fills[0].region : this.root;
    const within = [...loads, ...stores].every((a) => this.isWithin(a.region, scope.block));
    return (
      within &&
      stores.every((s) => isInjective(s, scope)) &&
      !mayMeet(stores) &&
      loads.every((load) => stores.every((store) => this.isBefore(store, load, scope)))
    );
  }

  /** An output that is only stored, each element once, and filled at most at first: its cotangent as given serves as its adjoint. */
  isNeverReset(output: ArrayDeclaration): boolean {
    const { loads, fills } = this.accessesOf(output);
    return (
      this.isAssignedOnce(output) &&
      !loads.length &&
      fills.every(({ instruction, region }) => this.isFirstAccess(instruction, region))
    );
  }

  /** Does the array still hold what a load read, when the reverse sweep comes by? */
  isStable(load: Load): boolean {
    const { array } = load;
    return this.isKept(
      array,
      this.accessesOf(array).loads.find((l) => l.instruction === load)!,
    );
  }

  /** Does an array still hold what it did at an access, when the reverse sweep comes by? */
  private isKept(array: ArrayDeclaration, access: Access<Load | Call>): boolean {
    if (array.role === "input" || array.role === "constant") return true;
    const { stores, accumulates, fills, calls } = this.accessesOf(array);
    const writers = calls.filter((c) => arraysOf(c.instruction).outputs.some((a) => a.at.array === array));
    return [...stores, ...accumulates, ...fills, ...writers].every((write) =>
      write.instruction === access.instruction ? !this.loopsOver(access.region) : this.isBefore(write, access, this.root),
    );
  }

  /** Does a fill open the life of its array? Then nothing is left of it to reverse. */
  isFirstAccess(fill: Fill, region: Region): boolean {
    const { loads, stores, accumulates, fills, calls } = this.accessesOf(fill.array);
    const access = { instruction: fill, region, position: region.block.instructions.indexOf(fill) };
    return (
      [...loads, ...stores, ...accumulates, ...fills, ...calls].every(
        (a) => a.instruction === fill || this.isBefore(access, a, this.root),
      ) && !this.loopsOver(region)
    );
  }

  /**
   * The terms that a loop adds to a carried value, if adding is all it does with it: next = phi + a - b + ... The adjoint of
   * every term is then the adjoint of the sum, the same in every iteration.
   */
  sumTerms(loop: For | While, k: number): readonly { readonly term: Value; readonly sign: 1 | -1 }[] | undefined {
    const { phi } = loop.carried[k];
    const terms: { term: Value; sign: 1 | -1 }[] = [];
    let value = loop.body.yields[k];
    while (value !== phi) {
      const found = this.origins.get(value);
      if (this.uses.get(value) !== 1 || found?.region.block !== loop.body || found.origin.kind !== "instruction")
        return undefined;
      const { instruction } = found.origin;
      if (instruction.kind !== "let" || (instruction.operation !== "add" && instruction.operation !== "sub")) return undefined;
      const [x, y] = instruction.args;
      const throughFirst = this.reaches(x, phi, loop.body);
      if (!throughFirst && (instruction.operation === "sub" || !this.reaches(y, phi, loop.body))) return undefined;
      terms.push({ term: throughFirst ? y : x, sign: instruction.operation === "sub" ? -1 : 1 });
      value = throughFirst ? x : y;
    }
    return this.uses.get(phi) === 1 ? terms : undefined;
  }

  /** Does a value come from another through additions of one block? */
  private reaches(value: Value, target: Value, block: Block): boolean {
    if (value === target) return true;
    const found = this.origins.get(value);
    if (found?.region.block !== block || found.origin.kind !== "instruction") return false;
    const { instruction } = found.origin;
    if (instruction.kind !== "let") return false;
    const [x, y] = instruction.args;
    if (instruction.operation === "sub") return this.reaches(x, target, block);
    return instruction.operation === "add" && (this.reaches(x, target, block) || this.reaches(y, target, block));
  }

  // Requirements: what the adjoint of every active instruction uses.

  private require(region: Region): void {
    for (const i of region.block.instructions) {
      switch (i.kind) {
        case "let":
          if (this.isActive(i.result)) this.requirePartials(i);
          break;
        case "load":
          if (this.isActive(i.result)) this.request(i.index);
          break;
        case "store":
        case "accumulate":
          if (this.isActiveArray(i.array)) this.request(i.index);
          break;
        case "if":
          if (this.hasAdjoint(i.then) || this.hasAdjoint(i.else) || i.results.some((r) => this.isActive(r)))
            this.request(i.condition);
          this.require(this.regions.get(i.then)!);
          this.require(this.regions.get(i.else)!);
          break;
        case "for":
        case "while":
          if (!this.hasLoopAdjoint(i)) break;
          if (i.kind === "while") this.counted.add(i);
          else {
            this.request(i.from);
            this.request(i.to);
          }
          this.require(this.regions.get(i.body)!);
          break;
        case "call":
          if (this.isActiveCall(i)) this.requireContents(i, region);
      }
    }
  }

  isActiveCall(i: Call): boolean {
    return passing(i).outputs.some(({ at }) => this.isActiveArray(at.array));
  }

  /** The inputs whose gradients a call's rule has to give, and the rule; none where only the outputs' adjoints end there. */
  ruleOf(i: Call): { readonly active: readonly Passed[]; readonly vjp: Program } | undefined {
    const active = passing(i).inputs.filter(({ at }) => this.isActiveArray(at.array));
    if (!active.length) return undefined;
    return { active, vjp: (i.callee as Program).rules!.vjp!(active.map(({ parameter }) => parameter.name)) };
  }

  private requireContents(i: Call, region: Region): void {
    i.args.forEach((argument) => this.request((argument as ArrayArgument).offset));
    const rule = this.ruleOf(i);
    if (!rule) return;
    const access = { instruction: i, region, position: region.block.instructions.indexOf(i) };
    const positions = i.args.flatMap((argument, k) => {
      const read = rule.vjp.parameters[k];
      if (read.kind !== "array" || !mentions(rule.vjp, read.array.name)) return [];
      return this.isKept((argument as ArrayArgument).array, access) ? [] : [k];
    });
    if (positions.length) this.contents.set(i, { region, positions });
  }

  /** Is there anything to derive in a block? */
  hasAdjoint(block: Block): boolean {
    if (block.yields.some((value) => this.isActive(value))) return true;
    return block.instructions.some((i) => {
      switch (i.kind) {
        case "let":
        case "load":
          return this.isActive(i.result);
        case "store":
        case "accumulate":
        case "fill":
          return this.isActiveArray(i.array);
        case "if":
          return this.hasAdjoint(i.then) || this.hasAdjoint(i.else);
        case "for":
        case "while":
          return this.hasLoopAdjoint(i);
        case "call":
          return this.isActiveCall(i);
      }
    });
  }

  /** A loop that may run no times hands what it begins with on, whatever is in its body. */
  hasLoopAdjoint(loop: For | While): boolean {
    const mayHandOn = loop.kind === "while" || !tripCount(loop.from, loop.to, loop.step);
    return this.hasAdjoint(loop.body) || (mayHandOn && loop.carried.some(({ phi }) => this.isActive(phi)));
  }

  private requirePartials(i: Let): void {
    partialNeeds(i, (arg) => this.isActive(arg)).forEach((value) => this.request(value));
  }

  private request(value: Value): void {
    if (value.constant !== undefined || this.requested.has(value)) return;
    this.requested.add(value);
    const found = this.origins.get(value);
    if (!found) return;
    const { origin, region } = found;
    if (this.isTopLevel(region)) return;
    switch (origin.kind) {
      case "index":
        this.request(origin.loop.from);
        return;
      case "phi":
      case "result":
        this.cached.add(value);
        return;
      case "instruction": {
        const { instruction } = origin;
        if (instruction.kind === "load") {
          if (this.isStable(instruction)) this.request(instruction.index);
          else this.cached.add(value);
        } else if (costOfLet(instruction) >= DEAR) this.cached.add(value);
        else instruction.args.forEach((arg) => this.request(arg));
      }
    }
  }
}
