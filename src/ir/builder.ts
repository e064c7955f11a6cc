/**
 * Makes programs, and keeps them simple while they are made: constants are folded, equal operations are shared, loads that
 * follow a store of the same element take the stored value, and what a loop does not change is computed before it.
 */
import { InternalError } from "../core/errors.ts";
import { arraysOf } from "./calls.ts";
import { walk, type ArrayDeclaration, type Block, type Carried, type Program, type Value } from "./ir.ts";
import type { Continue } from "./open-blocks.ts";
import type { Interval } from "./ranges.ts";
import { isSpeculative } from "./speculation.ts";
import { StraightBuilder } from "./straight-builder.ts";

/** A point of a block that is being built. */
export interface Mark {
  readonly instructions: number;
  readonly arrays: number;
}

export class Builder extends StraightBuilder {
  /** Builds both branches; each returns the values that `if` returns, pairwise of one type. */
  if(condition: Value, then: () => readonly Value[], otherwise: () => readonly Value[]): readonly Value[] {
    if (condition.constant !== undefined) return condition.constant ? then() : otherwise();
    let a: readonly Value[] = [];
    let b: readonly Value[] = [];
    return this.branch(
      condition,
      () => void (a = then()),
      () => void (b = otherwise()),
      () => {
        if (a.length !== b.length) throw new InternalError("if: branches yield different numbers of values");
        return a.map((value, i) => [value, b[i]]);
      },
    );
  }

  /**
   * As `if`, where what the branches yield is known only once both are built: `join` returns the pairs, and may go on in
   * either branch. Branches that are cheap and may be computed in vain become selects.
   */
  branch(
    condition: Value,
    then: () => void,
    otherwise: () => void,
    join: (inThen: Continue, inElse: Continue) => readonly (readonly [Value, Value])[],
  ): readonly Value[] {
    const source = this.source;
    const thenBlock = this.blocks.build(false, then);
    const elseBlock = this.blocks.build(false, otherwise);
    const pairs = join(this.blocks.continue(thenBlock), this.blocks.continue(elseBlock));
    this.blocks.forget([...thenBlock.written, ...elseBlock.written]);
    for (const [a, b] of pairs) if (a.type !== b.type) throw new InternalError(`if: branches yield ${a.type} and ${b.type}`);
    if (isSpeculative(thenBlock.block, elseBlock.block)) {
      this.blocks.adopt(thenBlock);
      this.blocks.adopt(elseBlock);
      return pairs.map(([a, b]) => this.operation(a.type === "f64" ? "select" : `${a.type}.select`, condition, a, b));
    }
    const differing = pairs.filter(([a, b]) => a !== b);
    thenBlock.block.yields = differing.map(([a]) => a);
    elseBlock.block.yields = differing.map(([, b]) => b);
    const results = differing.map(([a, b]) =>
      this.blocks.newValue(a.type, this.blocks.depth - 1, Math.min(a.min, b.min), Math.max(a.max, b.max)),
    );
    this.blocks.add({
      kind: "if",
      condition,
      then: thenBlock.block,
      else: elseBlock.block,
      results,
      source,
    });
    return pairs.map((pair) => (pair[0] === pair[1] ? pair[0] : results[differing.indexOf(pair)]));
  }

  /**
   * for (index = from; index < to (or > to, step < 0); index += step). `body` gets the index and the carried values and
   * returns their next ones. Returns the carried values after the last iteration.
   */
  for(
    from: Value,
    to: Value,
    step: number,
    initial: readonly Value[],
    body: (index: Value, carried: readonly Value[]) => readonly Value[],
    mayNotEnd = false,
  ): readonly Value[] {
    const count = tripCount(from, to, step);
    if (count === 0) return initial;
    const source = this.source;
    const depth = this.blocks.depth;
    const [low, high] =
      step > 0
        ? [from.min, count === undefined ? to.max - 1 : from.constant! + (count - 1) * step]
        : [count === undefined ? to.min + 1 : from.constant! + (count - 1) * step, from.max];
    const index = this.blocks.newValue("i32", depth, low, Math.max(low, high));
    const carried = initial.map((value) => ({ phi: this.blocks.newValue(value.type, depth), initial: value }));
    const { block, written } = this.blocks.yielding(() =>
      body(
        index,
        carried.map((c) => c.phi),
      ),
    );
    this.blocks.forget(written);
    this.checkYields(carried, block);
    const results = carried.map((c) => this.blocks.newValue(c.phi.type, this.blocks.depth - 1));
    const always = (i: number): Value | undefined =>
      count && block.yields[i].constant !== undefined ? block.yields[i] : undefined;
    this.blocks.add({
      kind: "for",
      index,
      from,
      to,
      step,
      carried,
      body: block,
      results,
      mayNotEnd,
      source,
    });
    return results.map((result, i) => always(i) ?? result);
  }

  /** while (condition(carried)) carried = body(carried). `intervals`: of carried i32 values, where the caller knows one. */
  while(
    initial: readonly Value[],
    condition: (carried: readonly Value[]) => Value,
    body: (carried: readonly Value[]) => readonly Value[],
    intervals: readonly (Interval | undefined)[] = [],
    mayNotEnd = false,
  ): readonly Value[] {
    const source = this.source;
    const depth = this.blocks.depth;
    const carried = initial.map((value, i) => ({
      phi: this.blocks.newValue(value.type, depth, ...(intervals[i] ?? [])),
      initial: value,
    }));
    const phis = carried.map((c) => c.phi);
    const test = this.blocks.yielding(() => [condition(phis)]);
    const step = this.blocks.yielding(() => body(phis));
    this.blocks.forget([...test.written, ...step.written]);
    this.checkYields(carried, step.block);
    const results = carried.map((c, i) => this.blocks.newValue(c.phi.type, this.blocks.depth - 1, ...(intervals[i] ?? [])));
    const blocks = { condition: test.block, body: step.block };
    this.blocks.add({ kind: "while", carried, ...blocks, results, mayNotEnd, source });
    return results;
  }

  /** Where the open block stands. */
  mark(): Mark {
    return { instructions: this.blocks.top.block.instructions.length, arrays: this.arrays.length };
  }

  /** Were arrays written since that were there before? */
  hasWritten(since: Mark): boolean {
    const wrote = (array: ArrayDeclaration): boolean => array.id < since.arrays;
    for (const i of walk({ instructions: this.blocks.top.block.instructions.slice(since.instructions), yields: [] })) {
      if ((i.kind === "store" || i.kind === "accumulate" || i.kind === "fill") && wrote(i.array)) return true;
      if (i.kind === "call" && arraysOf(i).outputs.some(({ at }) => wrote(at.array))) return true;
    }
    return false;
  }

  /** Gives up what the open block was given since: it is to be built anew, and what it wrote not to be written twice. */
  giveUp({ instructions }: Mark): void {
    const { block, shared, memory } = this.blocks.top;
    const given = block.instructions.splice(instructions);
    const values = new Set(given.flatMap((i) => ("result" in i && i.result ? [i.result] : [])));
    for (const [key, value] of shared) if (values.has(value)) shared.delete(key);
    for (const i of walk({ instructions: given, yields: [] })) {
      if ("array" in i) memory.forget(i.array);
      if (i.kind === "call") for (const { at } of arraysOf(i).outputs) memory.forget(at.array);
    }
  }

  finish(result?: Value): Program {
    if (this.blocks.depth !== 1) throw new InternalError("finish: a block is still open");
    return { name: this.name, parameters: this.parameters, arrays: this.arrays, body: this.blocks.at(0).block, result };
  }

  private checkYields(carried: readonly Carried[], block: Block): void {
    carried.forEach((c, i) => {
      const next = block.yields[i];
      if (next?.type !== c.phi.type)
        throw new InternalError(`loop: carried value ${i} is ${c.phi.type} but becomes ${next?.type}`);
    });
  }
}

/** How often a counted loop runs, where that is known. */
export function tripCount(from: Value, to: Value, step: number): number | undefined {
  if (from.constant === undefined || to.constant === undefined) return undefined;
  return Math.max(0, Math.ceil((to.constant - from.constant) / step));
}
