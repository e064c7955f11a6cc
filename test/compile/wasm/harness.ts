import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import type { Program } from "../../../src/ir/ir.ts";

export type Argument = ArrayLike<number> | number;

/** Calls a program whose parameters are arrays (copied in and out) and scalars. */
export function run(
  program: Program,
  args: readonly Argument[],
  target: Target = "wasm",
): { result: number; arrays: number[][] } {
  const arena = new Arena();
  const addresses = args.map((arg, i) => {
    const parameter = program.parameters[i];
    if (typeof arg === "number" || parameter.kind === "scalar") return arg as number;
    return arena.reserve(parameter.array.size, parameter.array.element);
  });
  const { main } = compile({ main: program }, arena, target).link();
  const views = args.flatMap((arg, i) => {
    const parameter = program.parameters[i];
    if (typeof arg === "number" || parameter.kind === "scalar") return [];
    const view = parameter.array.element === "f64" ? arena.f64(addresses[i], arg.length) : arena.i32(addresses[i], arg.length);
    view.set(arg);
    return [view];
  });
  const result = main(...addresses);
  return { result, arrays: views.map((view) => Array.from(view)) };
}

/** Numbers in [-2, 2), the same for the same seed (Numerical Recipes' generator). */
export function numbers(count: number, seed = 1): Float64Array {
  let state = seed;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 30 - 2;
  });
}
