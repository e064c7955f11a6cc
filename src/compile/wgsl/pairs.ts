/** Shaders in pairs of f32: about 14 digits. */
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { FUNCTIONS } from "./functions.ts";
import type { ShaderNumbers } from "./numbers.ts";
import { ARITHMETIC } from "./pair-arithmetic.ts";
import { PAIR_FUNCTIONS } from "./pair-functions.ts";
import { pairLiteral } from "./pair-literal.ts";

type Form = (...args: string[]) => string;

type OfWholeNumbers = Exclude<Extract<ScalarOperationName, `i32.${string}` | `bool.${string}`>, "i32.from_f64" | "i32.wrap_f64">;

const call = (name: string): Form => {
  return (...args) => `${name}(${args.join(", ")})`;
};

/** Those with a real number among their arguments or results: without a form of one this does not type-check. */
const forms: Record<Exclude<ScalarOperationName, OfWholeNumbers>, Form> = {
  add: call("plus"),
  sub: call("minus"),
  mul: call("times"),
  "mul.where": (c, x, y) => `select(Pair(0.0, 0.0), times(${x}, ${y}), ${c})`,
  div: call("over"),
  rem: call("remainder"),
  pow: call("powerOf"),
  neg: (x) => `(-${x})`,
  min: call("smallerPair"),
  max: call("largerPair"),
  abs: call("absolute"),
  sign: (x) => `Pair(sign(${x}.x), 0.0)`,
  floor: call("floored"),
  ceil: (x) => `(-floored(-${x}))`,
  trunc: call("truncated"),
  round: (x) => `floored(plus(${x}, Pair(0.5, 0.0)))`,
  fround: (x) => `Pair(${x}.x, 0.0)`,
  sqrt: call("squareRoot"),
  cbrt: call("thirdRoot"),
  exp: call("exponential"),
  expm1: call("exponentialLessOne"),
  log: call("logarithmOf"),
  log1p: call("logarithmOfOneAnd"),
  log2: (x) => `times(logarithmOf(${x}), ${pairLiteral(Math.LOG2E)})`,
  log10: (x) => `times(logarithmOf(${x}), ${pairLiteral(Math.LOG10E)})`,
  sin: (x) => `sineAndCosine(${x}).xy`,
  cos: (x) => `sineAndCosine(${x}).zw`,
  tan: call("tangentOf"),
  asin: call("arcSineOf"),
  acos: call("arcCosineOf"),
  atan: (x) => `angle(${x}, Pair(1.0, 0.0))`,
  atan2: call("angle"),
  hypot: call("hypotenuse"),
  sinh: call("hyperbolicSineOf"),
  cosh: call("hyperbolicCosineOf"),
  tanh: call("hyperbolicTangentOf"),
  asinh: call("areaSineOf"),
  acosh: call("areaCosineOf"),
  atanh: call("areaTangentOf"),
  finite: (x) => `isFinite(${x}.x)`,
  lt: call("isLess"),
  le: call("isAtMost"),
  gt: (a, b) => `isLess(${b}, ${a})`,
  ge: (a, b) => `isAtMost(${b}, ${a})`,
  eq: call("isSame"),
  ne: (a, b) => `(!isSame(${a}, ${b}))`,
  select: (c, a, b) => `select(${b}, ${a}, ${c})`,
  "f64.from_i32": call("ofWhole"),
  "i32.from_f64": call("toWhole"),
  "i32.wrap_f64": call("toWhole"),
};

function pairsBy(product: keyof typeof ARITHMETIC): ShaderNumbers {
  return {
    type: "Pair",
    words: 2,
    functions: FUNCTIONS + ARITHMETIC[product] + PAIR_FUNCTIONS,
    begin: ["  nothing = batch.nothing;"],
    literal: pairLiteral,
    operation: (name) => (name in forms ? forms[name as keyof typeof forms] : scalarOperations[name].wgsl),
    ofCommon: call("sharedPair"),
  };
}

/** What products leave by fused operations, and by halves of numbers where the device has none. */
export const pairs = { fused: pairsBy("fused"), split: pairsBy("split") } as const;
