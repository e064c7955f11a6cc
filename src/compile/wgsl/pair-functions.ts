/**
 * Elementary functions of pairs of f32: series of Taylor, of which the terms that are small beside the first are summed in f32, and steps of Newton
 * from what the functions of f32 give.
 */
import { pairLiteral } from "./pair-literal.ts";

/** sum of c[k] z^k in pairs, the last coefficient being followed by what of the series is summed in f32. */
function series(name: string, pairs: readonly number[], singles: readonly number[]): string {
  const tail = singles.reduceRight((sum, c) => (sum === "" ? `${c}` : `${c} + z.x * (${sum})`), "");
  const steps = [...pairs].reverse().map((c, k) => {
    const rest = k === 0 ? `Pair(z.x * (${tail}), 0.0)` : "times(z, sum)";
    return `  sum = plus(${pairLiteral(c)}, ${rest});`;
  });
  return `fn ${name}(z: Pair) -> Pair {\n  var sum = Pair(0.0, 0.0);\n${steps.join("\n")}\n  return sum;\n}`;
}

const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, k) => from + k);

const exponential = (k: number): number => 1 / factorial(k + 1);
const sine = (k: number): number => (-1) ** k / factorial(2 * k + 1);
const cosine = (k: number): number => (-1) ** k / factorial(2 * k);
const areaTangent = (k: number): number => 1 / (2 * k + 1);

/** log 2 in three parts, and pi/2 in three: products of the first two of log 2 with exponents are exact. */
const LOG2 = ["0.693145751953125", "0.0000014285906217992305755615234375", pairLiteral(1.619851018665656e-11)] as const;
const QUARTER = [
  "1.57079637050628662109375",
  "-4.371138828673792886547744274139404296875e-8",
  pairLiteral(-1.7151244994428829e-15),
] as const;

export const PAIR_FUNCTIONS = `
${series("exponentialSeries", range(0, 3).map(exponential), range(4, 7).map(exponential))}
${series("sineSeries", range(0, 4).map(sine), range(5, 8).map(sine))}
${series("cosineSeries", range(0, 4).map(cosine), range(5, 8).map(cosine))}
${series("areaTangentSeries", range(0, 4).map(areaTangent), range(5, 10).map(areaTangent))}
fn isLess(a: Pair, b: Pair) -> bool { return a.x < b.x || (a.x == b.x && a.y < b.y); }
fn isAtMost(a: Pair, b: Pair) -> bool { return a.x < b.x || (a.x == b.x && a.y <= b.y); }
fn isSame(a: Pair, b: Pair) -> bool { return a.x == b.x && a.y == b.y; }
fn largerPair(a: Pair, b: Pair) -> Pair { return select(Pair(undefined(), 0.0), select(a, b, isLess(a, b)), isNumber(a.x) && isNumber(b.x)); }
fn smallerPair(a: Pair, b: Pair) -> Pair { return select(Pair(undefined(), 0.0), select(a, b, isLess(b, a)), isNumber(a.x) && isNumber(b.x)); }
fn absolute(a: Pair) -> Pair { return select(a, -a, a.x < 0.0); }
fn floored(a: Pair) -> Pair {
  let whole = floor(a.x);
  if (whole != a.x) { return Pair(whole, 0.0); }
  return ordered(whole, floor(a.y));
}
fn truncated(a: Pair) -> Pair { return select(floored(a), -floored(-a), a.x < 0.0); }
fn ofWhole(i: i32) -> Pair { return ordered(f32(i & -65536), f32(i & 65535)); }
fn toWhole(a: Pair) -> i32 {
  let t = truncated(a);
  return i32(t.x) + i32(t.y);
}
fn remainder(a: Pair, b: Pair) -> Pair {
  if (b.x == 0.0 || !isFinite(a.x) || !isNumber(b.x)) { return Pair(undefined(), 0.0); }
  if (!isFinite(b.x)) { return a; }
  let y = absolute(b);
  let x = absolute(a);
  var r = minus(x, times(truncated(over(x, y)), y));
  if (r.x < 0.0) { r = plus(r, y); }
  if (isAtMost(y, r)) { r = minus(r, y); }
  return select(r, -r, a.x < 0.0);
}
fn powerOfTwo(k: i32) -> f32 { return bitcast<f32>(u32(clamp(k, -126, 127) + 127) << 23u); }
fn scaled(a: Pair, k: i32) -> Pair {
  let half = k / 2;
  let first = a * powerOfTwo(half);
  return Pair(hold(first.x), hold(first.y)) * powerOfTwo(k - half);
}
fn exponentOf(x: f32) -> i32 { return i32((bitcast<u32>(x) >> 23u) & 255u) - 127; }
fn lessOne(r: Pair) -> Pair {
  let small = r * 0.0625;
  var e = times(small, exponentialSeries(small));
  for (var i = 0; i < 4; i++) { e = plus(e * 2.0, times(e, e)); }
  return e;
}
fn logTwos(k: f32) -> Pair { return plus(Pair(k * ${LOG2[0]}, 0.0), plus(Pair(k * ${LOG2[1]}, 0.0), timesSingle(${LOG2[2]}, k))); }
fn exponential(a: Pair) -> Pair {
  if (a.x > 88.8) { return Pair(infinity(), 0.0); }
  if (a.x < -104.0) { return Pair(0.0, 0.0); }
  if (!isNumber(a.x)) { return a; }
  let k = round(a.x * 1.44269504);
  let first = minus(minus(a, Pair(k * ${LOG2[0]}, 0.0)), Pair(k * ${LOG2[1]}, 0.0));
  let r = minus(first, timesSingle(${LOG2[2]}, k));
  return scaled(plus(Pair(1.0, 0.0), lessOne(r)), i32(k));
}
fn exponentialLessOne(a: Pair) -> Pair {
  if (abs(a.x) < 0.34) { return lessOne(a); }
  return minus(exponential(a), Pair(1.0, 0.0));
}
fn logOfRatio(difference: Pair, sum: Pair) -> Pair {
  let s = over(difference, sum);
  return times(s, areaTangentSeries(times(s, s))) * 2.0;
}
fn logarithmOf(a: Pair) -> Pair {
  if (!(a.x > 0.0)) { return Pair(select(undefined(), -infinity(), a.x == 0.0), 0.0); }
  if (!isFinite(a.x)) { return a; }
  let e = exponentOf(a.x);
  let k = select(e, e + 1, scaled(a, -e).x > 1.41421356);
  let m = scaled(a, -k);
  let one = Pair(1.0, 0.0);
  let log = logOfRatio(minus(m, one), plus(m, one));
  if (k == 0) { return log; }
  return plus(logTwos(f32(k)), log);
}
fn logarithmOfOneAnd(a: Pair) -> Pair {
  if (a.x > -0.29 && a.x < 0.41) { return logOfRatio(a, plus(a, Pair(2.0, 0.0))); }
  return logarithmOf(plus(a, Pair(1.0, 0.0)));
}
fn sineAndCosine(a: Pair) -> vec4<f32> {
  let k = round(a.x * 0.63661977);
  let first = minus(minus(a, twoProduct(k, ${QUARTER[0]})), twoProduct(k, ${QUARTER[1]}));
  let r = minus(first, timesSingle(${QUARTER[2]}, k));
  let z = times(r, r);
  let s = times(r, sineSeries(z));
  let c = cosineSeries(z);
  let quadrant = i32(k) & 3;
  let isOdd = (quadrant & 1) == 1;
  let sine = select(s, c, isOdd);
  let cosine = select(c, s, isOdd);
  return vec4<f32>(select(sine, -sine, quadrant >= 2), select(cosine, -cosine, quadrant == 1 || quadrant == 2));
}
fn tangentOf(a: Pair) -> Pair {
  let both = sineAndCosine(a);
  return over(both.xy, both.zw);
}
fn angle(y: Pair, x: Pair) -> Pair {
  let near = arcTangent2(y.x, x.x);
  let largest = max(abs(x.x), abs(y.x));
  if (largest == 0.0 || !isFinite(largest)) { return Pair(near, 0.0); }
  let k = -exponentOf(largest);
  let v = scaled(y, k);
  let u = scaled(x, k);
  let both = sineAndCosine(Pair(near, 0.0));
  let off = over(minus(times(v, both.zw), times(u, both.xy)), plus(times(u, both.zw), times(v, both.xy)));
  return plus(Pair(near, 0.0), off);
}
fn legOf(a: Pair) -> Pair {
  let one = Pair(1.0, 0.0);
  return squareRoot(times(minus(one, a), plus(one, a)));
}
fn arcSineOf(a: Pair) -> Pair { return angle(a, legOf(a)); }
fn arcCosineOf(a: Pair) -> Pair { return angle(legOf(a), a); }
fn hypotenuse(a: Pair, b: Pair) -> Pair {
  let largest = max(abs(a.x), abs(b.x));
  if (largest == 0.0 || !isFinite(largest)) { return Pair(largest, 0.0); }
  let k = -exponentOf(largest);
  let u = scaled(a, k);
  let v = scaled(b, k);
  return scaled(squareRoot(plus(times(u, u), times(v, v))), -k);
}
fn thirdRoot(a: Pair) -> Pair {
  if (a.x == 0.0 || !isFinite(a.x)) { return a; }
  var y = Pair(cubeRoot(a.x), 0.0);
  for (var i = 0; i < 2; i++) {
    let square = times(y, y);
    y = plus(y, over(minus(a, times(square, y)), square * 3.0));
  }
  return y;
}
fn powerOf(a: Pair, b: Pair) -> Pair {
  let one = Pair(1.0, 0.0);
  if (b.x == 0.0) { return one; }
  let isWhole = floor(b.x) == b.x && floor(b.y) == b.y;
  if (isWhole && abs(b.x) <= 1024.0) {
    var result = one;
    var factor = a;
    if (b.x < 0.0) { factor = over(one, a); }
    for (var n = u32(abs(b.x)); n > 0u; n = n >> 1u) {
      if ((n & 1u) == 1u) { result = times(result, factor); }
      factor = times(factor, factor);
    }
    return result;
  }
  if (a.x == 0.0) { return Pair(select(0.0, infinity(), b.x < 0.0), 0.0); }
  if (a.x < 0.0 && !isWhole) { return Pair(undefined(), 0.0); }
  let magnitude = exponential(times(b, logarithmOf(absolute(a))));
  let half = b * 0.5;
  let isOdd = a.x < 0.0 && !isSame(floored(half), half);
  return select(magnitude, -magnitude, isOdd);
}
fn hyperbolicSineOf(a: Pair) -> Pair {
  let e = exponentialLessOne(absolute(a));
  let s = plus(e, over(e, plus(e, Pair(1.0, 0.0)))) * 0.5;
  return select(s, -s, a.x < 0.0);
}
fn hyperbolicCosineOf(a: Pair) -> Pair {
  let e = exponential(absolute(a));
  return plus(e, over(Pair(1.0, 0.0), e)) * 0.5;
}
fn hyperbolicTangentOf(a: Pair) -> Pair {
  let e = exponentialLessOne(smallerPair(absolute(a), Pair(40.0, 0.0)) * -2.0);
  let t = over(-e, plus(e, Pair(2.0, 0.0)));
  return select(t, -t, a.x < 0.0);
}
fn areaSineOf(a: Pair) -> Pair {
  let x = absolute(a);
  let square = times(x, x);
  let one = Pair(1.0, 0.0);
  let s = logarithmOfOneAnd(plus(x, over(square, plus(one, squareRoot(plus(square, one))))));
  return select(s, -s, a.x < 0.0);
}
fn areaCosineOf(a: Pair) -> Pair {
  let d = minus(a, Pair(1.0, 0.0));
  return logarithmOfOneAnd(plus(d, squareRoot(times(d, plus(a, Pair(1.0, 0.0))))));
}
fn areaTangentOf(a: Pair) -> Pair {
  let one = Pair(1.0, 0.0);
  return logarithmOfOneAnd(over(a * 2.0, minus(one, a))) * 0.5;
}
`;
