/**
 * exp and tanh on two lanes, to within 2 ulp, all special values included. The argument is reduced by a multiple k of ln 2, kept in
 * two parts so that the products are exact (Cody & Waite, "Software Manual for the Elementary Functions", 1980), which leaves
 * |r| <= ln(2) / 2; there e^r - 1 is its Taylor polynomial of degree 13, whose remainder is below a tenth of an ulp.
 */
import type { ScalarOperationName } from "../../program/operations/scalar.ts";
import { get, i32, set, tee, type Tree } from "./tree.ts";

/**
 * The functions by the operation they do; each is given the name it is to have. Their constants are read from memory (`offset`
 * of each from `$region`): engines make a vector constant anew at every use, by four instructions instead of one.
 */
export const vectorFunctions: Partial<Record<ScalarOperationName, (name: string, offset: (constant: number) => number) => Tree>> =
  {
    exp: (name, offset) => new Emitter(offset).exp(name),
    tanh: (name, offset) => new Emitter(offset).tanh(name),
  };

/** ln 2 to 32 bits, and the rest: k * LN2_HIGH is exact for |k| < 2^20 (fdlibm's split). */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
/** Added to a small number it leaves the nearest whole number in the lowest bits: 1.5 * 2^52. */
const ROUNDER = 6755399441055744;
/** 1023 as the bits of an f64. */
const EXPONENT_BIAS = 1023 * Number.MIN_VALUE;
/** e^x is Infinity above, and 0 below. */
const EXP_HIGH = 710;
const EXP_LOW = -746;
/** tanh x rounds to 1 above. */
const TANH_HIGH = 22;

const add = (a: Tree, b: Tree): Tree => ["f64x2.add", a, b];
const sub = (a: Tree, b: Tree): Tree => ["f64x2.sub", a, b];
const mul = (a: Tree, b: Tree): Tree => ["f64x2.mul", a, b];

const [base, x, k, r, r2, r4] = ["$base", "$x", "$k", "$r", "$r2", "$r4"];

function vectorFunction(name: string, locals: readonly string[], ...body: Tree[]): Tree {
  const declared = locals.map((local): Tree => ["local", local, "v128"]);
  return [
    "func",
    name,
    ["param", x, "v128"],
    ["result", "v128"],
    ["local", base, "i32"],
    ...declared,
    set(base, ["global.get", "$region"]),
    ...body,
  ];
}

class Emitter {
  constructor(private readonly offset: (constant: number) => number) {}

  private splat(constant: number): Tree {
    return ["v128.load64_splat", `offset=${this.offset(constant)}`, get(base)];
  }

  /** k = x / ln 2, rounded, as the lowest bits; r = x - k ln 2, by way of k as an f64. */
  private reduce(argument: Tree): Tree[] {
    return [
      set(x, argument),
      set(k, add(mul(get(x), this.splat(Math.LOG2E)), this.splat(ROUNDER))),
      set(r, sub(get(k), this.splat(ROUNDER))),
      set(r, sub(sub(get(x), mul(get(r), this.splat(LN2_HIGH))), mul(get(r), this.splat(LN2_LOW)))),
    ];
  }

  /** e^r - 1 - r = r^2 (1/2! + r/3! + ... + r^11/13!), in Estrin's order: fewer steps wait for one another. */
  private expm1Tail(): Tree {
    const coefficients: number[] = [];
    for (let n = 2, factorial = 2; n <= 13; factorial *= ++n) coefficients.push(1 / factorial);
    const pairs: Tree[] = [];
    for (let i = 0; i < 12; i += 2) pairs.push(add(this.splat(coefficients[i]), mul(get(r), this.splat(coefficients[i + 1]))));
    // The squares are made by the first that needs them: trees are evaluated from left to right.
    const first = add(pairs[0], mul(tee(r2, mul(get(r), get(r))), pairs[1]));
    const second = add(pairs[2], mul(get(r2), pairs[3]));
    const third = add(pairs[4], mul(get(r2), pairs[5]));
    const sum = add(first, mul(tee(r4, mul(get(r2), get(r2))), add(second, mul(get(r4), third))));
    return mul(sum, get(r2));
  }

  /** 2^n for whole numbers -1022 <= n <= 1023, in the lowest bits of what is given. */
  private powerOfTwo(n: Tree): Tree {
    return ["i64x2.shl", ["i64x2.add", n, this.splat(EXPONENT_BIAS)], i32(52)];
  }

  exp(name: string): Tree {
    const half = "$half";
    // `pmin` and `pmax` with x first pass on NaN.
    const clamped: Tree = ["f64x2.pmax", ["f64x2.pmin", get(x), this.splat(EXP_HIGH)], this.splat(EXP_LOW)];
    // 2^k in two factors: it may be out of range where the product is not.
    return vectorFunction(
      name,
      [k, r, r2, r4, half],
      ...this.reduce(clamped),
      set(r, add(add(get(r), this.expm1Tail()), this.splat(1))),
      set(half, ["i32x4.shr_s", get(k), i32(1)]),
      mul(mul(get(r), this.powerOfTwo(get(half))), this.powerOfTwo(["i64x2.sub", get(k), get(half)])),
    );
  }

  /**
   * tanh |x| = d / (d + 2) with d = e^(2|x|) - 1 = (2^k - 1) + 2^k (e^r - 1), which near zero is e^r - 1 itself. What rounding takes from
   * the sums e^r - 1, d and d + 2 is kept (Dekker, "A floating-point technique for extending the available precision", 1971) and
   * put back: t + (dLow - t sLow) / (d + 2), where 1 / (d + 2) = (1 - t) / 2.
   */
  tanh(name: string): Tree {
    const [sign, scale, tail, d, dLow, s, sLow] = ["$sign", "$scale", "$tail", "$d", "$dLow", "$s", "$sLow"];
    // What is missing from a sum, the larger term given first.
    const low = (large: Tree, small: Tree, sum: string): Tree => add(sub(large, get(sum)), small);
    return vectorFunction(
      name,
      [k, r, r2, r4, sign, scale, tail, d, dLow, s, sLow],
      set(sign, ["v128.and", get(x), this.splat(-0)]),
      set(x, ["f64x2.pmin", ["f64x2.abs", get(x)], this.splat(TANH_HIGH)]),
      ...this.reduce(add(get(x), get(x))),
      set(tail, this.expm1Tail()),
      set(x, add(get(r), get(tail))),
      set(scale, this.powerOfTwo(get(k))),
      set(dLow, mul(get(scale), low(get(r), get(tail), x))),
      set(x, mul(get(scale), get(x))),
      set(scale, sub(get(scale), this.splat(1))),
      set(d, add(get(scale), get(x))),
      set(dLow, add(get(dLow), low(get(scale), get(x), d))),
      set(s, add(this.splat(2), get(d))),
      set(sLow, add(low(["f64x2.pmax", this.splat(2), get(d)], ["f64x2.pmin", this.splat(2), get(d)], s), get(dLow))),
      set(x, ["f64x2.div", get(d), get(s)]),
      set(dLow, mul(sub(get(dLow), mul(get(x), get(sLow))), sub(this.splat(0.5), mul(this.splat(0.5), get(x))))),
      ["v128.or", add(get(x), get(dLow)), get(sign)],
    );
  }
}
