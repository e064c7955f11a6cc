/**
 * exp and tanh on two lanes, to within 2 ulp, all special values included. The argument is reduced by a multiple k of ln 2, kept in
 * two parts so that the products are exact (Cody & Waite, "Software Manual for the Elementary Functions", 1980), which leaves
 * |r| <= ln(2) / 2; there e^r - 1 is its Taylor polynomial of degree 13, whose remainder is below a tenth of an ulp.
 */
import type { ScalarOperationName } from "../../program/operations/scalar.ts";
import { get, i32, set, tee, type Tree } from "./tree.ts";

/** The functions by the operation they do; each is given the name it is to have. */
export const vectorFunctions: Partial<Record<ScalarOperationName, (name: string) => Tree>> = { exp, tanh };

/** ln 2 to 32 bits, and the rest: k * LN2_HIGH is exact for |k| < 2^20 (fdlibm's split). */
const LN2_HIGH = 6.93147180369123816490e-1;
const LN2_LOW = 1.90821492927058770002e-10;
/** e^x is Infinity above, and 0 below. */
const EXP_HIGH = 710;
const EXP_LOW = -746;
/** tanh x rounds to 1 above. */
const TANH_HIGH = 22;

const splat = (x: number): Tree => ["v128.const", "f64x2", x, x];
const add = (a: Tree, b: Tree): Tree => ["f64x2.add", a, b];
const sub = (a: Tree, b: Tree): Tree => ["f64x2.sub", a, b];
const mul = (a: Tree, b: Tree): Tree => ["f64x2.mul", a, b];

const [x, k, r, r2, r4] = ["$x", "$k", "$r", "$r2", "$r4"];

function vectorFunction(name: string, locals: readonly string[], ...body: Tree[]): Tree {
  return ["func", name, ["param", x, "v128"], ["result", "v128"], ...locals.map((local): Tree => ["local", local, "v128"]), ...body];
}

/** k = x / ln 2, rounded; r = x - k ln 2. */
function reduce(argument: Tree): Tree[] {
  return [
    set(x, argument),
    set(k, ["f64x2.nearest", mul(get(x), splat(Math.LOG2E))]),
    set(r, sub(sub(get(x), mul(get(k), splat(LN2_HIGH))), mul(get(k), splat(LN2_LOW)))),
  ];
}

/** e^r - 1 = r + r^2 (1/2! + r/3! + ... + r^11/13!), in Estrin's order: fewer steps wait for one another. */
function expm1OfReduced(): Tree {
  const coefficients: number[] = [];
  for (let n = 2, factorial = 2; n <= 13; factorial *= ++n) coefficients.push(1 / factorial);
  const pairs: Tree[] = [];
  for (let i = 0; i < 12; i += 2) pairs.push(add(splat(coefficients[i]), mul(get(r), splat(coefficients[i + 1]))));
  // The squares are made by the first that needs them: trees are evaluated from left to right.
  const first = add(pairs[0], mul(tee(r2, mul(get(r), get(r))), pairs[1]));
  const second = add(pairs[2], mul(get(r2), pairs[3]));
  const third = add(pairs[4], mul(get(r2), pairs[5]));
  const sum = add(first, mul(tee(r4, mul(get(r2), get(r2))), add(second, mul(get(r4), third))));
  return add(get(r), mul(sum, get(r2)));
}

/** 2^n for whole numbers n given as i32 lanes 0 and 1, -1022 <= n <= 1023. */
function powerOfTwo(n: Tree): Tree {
  return ["i64x2.shl", ["i64x2.extend_low_i32x4_s", ["i32x4.add", n, ["v128.const", "i32x4", "1023", "1023", "0", "0"]]], i32(52)];
}

function integer(value: Tree): Tree {
  return ["i32x4.trunc_sat_f64x2_s_zero", value];
}

function exp(name: string): Tree {
  const half = "$half";
  // `pmin` and `pmax` with x first pass on NaN.
  const clamped: Tree = ["f64x2.pmax", ["f64x2.pmin", get(x), splat(EXP_HIGH)], splat(EXP_LOW)];
  // 2^k in two factors: it may be out of range where the product is not.
  return vectorFunction(
    name,
    [k, r, r2, r4, half],
    ...reduce(clamped),
    set(r, add(expm1OfReduced(), splat(1))),
    set(half, ["i32x4.shr_s", tee(k, integer(get(k))), i32(1)]),
    mul(mul(get(r), powerOfTwo(get(half))), powerOfTwo(["i32x4.sub", get(k), get(half)])),
  );
}

/** tanh |x| = d / (d + 2) with d = e^(2|x|) - 1 = (2^k - 1) + 2^k (e^r - 1), which near zero is e^r - 1 itself. */
function tanh(name: string): Tree {
  const [sign, scale] = ["$sign", "$scale"];
  return vectorFunction(
    name,
    [k, r, r2, r4, sign, scale],
    set(sign, ["v128.and", get(x), splat(-0)]),
    set(x, ["f64x2.pmin", ["f64x2.abs", get(x)], splat(TANH_HIGH)]),
    ...reduce(add(get(x), get(x))),
    set(r, expm1OfReduced()),
    set(scale, powerOfTwo(integer(get(k)))),
    set(r, add(sub(get(scale), splat(1)), mul(get(scale), get(r)))),
    ["v128.or", ["f64x2.div", get(r), add(get(r), splat(2))], get(sign)],
  );
}
