/**
 * Makes programs, and keeps them simple while they are made: constants are folded, equal operations are shared, loads that
 * follow a store of the same element take the stored value, and what a loop does not change is computed before it.
 */
import { InternalError } from "../core/errors.ts";
import type { SourceLocation } from "../core/source-location.ts";
import {
  walk,
  type ArrayArgument,
  type ArrayDeclaration,
  type ArrayRole,
  type Block,
  type Carried,
  type External,
  type Parameter,
  type Program,
  type ScalarType,
  type Value,
} from "./ir.ts";
import { scalarOperations, type RuleBuilder, type ScalarOperationName } from "./scalar-operations.ts";
import { withSign } from "./minus-zero.ts";
import { intervalOf, rangeOf, type Interval } from "./ranges.ts";
import { isSpeculative } from "./speculation.ts";
import { identity } from "./identities.ts";
import { arraysOf } from "./calls.ts";
import { fixedNumbers } from "./tables.ts";
import { OpenBlocks, type Continue } from "./open-blocks.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

/** A point of a block that is being built. */
export interface Mark {
  readonly instructions: number;
  readonly arrays: number;
}

export class Builder implements RuleBuilder {
  private readonly blocks: OpenBlocks;
  private readonly parameters: Parameter[] = [];
  private readonly arrays: ArrayDeclaration[] = [];
  /** Given to the instructions made from now on. */
  source: SourceLocation | undefined;

  constructor(private readonly name: string) {
    this.blocks = new OpenBlocks(name);
  }

  // Declarations

  scalarParameter(name: string, type: ScalarType = "f64", min = INT_MIN, max = INT_MAX): Value {
    const value = this.blocks.newValue(type, 0, min, max);
    this.parameters.push({ kind: "scalar", name, value });
    return value;
  }

  arrayParameter(
    name: string,
    size: number,
    role: "input" | "output" | "inout",
    element: "f64" | "i32" = "f64",
  ): ArrayDeclaration {
    const array = this.declare(name, size, role, element);
    this.parameters.push({ kind: "array", array });
    return array;
  }

  localArray(name: string, size: number, element: "f64" | "i32" = "f64"): ArrayDeclaration {
    return this.declare(name, size, "local", element);
  }

  constantArray(name: string, data: Float64Array | Int32Array): ArrayDeclaration {
    const declared = this.arrays.find((array) => array.data === data);
    return declared ?? this.declare(name, data.length, "constant", data instanceof Int32Array ? "i32" : "f64", data);
  }

  // Scalars

  f64(constant: number): Value {
    return this.blocks.constant("f64", constant);
  }

  i32(constant: number): Value {
    return this.blocks.constant("i32", constant);
  }

  bool(constant: boolean): Value {
    return this.blocks.constant("bool", Number(constant));
  }

  operation(name: ScalarOperationName, ...args: Value[]): Value {
    const operation = scalarOperations[name];
    args.forEach((arg, i) => {
      if (arg.type !== operation.args[i]) {
        throw new InternalError(`${name}: argument ${i} is ${arg.type}, expected ${operation.args[i]} (program ${this.name})`);
      }
    });
    if (args.every((arg) => arg.constant !== undefined)) {
      const folded = operation.value(...args.map((arg) => arg.constant!));
      return this.blocks.constant(operation.result, folded);
    }
    const simpler = identity(this, name, args);
    if (simpler) return simpler;
    const key = `${name}(${args.map((arg) => arg.id).join()})`;
    const shared = this.blocks.lookup(key);
    if (shared) return shared;
    const [min, max] = rangeOf(name, args);
    const level = this.blocks.levelFor(args);
    const result = this.blocks.newValue(operation.result, level, min, max);
    const instruction = { kind: "let", result, operation: name, args, source: this.source } as const;
    define(result, instruction);
    this.blocks.add(instruction, level);
    this.blocks.at(level).shared.set(key, result);
    return result;
  }

  /** The same number as an f64. */
  toF64(value: Value): Value {
    if (value.type === "f64") return value;
    if (value.type === "bool") return this.operation("select", value, this.f64(1), this.f64(0));
    return withSign(this, value);
  }

  // Arrays

  load(array: ArrayDeclaration, index: Value): Value {
    const numbers = index.constant === undefined ? undefined : fixedNumbers(array);
    if (numbers && index.constant! >= 0 && index.constant! < array.size) {
      return this.blocks.constant(array.element, numbers[index.constant!]);
    }
    const readOnly = array.role === "input" || array.role === "constant";
    const key = `${array.id}[${index.id}]`;
    const available = readOnly ? this.blocks.lookup(key) : this.blocks.top.memory.get(array, index);
    if (available) return available;
    // Out of its loop only where it is in bounds even if the loop never runs.
    const level = readOnly && index.min >= 0 && index.max < array.size ? this.blocks.levelFor([index]) : this.blocks.depth - 1;
    const [min, max] = array.element === "i32" ? intervalOf(array) : [0, 0];
    const result = this.blocks.newValue(array.element, level, min, max);
    const instruction = { kind: "load", result, array, index, source: this.source } as const;
    define(result, instruction);
    this.blocks.add(instruction, level);
    if (readOnly) this.blocks.at(level).shared.set(key, result);
    else this.blocks.top.memory.set(array, index, result);
    return result;
  }

  store(array: ArrayDeclaration, index: Value, value: Value): void {
    this.touch(array, index);
    this.blocks.add({ kind: "store", array, index, value, source: this.source });
    this.blocks.top.memory.set(array, index, value);
  }

  accumulate(array: ArrayDeclaration, index: Value, value: Value): void {
    if (value.constant === 0) return;
    this.touch(array, index);
    this.blocks.add({ kind: "accumulate", array, index, value, source: this.source });
  }

  fill(array: ArrayDeclaration, value: Value): void {
    this.touch(array);
    this.blocks.add({ kind: "fill", array, value });
  }

  call(callee: Program | External, args: readonly (ArrayArgument | Value)[]): Value | undefined {
    const { name, parameters } = callee;
    if (args.length !== parameters.length)
      throw new InternalError(`call of ${name}: it takes ${parameters.length} arguments, not ${args.length}`);
    const returns = "body" in callee ? callee.result : undefined;
    const result = returns && this.blocks.newValue(returns.type, this.blocks.depth - 1, returns.min, returns.max);
    parameters.forEach((parameter, i) => {
      const argument = args[i];
      if (parameter.kind === "array" && "array" in argument && parameter.array.role !== "input") this.touch(argument.array);
    });
    this.blocks.add({ kind: "call", callee, args, result });
    return result;
  }

  // Control flow

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

  /** What an element of an array is known to hold here. */
  available(array: ArrayDeclaration, index: Value): Value | undefined {
    return this.blocks.top.memory.get(array, index);
  }

  /** Right after a block was closed: may the value be used, or was it that block's own? */
  isInScope(value: Value): boolean {
    return this.blocks.isInScope(value);
  }

  finish(result?: Value): Program {
    if (this.blocks.depth !== 1) throw new InternalError("finish: a block is still open");
    return { name: this.name, parameters: this.parameters, arrays: this.arrays, body: this.blocks.at(0).block, result };
  }

  // Within

  private checkYields(carried: readonly Carried[], block: Block): void {
    carried.forEach((c, i) => {
      const next = block.yields[i];
      if (next?.type !== c.phi.type)
        throw new InternalError(`loop: carried value ${i} is ${c.phi.type} but becomes ${next?.type}`);
    });
  }

  private declare(
    name: string,
    size: number,
    role: ArrayRole,
    element: "f64" | "i32",
    data?: Float64Array | Int32Array,
  ): ArrayDeclaration {
    const array: ArrayDeclaration = { id: this.arrays.length, name, element, size, role, data };
    this.arrays.push(array);
    return array;
  }

  /** A write at `index`, or anywhere. */
  private touch(array: ArrayDeclaration, index?: Value): void {
    if (array.role === "input" || array.role === "constant")
      throw new InternalError(`write to ${array.role} array ${array.name}`);
    this.blocks.touch(array, index);
  }
}

function define(value: Value, definition: NonNullable<Value["definition"]>): void {
  (value as { definition?: Value["definition"] }).definition = definition;
}

/** How often a counted loop runs, where that is known. */
export function tripCount(from: Value, to: Value, step: number): number | undefined {
  if (from.constant === undefined || to.constant === undefined) return undefined;
  return Math.max(0, Math.ceil((to.constant - from.constant) / step));
}
