/**
 * The library's array operations on arrays of traced numbers: their own lowering, carried out at once instead of being built
 * into a program.
 */
import { splitArguments } from "../../operations/arguments.ts";
import type { ArrayOperation } from "../../operations/index.ts";
import type { Operand, View } from "../../operations/view.ts";
import { ndarray } from "../../arrays/ndarray.ts";
import { rowMajor, sizeOf } from "../../arrays/shape.ts";
import { describe, isNdArray, isTypedArray } from "../../core/array-values.ts";
import { UnsupportedValue } from "../../core/errors.ts";
import { Builder } from "../../ir/builder.ts";
import { inline } from "../../ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, ScalarType, Value } from "../../ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { tape, Traced, type Numeric } from "../numbers/tape.ts";
import { binary, comparison, unary } from "../numbers/operations.ts";
import { Vector } from "./vector.ts";

/** A value whose number is known, traced or not. */
interface Known extends Value {
  readonly number: Numeric;
}

type Elements = Record<number, unknown> & ArrayLike<unknown>;

/** A builder that computes what it is told to build. Integers and conditions are never traced, so loops and branches run. */
class Execution extends Builder {
  private readonly memory = new Map<ArrayDeclaration, Elements>();

  /** Elements in memory, as an array of the program. */
  slot(name: string, data: Elements): ArrayDeclaration {
    const array: ArrayDeclaration = { id: this.memory.size, name, element: "f64", size: data.length, role: "local" };
    this.memory.set(array, data);
    return array;
  }

  override localArray(name: string, size: number, element: "f64" | "i32" = "f64"): ArrayDeclaration {
    const array = super.localArray(name, size, element);
    this.memory.set(array, new Array<unknown>(size).fill(0));
    return array;
  }

  override constantArray(name: string, data: Float64Array | Int32Array): ArrayDeclaration {
    const array = super.constantArray(name, data);
    this.memory.set(array, data);
    return array;
  }

  holding(type: ScalarType, number: Numeric): Known {
    const constant = typeof number === "number" ? number : undefined;
    return { id: -1, type, constant, min: constant ?? 0, max: constant ?? 0, number };
  }

  override f64(constant: number): Value {
    return this.holding("f64", constant);
  }

  override i32(constant: number): Value {
    return this.holding("i32", constant);
  }

  override bool(constant: boolean): Value {
    return this.holding("bool", Number(constant));
  }

  override operation(name: ScalarOperationName, ...args: Value[]): Value {
    const { result, value } = scalarOperations[name];
    const numbers = args.map((arg) => (arg as Known).number);
    if (numbers.every((number) => typeof number === "number")) return this.holding(result, value(...(numbers as number[])));
    const [x, y, z] = numbers;
    if (name === "select") return this.holding("f64", x ? y : z);
    if (result === "bool") return this.bool(comparison(name)(x, y));
    if (result === "i32") return this.i32(certain(unary(name)(x)));
    return this.holding(result, numbers.length === 1 ? unary(name)(x) : binary(name)(x, y));
  }

  override load(array: ArrayDeclaration, index: Value): Value {
    return this.holding(array.element, this.memory.get(array)![index.constant!] as Numeric);
  }

  override store(array: ArrayDeclaration, index: Value, value: Value): void {
    this.memory.get(array)![index.constant!] = (value as Known).number;
  }

  override accumulate(array: ArrayDeclaration, index: Value, value: Value): void {
    this.store(array, index, this.operation("add", this.load(array, index), value));
  }

  override fill(array: ArrayDeclaration, value: Value): void {
    for (let i = 0; i < array.size; i++) this.store(array, this.i32(i), value);
  }

  override for(
    from: Value,
    to: Value,
    step: number,
    initial: readonly Value[],
    body: (index: Value, carried: readonly Value[]) => readonly Value[],
  ): readonly Value[] {
    let carried = initial;
    for (let i = from.constant!; step > 0 ? i < to.constant! : i > to.constant!; i += step) carried = body(this.i32(i), carried);
    return carried;
  }

  override while(
    initial: readonly Value[],
    condition: (carried: readonly Value[]) => Value,
    body: (carried: readonly Value[]) => readonly Value[],
  ): readonly Value[] {
    let carried = initial;
    while (condition(carried).constant) carried = body(carried);
    return carried;
  }

  override call(callee: Program, args: readonly (ArrayArgument | Value)[]): Value | undefined {
    return inline(this, callee, args);
  }
}

/** An index that the function computed: what was recorded holds where it comes out the same. */
function certain(x: Numeric): number {
  return typeof x === "number" ? x : tape.pin(x);
}

/** The operation, for arguments that may hold traced numbers. */
export function traced(operation: ArrayOperation): (...args: unknown[]) => unknown {
  const { name } = operation;
  return (...args) => {
    const execution = new Execution(name);
    const { operands: given, options } = splitArguments(operation, args);
    const operands = given.map((value) => operandOf(execution, value, name));
    const shape = operation.resultShape(
      operands.map((operand) => ("shape" in operand ? operand.shape : [])),
      options,
    );
    if (shape.length === 0) return (operation.lower(execution, operands, undefined, options) as Known).number;
    const data = new Vector(sizeOf(shape));
    const result: View = { array: execution.slot(name, data), offset: execution.i32(0), shape, strides: rowMajor(shape) };
    operation.lower(execution, operands, result, options);
    return ndarray(data as unknown as Float64Array, shape);
  };
}

function operandOf(execution: Execution, value: unknown, name: string): Operand {
  if (typeof value === "number" || value instanceof Traced) return execution.holding("f64", value);
  if (isNdArray(value)) {
    const { data, shape, stride, offset } = value;
    return { array: execution.slot(name, data as Elements), offset: execution.i32(offset), shape, strides: stride };
  }
  if (Array.isArray(value) || isTypedArray(value)) {
    return { array: execution.slot(name, value as Elements), offset: execution.i32(0), shape: [value.length], strides: [1] };
  }
  throw new UnsupportedValue(
    `${name}: expected a number, a typed array, an array of numbers or an ndarray, got ${describe(value)}.`,
  );
}
