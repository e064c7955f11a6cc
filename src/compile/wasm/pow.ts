/**
 * x^y on two lanes, to within 2 ulp, with the special values of JavaScript's `**`. It is 2^(y log2 |x|): the logarithm, and its product
 * with y, are sums of two numbers, of which the first has 21 bits only, so that products of firsts are exact (Dekker, "A floating-point
 * technique for extending the available precision", 1971). With |x| = 2^k m, sqrt(1/2) <= m < sqrt(2), and s = (m - 1) / (m + 1),
 *
 *   log m = 2 artanh s = 2/3 s (3 + s^2 + 3/5 s^4 + 3/7 s^6 + ...)   (Abramowitz & Stegun, 4.1.27).
 */
import { get, i32, set, type Tree } from "./tree.ts";
import { add, and, k, mul, or, r, r2, r4, ROUNDER, sub, VectorEmitter, vectorFunction, x } from "./vector-function.ts";

/** 2 / (3 ln 2), by which s (3 + ...) gives log2 m, and ln 2: 21 bits, and the rest. */
const [LOG2_HIGH, LOG2_LOW] = [0.9617962837219238, 4.102040517767816e-7];
const [LN2_HIGH, LN2_LOW] = [0.6931467056274414, 4.7493250390316726e-7];
const SMALLEST_NORMAL = 2 ** -1022;
/** From here on a power of any number but 1 is 0 or Infinity. */
const LARGEST_EXPONENT = 2 ** 64;
/** 2^z is Infinity from here on, and 0 from the negative on. */
const LARGEST_RESULT = 1100;

const y = "$y";
/** |x| and its mantissa, s, firsts and rests of the logarithm and its product with y, the result. */
const [size, m, s, sh, sl, first, rest, log, logRest, e] = "size m s sh sl first rest log logRest e".split(" ").map(local);
const [half, mask, whole, tiny, exponent, unusual] = "half mask whole tiny exponent unusual".split(" ").map(local);

function local(name: string): string {
  return `$${name}`;
}

const compare = (relation: "eq" | "ne" | "lt" | "gt", a: Tree, b: Tree): Tree => [`f64x2.${relation}`, a, b];
const choose = (condition: Tree, a: Tree, b: Tree): Tree => ["v128.bitselect", a, b, condition];
const div = (a: Tree, b: Tree): Tree => ["f64x2.div", a, b];
const abs = (a: Tree): Tree => ["f64x2.abs", a];
const floor = (a: Tree): Tree => ["f64x2.floor", a];
/** The first 21 bits. */
const short = (a: Tree): Tree => and(a, ["v128.const", "i32x4", "0", "-1", "0", "-1"]);

export class PowerEmitter extends VectorEmitter {
  emit(name: string): Tree {
    return vectorFunction(
      name,
      [x, y],
      [k, r, r2, r4, size, m, s, sh, sl, first, rest, log, logRest, e, half, mask, whole, tiny, exponent, unusual],
      ...this.withoutWork(),
      ...this.prepared(),
      ...this.split(),
      ...this.logarithm(),
      ...this.timesExponent(),
      ...this.exponential(),
      ...this.corrected(),
      get(e),
    );
  }

  /** Exponents that are variables are often 1, and 0 in derivatives. */
  private withoutWork(): Tree[] {
    const isZero = compare("eq", get(y), this.splat(0));
    const isOther: Tree = ["v128.not", or(isZero, compare("eq", get(y), this.splat(1)))];
    return [["if", ["i32.eqz", ["v128.any_true", isOther]], ["then", ["return", choose(isZero, this.splat(1), get(x))]]]];
  }

  /** What is done to numbers that are not positive, normal, or not of a size that has a power. */
  private prepared(): Tree[] {
    const isUsual = and(
      and(["f64x2.ge", get(x), this.splat(SMALLEST_NORMAL)], compare("lt", get(x), this.splat(Infinity))),
      compare("lt", abs(get(y)), this.splat(LARGEST_EXPONENT)),
    );
    const fixes: Tree[] = [
      set(size, abs(get(x))),
      set(tiny, compare("lt", get(size), this.splat(SMALLEST_NORMAL))),
      set(size, choose(get(tiny), mul(get(size), this.splat(2 ** 54)), get(size))),
      set(tiny, and(get(tiny), this.splat(54))),
      set(exponent, this.clamped(get(y), -LARGEST_EXPONENT, LARGEST_EXPONENT)),
    ];
    return [
      set(size, get(x)),
      set(exponent, get(y)),
      set(unusual, ["v128.not", isUsual]),
      ["if", ["v128.any_true", get(unusual)], ["then", ...fixes]],
    ];
  }

  /** |x| = 2^k m. */
  private split(): Tree[] {
    return [
      // The bits of the exponent, counted from those of sqrt(1/2) on.
      set(k, ["i64x2.shr_s", ["i64x2.sub", get(size), this.splat(Math.SQRT1_2)], i32(52)]),
      set(m, ["i64x2.sub", get(size), ["i64x2.shl", get(k), i32(52)]]),
      set(k, sub(["i64x2.add", get(k), this.splat(ROUNDER)], this.splat(ROUNDER))),
      set(k, sub(get(k), get(tiny))),
    ];
  }

  /** log2 |x| = log + logRest. */
  private logarithm(): Tree[] {
    const one = this.splat(1);
    const three = this.splat(3);
    // 3/5 + 3/7 s^2 + ...; the term behind the last is below 2^-70.
    const coefficients = Array.from({ length: 12 }, (_, n) => 3 / (2 * n + 5));
    const square = mul(get(s), get(s));
    return [
      set(rest, div(one, add(get(m), one))),
      set(s, mul(sub(get(m), one), get(rest))),
      set(sh, short(get(s))),
      // s (m + 1) = m - 1, with both factors in two parts.
      set(first, short(add(get(m), one))),
      set(sl, sub(sub(get(m), one), mul(get(sh), get(first)))),
      set(sl, mul(sub(get(sl), mul(get(sh), sub(get(m), sub(get(first), one)))), get(rest))),
      // 3 + s^2 + r
      set(e, square),
      set(r, mul(mul(get(e), get(e)), this.estrin(get(e), coefficients))),
      set(r, add(get(r), mul(get(sl), add(get(sh), get(s))))),
      set(e, mul(get(sh), get(sh))),
      set(first, short(add(add(three, get(e)), get(r)))),
      set(rest, sub(get(r), sub(sub(get(first), three), get(e)))),
      // times s
      set(rest, add(mul(get(sl), get(first)), mul(get(rest), get(s)))),
      set(e, mul(get(sh), get(first))),
      set(first, short(add(get(e), get(rest)))),
      set(rest, sub(get(rest), sub(get(first), get(e)))),
      // times 2 / (3 ln 2), plus k
      set(rest, add(mul(get(first), this.splat(LOG2_LOW)), mul(get(rest), this.splat(LOG2_HIGH + LOG2_LOW)))),
      set(first, mul(get(first), this.splat(LOG2_HIGH))),
      set(log, short(add(add(get(first), get(rest)), get(k)))),
      set(logRest, sub(get(rest), sub(sub(get(log), get(k)), get(first)))),
    ];
  }

  /** y log2 |x| = first + rest, k of them the nearest whole number, in its lowest bits. */
  private timesExponent(): Tree[] {
    return [
      set(first, short(get(exponent))),
      set(rest, add(mul(sub(get(exponent), get(first)), get(log)), mul(get(exponent), get(logRest)))),
      set(first, mul(get(first), get(log))),
      set(s, add(get(first), get(rest))),
      set(m, this.clamped(get(s), -LARGEST_RESULT, LARGEST_RESULT)),
      set(mask, compare("eq", get(s), get(m))),
      set(first, choose(get(mask), get(first), get(m))),
      set(rest, and(get(mask), get(rest))),
      set(k, add(get(m), this.splat(ROUNDER))),
      set(first, sub(get(first), sub(get(k), this.splat(ROUNDER)))),
    ];
  }

  /** e = 2^k e^((first + rest) ln 2) */
  private exponential(): Tree[] {
    return [
      set(m, short(add(get(first), get(rest)))),
      set(rest, sub(get(rest), sub(get(m), get(first)))),
      set(rest, add(mul(get(rest), this.splat(Math.LN2)), mul(get(m), this.splat(LN2_LOW)))),
      set(m, mul(get(m), this.splat(LN2_HIGH))),
      set(r, add(get(m), get(rest))),
      set(rest, sub(get(rest), sub(get(r), get(m)))),
      set(e, add(this.expm1Tail(), add(get(rest), mul(get(rest), get(r))))),
      set(e, add(add(get(r), get(e)), this.splat(1))),
      ...this.scaled(e, half),
    ];
  }

  /** The special values; numbers that are positive and not too large have none. */
  private corrected(): Tree[] {
    const zero = this.splat(0);
    const infinity = this.splat(Infinity);
    const isZero = compare("eq", get(x), zero);
    const isInfinite = compare("eq", get(size), infinity);
    const half = floor(mul(get(y), this.splat(0.5)));
    const isOdd = and(get(whole), compare("ne", add(half, half), get(y)));
    // A mask is also NaN.
    const invalid = [
      and(["v128.andnot", compare("lt", get(x), zero), get(whole)], compare("ne", get(size), infinity)),
      and(compare("eq", get(size), this.splat(1)), compare("eq", abs(get(y)), infinity)),
      compare("ne", get(x), get(x)),
      compare("ne", get(y), get(y)),
    ];
    const turned = or(and(isInfinite, compare("gt", get(y), zero)), and(isZero, compare("lt", get(y), zero)));
    const fixes: Tree[] = [
      set(size, abs(get(x))),
      set(whole, compare("eq", floor(get(y)), get(y))),
      set(e, choose(or(isZero, isInfinite), and(turned, infinity), get(e))),
      set(e, or(get(e), and(and(get(x), this.splat(-0)), isOdd))),
      set(e, invalid.reduce(or, get(e))),
      set(e, choose(compare("eq", get(y), zero), this.splat(1), get(e))),
    ];
    return [["if", ["v128.any_true", get(unusual)], ["then", ...fixes]]];
  }
}
