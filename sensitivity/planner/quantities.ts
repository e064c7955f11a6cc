/** Quantities in text, with a few digits: estimates are worth no more. */

/** A number with three digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A time in the unit that suits it. */
export function inSeconds(seconds: number): string {
  return scaled(seconds, [
    ["s", 1],
    ["ms", 1e-3],
    ["µs", 1e-6],
    ["ns", 1e-9],
  ]);
}

/** A size in the unit that suits it. */
export function inBytes(bytes: number): string {
  return scaled(bytes, [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
    ["bytes", 1],
  ]);
}

/** A value in the largest unit that leaves a digit before the point. */
function scaled(value: number, units: readonly (readonly [string, number])[]): string {
  const [unit, size] = units.find(([, size]) => value >= size) ?? units[units.length - 1];
  return `${Number((value / size).toPrecision(2))} ${unit}`;
}
