/** Readable output: times, sizes, tables. */

/** "1e-6" */
export function formatTolerance(value: number | undefined): string {
  return value?.toExponential() ?? "by initial sizes";
}

const units: readonly (readonly [string, number])[] = [
  ["s", 1],
  ["ms", 1e-3],
  ["µs", 1e-6],
  ["ns", 1e-9],
];

/** Three significant digits with the unit that suits. */
export function formatSeconds(seconds: number): string {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? units[units.length - 1];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}

/** Three significant digits in bytes, kB or MB (powers of ten). */
export function formatBytes(bytes: number): string {
  const [unit, size] = bytes < 1e3 ? ["B", 1] : bytes < 1e6 ? ["kB", 1e3] : ["MB", 1e6];
  return `${Number((bytes / Number(size)).toPrecision(3))} ${unit}`;
}

/** Columns two spaces apart, each as wide as its widest cell; the first and those of `texts` to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[], texts: ReadonlySet<number> = new Set()): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => (i === 0 || texts.has(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The items, or where there are more than `limit`, the first and the last of them around `gap`. */
export function abbreviated<T>(items: readonly T[], limit: number, gap: T): T[] {
  if (items.length <= limit) return [...items];
  const head = Math.ceil(limit / 2);
  return [...items.slice(0, head), gap, ...items.slice(items.length - (limit - head))];
}
