/** Derivatives of a plain function by extrapolated central differences (C. J. F. Ridders, Adv. Eng. Softw. 4, 1982). */
export function ridders(f: (x: number) => number, x: number): number {
  const ratio = 1.6;
  let h = 1e-3 * (Math.abs(x) || 1);
  let previous: number[] = [];
  let best = NaN;
  let least = Infinity;
  for (let i = 0; i < 10; i++, h /= ratio) {
    const row = [(f(x + h) - f(x - h)) / (2 * h)];
    for (let j = 1; j <= i; j++) {
      const factor = ratio ** (2 * j);
      row.push((factor * row[j - 1] - previous[j - 1]) / (factor - 1));
      const error = Math.max(Math.abs(row[j] - row[j - 1]), Math.abs(row[j] - previous[j - 1]));
      if (error < least) [least, best] = [error, row[j]];
    }
    previous = row;
  }
  return best;
}
