/** Numbers as people read them. */

/** Six significant digits; what is very small or large, with an exponent. */
export function formatNumber(value: number): string {
  return withDigits(value, 6);
}

/** A tick's label: ticks are round numbers, however close to each other. */
export function formatTick(value: number): string {
  return withDigits(value, 12);
}

/** Powers of ten only, which log axes have room for. */
export function formatPower(value: number): string {
  return Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-9 ? formatTick(value) : "";
}

function withDigits(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  return size !== 0 && (size < 1e-4 || size >= 1e7) && size < Infinity ? rounded.toExponential() : String(rounded);
}
