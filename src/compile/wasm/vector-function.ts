/** What functions of two lanes are made of. */
import { get, i32, set, tee, type Tree } from "./tree.ts";

/** Added to a small number it leaves the nearest whole number in the lowest bits: 1.5 * 2^52. */
export const ROUNDER = 6755399441055744;
/** 1023 as the bits of an f64. */
const EXPONENT_BIAS = 1023 * Number.MIN_VALUE;

export const add = (a: Tree, b: Tree): Tree => ["f64x2.add", a, b];
export const sub = (a: Tree, b: Tree): Tree => ["f64x2.sub", a, b];
export const mul = (a: Tree, b: Tree): Tree => ["f64x2.mul", a, b];
export const and = (a: Tree, b: Tree): Tree => ["v128.and", a, b];
export const or = (a: Tree, b: Tree): Tree => ["v128.or", a, b];

/** Locals that most functions have. */
export const [x, k, r, r2, r4] = ["$x", "$k", "$r", "$r2", "$r4"];
const base = "$base";

export function vectorFunction(name: string, parameters: readonly string[], locals: readonly string[], ...body: Tree[]): Tree {
  return [
    "func",
    name,
    ...parameters.map((parameter): Tree => ["param", parameter, "v128"]),
    ["result", "v128"],
    ["local", base, "i32"],
    ...locals.map((local): Tree => ["local", local, "v128"]),
    set(base, ["global.get", "$region"]),
    ...body,
  ];
}

/** Offset of a constant from `$region`. */
export type ConstantOffset = (constant: number) => number;

export class VectorEmitter {
  /**
   * With `offset` constants are read from memory: engines make a vector constant anew at every use, by four instructions instead of one.
   * Modules without memory of their own have them in their code.
   */
  constructor(private readonly offset: ConstantOffset | undefined) {}

  protected splat(constant: number): Tree {
    if (!this.offset) return ["f64x2.splat", ["f64.const", constant]];
    return ["v128.load64_splat", `offset=${this.offset(constant)}`, get(base)];
  }

  /** `pmin` and `pmax` with the number first pass on NaN. */
  protected clamped(number: Tree, low: number, high: number): Tree {
    return ["f64x2.pmax", ["f64x2.pmin", number, this.splat(high)], this.splat(low)];
  }

  /** e^r - 1 - r = r^2 (1/2! + r/3! + ... + r^11/13!), |r| <= ln(2) / 2, in Estrin's order: fewer steps wait for one another. */
  protected expm1Tail(): Tree {
    const coefficients: number[] = [];
    for (let n = 2, factorial = 2; n <= 13; factorial *= ++n) coefficients.push(1 / factorial);
    return mul(this.estrin(get(r), coefficients), get(r2));
  }

  /** A polynomial of 12 coefficients, the constant first. Leaves the square and the fourth power of its argument in r2 and r4. */
  protected estrin(argument: Tree, coefficients: readonly number[]): Tree {
    const pairs: Tree[] = [];
    for (let i = 0; i < 12; i += 2) pairs.push(add(this.splat(coefficients[i]), mul(argument, this.splat(coefficients[i + 1]))));
    // The squares are made by the first that needs them: trees are evaluated from left to right.
    const first = add(pairs[0], mul(tee(r2, mul(argument, argument)), pairs[1]));
    const second = add(pairs[2], mul(get(r2), pairs[3]));
    const third = add(pairs[4], mul(get(r2), pairs[5]));
    return add(first, mul(tee(r4, mul(get(r2), get(r2))), add(second, mul(get(r4), third))));
  }

  /** 2^n for whole numbers -1022 <= n <= 1023, in the lowest bits of what is given. */
  private powerOfTwo(n: Tree): Tree {
    return ["i64x2.shl", ["i64x2.add", n, this.splat(EXPONENT_BIAS)], i32(52)];
  }

  /** A local times 2^k, k in the lowest bits, in two factors: 2^k may be out of range where the product is not. */
  protected scaled(local: string, half: string): Tree[] {
    return [
      set(half, ["i32x4.shr_s", get(k), i32(1)]),
      set(local, mul(get(local), this.powerOfTwo(get(half)))),
      set(local, mul(get(local), this.powerOfTwo(["i64x2.sub", get(k), get(half)]))),
    ];
  }
}
