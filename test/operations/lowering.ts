/** Runs an array operation as a compiled program, and as its plain function. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { joinArguments } from "../../src/operations/arguments.ts";
import { arrayOperations, type ArrayOperation, type Operand } from "../../src/operations/index.ts";
import { sizeOf } from "../../src/arrays/shape.ts";
import { wholeView } from "../../src/operations/view.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { Program, Value } from "../../src/ir/ir.ts";

export type Argument = number | number[] | NdArray<Float64Array>;

export interface Result {
  readonly shape: readonly number[];
  readonly data: number[];
}

/** The program of an operation on these arguments: arrays in their own memory order (strides kept), scalars as parameters. */
export function programOf(
  operation: ArrayOperation,
  args: readonly Argument[],
  options: readonly unknown[],
): { program: Program; shape: readonly number[] } {
  const b = new Builder(operation.name);
  const shapes = args.map((arg) => (typeof arg === "number" ? [] : Array.isArray(arg) ? [arg.length] : arg.shape));
  const shape = operation.resultShape(shapes, options);
  const output = b.arrayParameter("result", Math.max(1, sizeOf(shape)), "output");
  const operands = args.map((arg, i): Operand => {
    if (typeof arg === "number") return b.scalarParameter(`x${i}`);
    if (Array.isArray(arg)) return wholeView(b, b.arrayParameter(`x${i}`, arg.length, "input"), [arg.length]);
    return {
      array: b.arrayParameter(`x${i}`, arg.data.length, "input"),
      offset: b.i32(arg.offset),
      shape: arg.shape,
      strides: arg.stride,
    };
  });
  const scalar = shape.length === 0;
  const value: Value | void = operation.lower(b, operands, scalar ? undefined : wholeView(b, output, shape), options);
  if (scalar) b.store(output, b.i32(0), value!);
  return { program: b.finish(), shape };
}

export function runLowered(
  name: string,
  args: readonly Argument[],
  options: readonly unknown[] = [],
  target: Target = "wasm",
): Result {
  const { program, shape } = programOf(arrayOperations[name], args, options);
  const size = sizeOf(shape);
  const [result] = runProgram(program, [new Float64Array(Math.max(1, size)), ...args.map(dataOf)], target);
  return { shape, data: [...result].slice(0, size) };
}

/** Runs a program on numbers and arrays, one a parameter; returns its arrays as they are afterwards. */
export function runProgram(
  program: Program,
  args: readonly (number | ArrayLike<number>)[],
  target: Target = "wasm",
): Float64Array[] {
  const arena = new Arena();
  const addresses = args.map((arg) => (typeof arg === "number" ? arg : arena.reserve(arg.length)));
  const { run } = compile({ run: program }, arena, target).link();
  const memory = args.map((arg, i) => (typeof arg === "number" ? undefined : arena.f64(addresses[i], arg.length)));
  args.forEach((arg, i) => typeof arg !== "number" && memory[i]!.set(arg));
  run(...addresses);
  return memory.filter((array) => array !== undefined).map((array) => array.slice());
}

export function runPlain(name: string, args: readonly Argument[], options: readonly unknown[] = []): Result {
  const operation = arrayOperations[name];
  const call = operation.plain as (...args: readonly unknown[]) => NdArray<Float64Array> | number;
  const result = call(...joinArguments(operation, { operands: args, options }));
  return typeof result === "number" ? { shape: [], data: [result] } : { shape: result.shape, data: elements(result) };
}

/** Elements in row-major order. */
export function elements(array: NdArray<Float64Array>): number[] {
  const visit = (prefix: number[]): number[] =>
    prefix.length === array.shape.length
      ? [array.get(...prefix)]
      : Array.from({ length: array.shape[prefix.length] }, (_, i) => visit([...prefix, i])).flat();
  return visit([]);
}

export function matrix(rows: readonly (readonly number[])[]): NdArray<Float64Array> {
  return ndarray(new Float64Array(rows.flat()), [rows.length, rows[0].length]);
}

/** A number, or an array's elements in its own memory order. */
export function dataOf(arg: Argument): number | ArrayLike<number> {
  return typeof arg === "number" || Array.isArray(arg) ? arg : arg.data;
}
