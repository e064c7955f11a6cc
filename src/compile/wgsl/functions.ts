/**
 * Functions that WGSL lacks, defines for fewer arguments, or lets drivers compute to a few digits only (sine and cosine to 2^-11, the
 * arcs to 4096 ulp: WGSL specification, "Floating point accuracy"). Here they are good to a few ulp of f32. Polynomials are those
 * of S. L. Moshier, "Methods and Programs for Mathematical Functions", 1989 (Cephes, single precision). A float is never assumed to
 * be NaN or infinite by WGSL, so those are made from bits at run time, and known by their bits; of NaN and a number its own `max` and
 * `min` may give the number.
 */
export const FUNCTIONS = `
fn isFinite(x: f32) -> bool { return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u; }
fn isNumber(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) <= 0x7f800000u; }
fn larger(x: f32, y: f32) -> f32 { return select(undefined(), max(x, y), isNumber(x) && isNumber(y)); }
fn smaller(x: f32, y: f32) -> f32 { return select(undefined(), min(x, y), isNumber(x) && isNumber(y)); }
fn power(x: f32, y: f32) -> f32 {
  if (y == 0.0) { return 1.0; }
  if (x > 0.0) { return pow(x, y); }
  if (x == 0.0) { return select(0.0, infinity(), y < 0.0); }
  let magnitude = pow(-x, y);
  let whole = floor(y);
  if (whole != y) { return undefined(); }
  return select(magnitude, -magnitude, whole - 2.0 * floor(0.5 * whole) == 1.0);
}
fn expMinusOne(x: f32) -> f32 {
  if (abs(x) > 0.5) { return exp(x) - 1.0; }
  let z = x * x;
  return ((((1.9875691500e-4 * x + 1.3981999507e-3) * x + 8.3334519073e-3) * x + 4.1665795894e-2) * x + 1.6666665459e-1) * x * z
    + 0.5 * z + x;
}
fn logarithm(x: f32) -> f32 {
  if (x <= 0.0) { return select(undefined(), -infinity(), x == 0.0); }
  let split = frexp(x);
  let small = split.fract < 0.70710678;
  let e = f32(split.exp) - select(0.0, 1.0, small);
  let r = select(split.fract, 2.0 * split.fract, small) - 1.0;
  let z = r * r;
  var tail = 7.0376836292e-2 * r - 1.1514610310e-1;
  tail = (tail * r + 1.1676998740e-1) * r - 1.2420140846e-1;
  tail = (tail * r + 1.4249322787e-1) * r - 1.6668057665e-1;
  tail = ((tail * r + 2.0000714765e-1) * r - 2.4999993993e-1) * r + 3.3333331174e-1;
  return (r + ((tail * r * z - 2.12194440e-4 * e) - 0.5 * z)) + 0.693359375 * e;
}
fn logOnePlus(x: f32) -> f32 {
  let y = 1.0 + x;
  if (y == 1.0) { return x; }
  return logarithm(y) * (x / (y - 1.0));
}
fn sine(x: f32) -> f32 { return turned(x, 0); }
fn cosine(x: f32) -> f32 { return turned(x, 1); }
fn tangent(x: f32) -> f32 { return turned(x, 0) / turned(x, 1); }
fn turned(x: f32, quarters: i32) -> f32 {
  let k = round(x * 0.63661977);
  let r = ((x - k * 1.5703125) - k * 4.837512969970703e-4) - k * 7.54978995489188e-8;
  let z = r * r;
  let quadrant = (i32(k) + quarters) & 3;
  let even = ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z * r + r;
  let odd = ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z * z - 0.5 * z + 1.0;
  let magnitude = select(even, odd, (quadrant & 1) == 1);
  return select(magnitude, -magnitude, quadrant >= 2);
}
fn arcTangent(x: f32) -> f32 {
  let a = abs(x);
  let large = a > 2.414213562373095;
  let middle = a > 0.4142135623730950 && !large;
  let y = select(select(a, (a - 1.0) / (a + 1.0), middle), -1.0 / max(a, 1.0), large);
  let z = y * y;
  let base = select(select(0.0, 0.7853981633974483, middle), 1.5707963267948966, large);
  let arc = base + ((((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * y + y);
  return select(arc, -arc, x < 0.0);
}
fn arcTangent2(y: f32, x: f32) -> f32 {
  if (x == 0.0 && y == 0.0) { return 0.0; }
  if (abs(y) > abs(x)) { return select(-1.5707963267948966, 1.5707963267948966, y > 0.0) - arcTangent(x / y); }
  let arc = arcTangent(y / x);
  if (x > 0.0) { return arc; }
  return arc + select(-3.141592653589793, 3.141592653589793, y >= 0.0);
}
fn arcSine(x: f32) -> f32 {
  let a = abs(x);
  if (a > 1.0) { return undefined(); }
  let far = a > 0.5;
  let z = select(a * a, 0.5 * (1.0 - a), far);
  let y = select(a, sqrt(z), far);
  let p = ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z + 1.6666752422e-1) * z * y + y;
  let arc = select(p, 1.5707963267948966 - 2.0 * p, far);
  return select(arc, -arc, x < 0.0);
}
fn arcCosine(x: f32) -> f32 {
  if (x > 0.5) { return 2.0 * arcSine(sqrt(0.5 * (1.0 - x))); }
  return 1.5707963267948966 - arcSine(x);
}
fn hyperbolicSine(x: f32) -> f32 {
  let e = expMinusOne(abs(x));
  return sign(x) * 0.5 * (e + e / (e + 1.0));
}
fn hyperbolicTangent(x: f32) -> f32 {
  let e = expMinusOne(-2.0 * min(abs(x), 20.0));
  return sign(x) * -e / (e + 2.0);
}
fn areaSine(x: f32) -> f32 {
  let a = abs(x);
  return sign(x) * logOnePlus(a + a * a / (1.0 + sqrt(a * a + 1.0)));
}
fn areaCosine(x: f32) -> f32 {
  let d = x - 1.0;
  return logOnePlus(d + sqrt(d * (x + 1.0)));
}
fn areaTangent(x: f32) -> f32 { return 0.5 * logOnePlus(2.0 * x / (1.0 - x)); }
fn cubeRoot(x: f32) -> f32 {
  if (x == 0.0) { return x; }
  let root = pow(abs(x), 0.33333333);
  return sign(x) * (root - (root * root * root - abs(x)) / (3.0 * root * root));
}
fn infinity() -> f32 { return bitcast<f32>(batch.infinity); }
fn undefined() -> f32 { return bitcast<f32>(batch.undefined); }
`;
