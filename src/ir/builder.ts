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
import { KnownElements } from "./known-elements.ts";
import { fixedNumbers } from "./tables.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

interface Scope {
  readonly block: Block;
  /** What a loop's body computes from outside values alone may move before the loop; nothing moves out of a branch. */
  readonly isLoop: boolean;
  readonly shared: Map<string, Value>;
  readonly memory: KnownElements;
  readonly written: Set<ArrayDeclaration>;
}

/** A point of a block that is being built. */
export interface Mark {
  readonly instructions: number;
  readonly arrays: number;
}

/** Builds on at the end of a block that was already built. */
export type Continue = <T>(build: () => T) => T;

export class Builder implements RuleBuilder {
  private nextId = 0;
  private readonly scopes: Scope[] = [];
  private readonly depths = new Map<Value, number>();
  private readonly constants = new Map<string, Value>();
  private readonly parameters: Parameter[] = [];
  private readonly arrays: ArrayDeclaration[] = [];
  /** Given to the instructions made from now on. */
  source: SourceLocation | undefined;

  constructor(private readonly name: string) {
    this.open(false);
  }

  // Declarations

  scalarParameter(name: string, type: ScalarType = "f64", min = INT_MIN, max = INT_MAX): Value {
    const value = this.newValue(type, 0, min, max);
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
    const known = this.arrays.find((array) => array.data === data);
    return known ?? this.declare(name, data.length, "constant", data instanceof Int32Array ? "i32" : "f64", data);
  }

  // Scalars

  f64(constant: number): Value {
    return this.constant("f64", constant);
  }

  i32(constant: number): Value {
    return this.constant("i32", constant);
  }

  bool(constant: boolean): Value {
    return this.constant("bool", Number(constant));
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
      return this.constant(operation.result, folded);
    }
    const simpler = identity(this, name, args);
    if (simpler) return simpler;
    const key = `${name}(${args.map((arg) => arg.id).join()})`;
    const known = this.lookup(key);
    if (known) return known;
    const [min, max] = rangeOf(name, args);
    const level = this.levelFor(args);
    const result = this.newValue(operation.result, level, min, max);
    const instruction = { kind: "let", result, operation: name, args, source: this.source } as const;
    define(result, instruction);
    this.scopes[level].block.instructions.push(instruction);
    this.scopes[level].shared.set(key, result);
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
      return this.constant(array.element, numbers[index.constant!]);
    }
    const readOnly = array.role === "input" || array.role === "constant";
    const key = `${array.id}[${index.id}]`;
    const known = readOnly ? this.lookup(key) : this.top.memory.get(array, index);
    if (known) return known;
    // Out of its loop only where it is in bounds even if the loop never runs.
    const level = readOnly && index.min >= 0 && index.max < array.size ? this.levelFor([index]) : this.scopes.length - 1;
    const [min, max] = array.element === "i32" ? intervalOf(array) : [0, 0];
    const result = this.newValue(array.element, level, min, max);
    const instruction = { kind: "load", result, array, index, source: this.source } as const;
    define(result, instruction);
    this.scopes[level].block.instructions.push(instruction);
    if (readOnly) this.scopes[level].shared.set(key, result);
    else this.top.memory.set(array, index, result);
    return result;
  }

  store(array: ArrayDeclaration, index: Value, value: Value): void {
    this.touch(array, index);
    this.top.block.instructions.push({ kind: "store", array, index, value, source: this.source });
    this.top.memory.set(array, index, value);
  }

  accumulate(array: ArrayDeclaration, index: Value, value: Value): void {
    if (value.constant === 0) return;
    this.touch(array, index);
    this.top.block.instructions.push({ kind: "accumulate", array, index, value, source: this.source });
  }

  fill(array: ArrayDeclaration, value: Value): void {
    this.touch(array);
    this.top.block.instructions.push({ kind: "fill", array, value });
  }

  call(callee: Program | External, args: readonly (ArrayArgument | Value)[]): Value | undefined {
    const returns = "body" in callee ? callee.result : undefined;
    const result = returns && this.newValue(returns.type, this.scopes.length - 1, returns.min, returns.max);
    callee.parameters.forEach((parameter, i) => {
      const argument = args[i];
      if (parameter.kind === "array" && "array" in argument && parameter.array.role !== "input") this.touch(argument.array);
    });
    this.top.block.instructions.push({ kind: "call", callee, args, result });
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
    const thenScope = this.inner(false, then);
    const elseScope = this.inner(false, otherwise);
    const pairs = join(this.continue(thenScope), this.continue(elseScope));
    this.forget([...thenScope.written, ...elseScope.written]);
    for (const [a, b] of pairs) if (a.type !== b.type) throw new InternalError(`if: branches yield ${a.type} and ${b.type}`);
    if (isSpeculative(thenScope.block, elseScope.block)) return this.select(condition, thenScope, elseScope, pairs);
    const differing = pairs.filter(([a, b]) => a !== b);
    thenScope.block.yields = differing.map(([a]) => a);
    elseScope.block.yields = differing.map(([, b]) => b);
    const results = differing.map(([a, b]) =>
      this.newValue(a.type, this.scopes.length - 1, Math.min(a.min, b.min), Math.max(a.max, b.max)),
    );
    this.top.block.instructions.push({ kind: "if", condition, then: thenScope.block, else: elseScope.block, results, source });
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
    const depth = this.scopes.length;
    const [low, high] =
      step > 0
        ? [from.min, count === undefined ? to.max - 1 : from.constant! + (count - 1) * step]
        : [count === undefined ? to.min + 1 : from.constant! + (count - 1) * step, from.max];
    const index = this.newValue("i32", depth, low, Math.max(low, high));
    const carried = initial.map((value) => ({ phi: this.newValue(value.type, depth), initial: value }));
    const { block, written } = this.yielding(() =>
      body(
        index,
        carried.map((c) => c.phi),
      ),
    );
    this.forget(written);
    this.checkYields(carried, block);
    const results = carried.map((c) => this.newValue(c.phi.type, this.scopes.length - 1));
    const always = (i: number): Value | undefined =>
      count && block.yields[i].constant !== undefined ? block.yields[i] : undefined;
    this.top.block.instructions.push({ kind: "for", index, from, to, step, carried, body: block, results, mayNotEnd, source });
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
    const depth = this.scopes.length;
    const carried = initial.map((value, i) => ({
      phi: this.newValue(value.type, depth, ...(intervals[i] ?? [])),
      initial: value,
    }));
    const phis = carried.map((c) => c.phi);
    const test = this.yielding(() => [condition(phis)]);
    const turn = this.yielding(() => body(phis));
    this.forget([...test.written, ...turn.written]);
    this.checkYields(carried, turn.block);
    const results = carried.map((c, i) => this.newValue(c.phi.type, this.scopes.length - 1, ...(intervals[i] ?? [])));
    const blocks = { condition: test.block, body: turn.block };
    this.top.block.instructions.push({ kind: "while", carried, ...blocks, results, mayNotEnd, source });
    return results;
  }

  /** Where the open block stands. */
  mark(): Mark {
    return { instructions: this.top.block.instructions.length, arrays: this.arrays.length };
  }

  /** Were arrays written since that were there before? */
  hasWritten(since: Mark): boolean {
    const wrote = (array: ArrayDeclaration): boolean => array.id < since.arrays;
    for (const i of walk({ instructions: this.top.block.instructions.slice(since.instructions), yields: [] })) {
      if ((i.kind === "store" || i.kind === "accumulate" || i.kind === "fill") && wrote(i.array)) return true;
      if (i.kind === "call" && arraysOf(i).outputs.some(({ at }) => wrote(at.array))) return true;
    }
    return false;
  }

  /** Gives up what the open block was given since: it is to be built anew, and what it wrote not to be written twice. */
  giveUp({ instructions }: Mark): void {
    const { block, shared, memory } = this.top;
    const given = block.instructions.splice(instructions);
    const values = new Set(given.flatMap((i) => ("result" in i && i.result ? [i.result] : [])));
    for (const [key, value] of shared) if (values.has(value)) shared.delete(key);
    for (const i of walk({ instructions: given, yields: [] })) {
      if ("array" in i) memory.forget(i.array);
      if (i.kind === "call") for (const { at } of arraysOf(i).outputs) memory.forget(at.array);
    }
  }

  /** What an element of an array is known to hold here. */
  /** What an element of an array is known to hold here. */
  known(array: ArrayDeclaration, index: Value): Value | undefined {
    return this.top.memory.get(array, index);
  }

  finish(result?: Value): Program {
    if (this.scopes.length !== 1) throw new InternalError("finish: a block is still open");
    return { name: this.name, parameters: this.parameters, arrays: this.arrays, body: this.scopes[0].block, result };
  }

  // Within

  private get top(): Scope {
    return this.scopes[this.scopes.length - 1];
  }

  private open(isLoop: boolean): Scope {
    // A loop's body also sees what its earlier iterations wrote, so it starts knowing nothing.
    const memory = new KnownElements(isLoop || !this.scopes.length ? undefined : this.top.memory);
    const scope: Scope = { block: { instructions: [], yields: [] }, isLoop, shared: new Map(), memory, written: new Set() };
    this.scopes.push(scope);
    return scope;
  }

  /** Builds a block. One that `build` gives up with an exception leaves nothing but pure instructions moved out of it. */
  private inner(isLoop: boolean, build: () => void): Scope {
    const depth = this.scopes.length;
    const scope = this.open(isLoop);
    try {
      build();
    } finally {
      this.scopes.length = depth;
    }
    return scope;
  }

  private yielding(build: () => readonly Value[]): Scope {
    return this.inner(true, () => {
      this.top.block.yields = [...build()];
    });
  }

  private continue(scope: Scope): Continue {
    return (build) => {
      this.scopes.push(scope);
      try {
        return build();
      } finally {
        this.scopes.pop();
      }
    };
  }

  /** Both branches become part of the block around them. */
  private select(condition: Value, then: Scope, otherwise: Scope, pairs: readonly (readonly [Value, Value])[]): readonly Value[] {
    for (const scope of [then, otherwise]) {
      for (const instruction of scope.block.instructions) {
        this.top.block.instructions.push(instruction);
        if ("result" in instruction && instruction.result) this.depths.set(instruction.result, this.scopes.length - 1);
      }
      scope.shared.forEach((value, key) => this.top.shared.set(key, value));
    }
    return pairs.map(([a, b]) => this.operation(a.type === "f64" ? "select" : `${a.type}.select`, condition, a, b));
  }

  private checkYields(carried: readonly Carried[], block: Block): void {
    carried.forEach((c, i) => {
      const next = block.yields[i];
      if (next?.type !== c.phi.type)
        throw new InternalError(`loop: carried value ${i} is ${c.phi.type} but becomes ${next?.type}`);
    });
  }

  private newValue(type: ScalarType, depth: number, min = INT_MIN, max = INT_MAX): Value {
    const value: Value = { id: this.nextId++, type, min, max };
    this.depths.set(value, depth);
    return value;
  }

  private constant(type: ScalarType, constant: number): Value {
    const key = `${type}:${Object.is(constant, -0) ? "-0" : constant}`;
    let value = this.constants.get(key);
    if (!value) {
      value = { id: this.nextId++, type, constant, min: constant, max: constant };
      this.depths.set(value, 0);
      this.constants.set(key, value);
    }
    return value;
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

  private lookup(key: string): Value | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const value = this.scopes[i].shared.get(key);
      if (value) return value;
    }
    return undefined;
  }

  /** Right after a block was closed: may the value be used, or was it that block's own? */
  isInScope(value: Value): boolean {
    const depth = this.depths.get(value);
    return depth !== undefined && depth < this.scopes.length;
  }

  /** The outermost open block that may compute something of these arguments: out of loops, never out of a branch. */
  private levelFor(args: readonly Value[]): number {
    let needed = 0;
    for (const arg of args) {
      const depth = this.depths.get(arg);
      if (depth === undefined || depth >= this.scopes.length)
        throw new InternalError(`program ${this.name}: a value is used outside its block`);
      needed = Math.max(needed, depth);
    }
    let level = this.scopes.length - 1;
    while (level > needed && this.scopes[level].isLoop) level--;
    return level;
  }

  /** Drops what is known of the elements that a write at `index` (anywhere, without one) may change. */
  private touch(array: ArrayDeclaration, index?: Value): void {
    if (array.role === "input" || array.role === "constant")
      throw new InternalError(`write to ${array.role} array ${array.name}`);
    for (const scope of this.scopes) scope.written.add(array);
    if (index) this.top.memory.touch(array, index);
    else this.top.memory.forget(array);
  }

  private forget(arrays: Iterable<ArrayDeclaration>): void {
    for (const array of arrays) this.top.memory.forget(array);
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
