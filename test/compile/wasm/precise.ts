/** Elementary functions of fixed-point numbers with many bits: the true values, for comparison. */
export const PRECISION = 320n;
export const ONE = 1n << PRECISION;

/** Exact: |x| is 0 or at least 2^-200. */
export function fixed(x: number): bigint {
  const scale = x === 0 ? 0 : 60 - Math.floor(Math.log2(Math.abs(x)));
  // In two factors: the power of two may be out of range.
  const half = Math.trunc(scale / 2);
  return (BigInt(x * 2 ** half * 2 ** (scale - half)) << PRECISION) >> BigInt(scale);
}

export function times(a: bigint, b: bigint): bigint {
  return (a * b) >> PRECISION;
}

/** Taylor's series of a 256th of x, raised to the power 256. */
export function expOf(x: bigint): bigint {
  let term = ONE;
  let sum = ONE;
  for (let n = 1n; term !== 0n && n < 60n; n++) sum += term = times(term, x >> 8n) / n;
  for (let i = 0; i < 8; i++) sum = times(sum, sum);
  return sum;
}

/** Of 1/2 to 2: twice the series of artanh((x - 1) / (x + 1)). */
function logNearOne(x: bigint): bigint {
  const s = ((x - ONE) << PRECISION) / (x + ONE);
  const square = times(s, s);
  let sum = 0n;
  for (let n = 1n, power = s; power !== 0n && power !== -1n; n += 2n, power = times(power, square)) sum += power / n;
  return 2n * sum;
}

const LN2 = logNearOne(2n * ONE);

/** x > 0 to the power y as a number times a power of two, the number between 1/2 and 2. */
export function powOf(x: number, y: number): { readonly value: bigint; readonly exponent: number } {
  const k = Math.floor(Math.log2(x));
  const half = Math.trunc(k / 2);
  const log = logNearOne(fixed(x / 2 ** half / 2 ** (k - half))) + BigInt(k) * LN2;
  const product = times(log, fixed(y));
  const exponent = Number(product / LN2);
  return { value: expOf(product - BigInt(exponent) * LN2), exponent };
}
