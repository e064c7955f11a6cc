/** Runs factorisations and solves as compiled programs. */
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Target } from "../../../src/compile/compile.ts";
import type { Program } from "../../../src/ir/ir.ts";

export const targets: readonly Target[] = ["javascript", "wasm"];

/** Numbers in [0, 1), the same in every run (the "mulberry32" generator). */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), 1 | state);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Programs {
  readonly factor: Program;
  readonly solve: Program;
  readonly solveTransposed: Program;
}

interface Sizes {
  readonly n: number;
  /** Numbers in the factors. */
  readonly size: number;
  /** What is factored in place; or, with `values` and `d`, what is formed from them. */
  readonly matrix?: Float64Array;
  readonly values?: Float64Array;
  readonly d?: number;
}

export interface Factored {
  readonly status: number;
  solve(right: ArrayLike<number>): number[];
  solveTransposed(right: ArrayLike<number>): number[];
}

export function factored(programs: Programs, sizes: Sizes, target: Target): Factored {
  const arena = new Arena();
  const { factor, solve, solveTransposed } = programs;
  const unit = compile({ factor, solve, solveTransposed }, arena, target);
  const factors = arena.reserve(sizes.size);
  const right = arena.reserve(sizes.n);
  const values = arena.reserve(sizes.values?.length ?? 0);
  const compiled = unit.link();
  let status: number;
  if (sizes.values) {
    arena.f64(values, sizes.values.length).set(sizes.values);
    status = compiled.factor(values, factors, sizes.d!);
  } else {
    arena.f64(factors, sizes.matrix!.length).set(sizes.matrix!);
    status = compiled.factor(factors);
  }
  const solving =
    (name: "solve" | "solveTransposed") =>
    (b: ArrayLike<number>): number[] => {
      const x = arena.f64(right, sizes.n);
      x.set(b);
      compiled[name](factors, right);
      return Array.from(x);
    };
  return { status, solve: solving("solve"), solveTransposed: solving("solveTransposed") };
}
