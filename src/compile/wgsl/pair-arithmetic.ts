/**
 * Numbers as pairs of f32, the second being what the first leaves of the value: 48 bits, in which products, quotients and roots err by 2^-44 of
 * the result at most, and sums by that part of the larger number that is added (T. J. Dekker, "A floating-point technique for extending the available precision", Numer. Math. 18, 1971; M. Joldes, J.-M. Muller,
 * V. Popescu, "Tight and rigorous error bounds for basic building blocks of double-word arithmetic", ACM TOMS 44, 2017).
 *
 * All of it rests on what a sum or a product leaves when it is rounded, and WGSL allows its compilers to take that away: "An implementation may
 * reassociate operations" (specification, "Reassociation and Fusion"), by which b - ((a + b) - a) is 0. So what is rounded is held: its
 * bits go through an exclusive or with a zero that no compiler knows, since it comes from a buffer. Nothing can be moved, or fused,
 * across that.
 */
const SUMS = `
alias Pair = vec2<f32>;
var<private> nothing: u32;
fn hold(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) ^ nothing); }
fn sharedPair(at: i32) -> Pair { return Pair(bitcast<f32>(common_[at]), bitcast<f32>(common_[at + 1])); }
fn ordered(a: f32, b: f32) -> Pair {
  let s = hold(a + b);
  return Pair(s, hold(b - hold(s - a)));
}
fn twoSum(a: f32, b: f32) -> Pair {
  let isLess = abs(a) < abs(b);
  return ordered(select(a, b, isLess), select(b, a, isLess));
}
fn settled(x: f32, rest: f32) -> Pair {
  let s = hold(x + rest);
  let isReal = isFinite(s);
  return Pair(select(x, s, isReal), select(0.0, rest - hold(s - x), isReal));
}
fn plus(a: Pair, b: Pair) -> Pair {
  let s = twoSum(a.x, b.x);
  return select(Pair(s.x, 0.0), ordered(s.x, hold(s.y + (a.y + b.y))), isFinite(s.x));
}
fn minus(a: Pair, b: Pair) -> Pair { return plus(a, -b); }
fn times(a: Pair, b: Pair) -> Pair {
  let p = twoProduct(a.x, b.x);
  return settled(p.x, p.y + (a.x * b.y + a.y * b.x));
}
fn timesSingle(a: Pair, b: f32) -> Pair {
  let p = twoProduct(a.x, b);
  return settled(p.x, p.y + a.y * b);
}
fn over(a: Pair, b: Pair) -> Pair {
  let q = hold(a.x / b.x);
  if (!isFinite(q) || !isFinite(b.x)) { return Pair(q, 0.0); }
  let r = minus(a, timesSingle(b, q));
  let second = hold(r.x / b.x);
  let third = minus(r, timesSingle(b, second)).x / b.x;
  let both = ordered(q, second);
  return settled(both.x, both.y + third);
}
fn squareRoot(a: Pair) -> Pair {
  if (!(a.x > 0.0) || !isFinite(a.x)) { return Pair(select(sqrt(a.x), undefined(), a.x < 0.0), 0.0); }
  let y = hold(sqrt(a.x));
  let first = ordered(y, hold(minus(a, twoProduct(y, y)).x / (2.0 * y)));
  return settled(first.x, first.y + minus(a, times(first, first)).x / (2.0 * y));
}
`;

/** What a product leaves, by one fused multiplication and addition: the device's must be one. */
const FUSED = `
fn twoProduct(a: f32, b: f32) -> Pair {
  let p = hold(a * b);
  return Pair(p, hold(fma(a, b, -p)));
}
`;

/** The same from halves of twelve bits, cut off by their bits: each of the sums is exact, in this order. */
const SPLIT = `
fn upper(x: f32) -> f32 { return bitcast<f32>(bitcast<u32>(x) & 0xfffff000u); }
fn twoProduct(a: f32, b: f32) -> Pair {
  let p = hold(a * b);
  let c = upper(a);
  let d = upper(b);
  let e = hold(a - c);
  let f = hold(b - d);
  return Pair(p, hold(hold(hold(hold(c * d - p) + c * f) + e * d) + e * f));
}
`;

export const ARITHMETIC = { fused: SUMS + FUSED, split: SUMS + SPLIT } as const;
