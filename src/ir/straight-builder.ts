/**
 * Makes straight pieces of programs, and keeps them simple while they are made: constants are folded, equal operations are shared, and
 * loads that follow a store of the same element take the stored value.
 */
import { InternalError } from "../core/errors.ts";
import type { SourceLocation } from "../core/source-location.ts";
import type { ArrayArgument, ArrayDeclaration, ArrayRole, External, Parameter, Program, ScalarType, Value } from "./ir.ts";
import { scalarOperations, type RuleBuilder, type ScalarOperationName } from "./scalar-operations.ts";
import { withSign } from "./minus-zero.ts";
import { intervalOf, rangeOf } from "./ranges.ts";
import { identity } from "./identities.ts";
import { fixedNumbers } from "./tables.ts";
import { OpenBlocks, type SharedKey } from "./open-blocks.ts";

const INT_MIN = -(2 ** 31);
const INT_MAX = 2 ** 31 - 1;

export class StraightBuilder implements RuleBuilder {
  protected readonly blocks: OpenBlocks;
  protected readonly parameters: Parameter[] = [];
  protected readonly arrays: ArrayDeclaration[] = [];
  /** Given to the instructions made from now on. */
  source: SourceLocation | undefined;

  constructor(protected readonly name: string) {
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
    const key = keyOf(name, args);
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

  /** What an element of an array is known to hold here. */
  available(array: ArrayDeclaration, index: Value): Value | undefined {
    return this.blocks.top.memory.get(array, index);
  }

  /** Right after a block was closed: may the value be used, or was it that block's own? */
  isInScope(value: Value): boolean {
    return this.blocks.isInScope(value);
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

/** The numbers of operations in keys, and the room that they and the ids of two arguments have there. */
const numbers = new Map(Object.keys(scalarOperations).map((name, i) => [name, i]));
const ROOM = 2 ** 22;

/** Programs are long: of what has one argument or two, a number. */
function keyOf(name: ScalarOperationName, args: readonly Value[]): SharedKey {
  const [x, y] = args;
  const second = y ? y.id + 1 : 0;
  if (args.length > 2 || x.id >= ROOM || second >= ROOM) return `${name}(${args.map((arg) => arg.id).join()})`;
  return (numbers.get(name)! * ROOM + x.id) * ROOM + second;
}
