/**
 * exp and tanh (and x^y, see pow.ts) on two lanes, to within 2 ulp, all special values included. The argument is reduced by a multiple k of ln 2, kept in
 * two parts so that the products are exact (Cody & Waite, "Software Manual for the Elementary Functions", 1980); what is left is
 * so small that a Taylor polynomial's remainder is below a tenth of an ulp.
 */
import type { ScalarOperationName } from "../../ir/scalar-operations.ts";
import { PowerEmitter } from "./pow.ts";
import { get, i32, set, type Tree } from "./tree.ts";
import {
  add,
  type ConstantOffset,
  k,
  mul,
  r,
  r2,
  r4,
  ROUNDER,
  sub,
  VectorEmitter,
  vectorFunction,
  x,
} from "./vector-function.ts";

/** The functions by the operation they do; each is given the name it is to have, and where its constants lie, if in memory. */
export const vectorFunctions: Partial<Record<ScalarOperationName, (name: string, offset: ConstantOffset | undefined) => Tree>> = {
  exp: (name, offset) => new Emitter(offset).exp(name),
  tanh: (name, offset) => new Emitter(offset).tanh(name),
  pow: (name, offset) => new PowerEmitter(offset).emit(name),
};

/** ln 2 to 32 bits, and the rest: k * LN2_HIGH is exact for |k| < 2^20 (fdlibm's split). */
const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
/** e^x is Infinity above, and 0 below. */
const EXP_HIGH = 710;
const EXP_LOW = -746;
/** tanh x rounds to 1 above. */
const TANH_HIGH = 22;
/** Coefficients of r coth r by even powers: 2^(2n) B_2n / (2n)!, with Bernoulli's numbers (Abramowitz & Stegun, 4.5.67). */
const COTH = [1 / 3, -1 / 45, 2 / 945, -1 / 4725, 2 / 93555, -1382 / 638512875, 4 / 18243225, -3617 / 162820783125];

class Emitter extends VectorEmitter {
  /** k = x / ln 2, rounded, as the lowest bits; r = x - k ln 2, by way of k as an f64. */
  private reduce(argument: Tree): Tree[] {
    return [
      set(x, argument),
      set(k, add(mul(get(x), this.splat(Math.LOG2E)), this.splat(ROUNDER))),
      set(r, sub(get(k), this.splat(ROUNDER))),
      set(r, sub(sub(get(x), mul(get(r), this.splat(LN2_HIGH))), mul(get(r), this.splat(LN2_LOW)))),
    ];
  }

  exp(name: string): Tree {
    const half = "$half";
    return vectorFunction(
      name,
      [x],
      [k, r, r2, r4, half],
      ...this.reduce(this.clamped(get(x), EXP_LOW, EXP_HIGH)),
      set(r, add(add(get(r), this.expm1Tail()), this.splat(1))),
      ...this.scaled(r, half),
      get(r),
    );
  }

  /**
   * With 2 |x| = k ln 2 + 2 r, 0 <= 2 r < ln 2, and c = r coth r, e^(2 |x|) is 2^k (c + r) / (c - r), and so
   *
   *   tanh |x| = ((2^k - 1) c + (2^k + 1) r) / ((2^k + 1) c + (2^k - 1) r),
   *
   * sums of what is not negative: no digits cancel, near zero neither, where k = 0 and this is r / c. What rounding takes from either
   * sum is kept (Dekker, "A floating-point technique for extending the available precision", 1971) and put back.
   */
  tanh(name: string): Tree {
    const [sign, less, more, tail] = ["$sign", "$less", "$more", "$tail"];
    const [p, pRest, q, qRest] = ["$p", "$pRest", "$q", "$qRest"];
    /** sum = one c + other r, and its rest. */
    const sum = (total: string, rest: string, one: string, other: string): Tree[] => [
      set(rest, add(mul(get(tail), get(one)), mul(get(r), get(other)))),
      set(total, add(get(one), get(rest))),
      set(rest, add(sub(get(one), get(total)), get(rest))),
    ];
    return vectorFunction(
      name,
      [x],
      [k, r, r2, r4, sign, less, more, tail, p, pRest, q, qRest],
      set(sign, ["v128.and", get(x), this.splat(-0)]),
      set(x, ["f64x2.pmin", ["f64x2.abs", get(x)], this.splat(TANH_HIGH)]),
      set(k, ["f64x2.floor", mul(get(x), this.splat(2 * Math.LOG2E))]),
      set(r, sub(sub(get(x), mul(get(k), this.splat(LN2_HIGH / 2))), mul(get(k), this.splat(LN2_LOW / 2)))),
      set(tail, this.cothTail()),
      // 2^k: the lowest bits of the sum are k + 1023.
      set(k, ["i64x2.shl", add(get(k), this.splat(ROUNDER + 1023)), i32(52)]),
      set(less, sub(get(k), this.splat(1))),
      set(more, add(get(k), this.splat(1))),
      ...sum(p, pRest, less, more),
      ...sum(q, qRest, more, less),
      set(x, ["f64x2.div", get(p), get(q)]),
      set(x, add(get(x), ["f64x2.div", sub(get(pRest), mul(get(x), get(qRest))), get(q)])),
      ["v128.or", get(x), get(sign)],
    );
  }

  /** r coth r - 1 = r^2 / 3 - r^4 / 45 + ..., the Taylor polynomial of degree 16 (r < 0.35), in Estrin's order. */
  private cothTail(): Tree {
    const pairs = [0, 2, 4, 6].map((i) => add(this.splat(COTH[i]), mul(get(r2), this.splat(COTH[i + 1]))));
    const [low, high] = [0, 2].map((i) => add(pairs[i], mul(get(r4), pairs[i + 1])));
    const squares = [set(r2, mul(get(r), get(r))), set(r4, mul(get(r2), get(r2)))];
    return ["block", ["result", "v128"], ...squares, mul(get(r2), add(low, mul(mul(get(r4), get(r4)), high)))];
  }
}
