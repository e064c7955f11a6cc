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

/** Three significant digits in bytes, kB, MB or GB (powers of ten). */
export function formatBytes(bytes: number): string {
  const [unit, size] = bytes < 1e3 ? ["B", 1] : bytes < 1e6 ? ["kB", 1e3] : bytes < 1e9 ? ["MB", 1e6] : ["GB", 1e9];
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

/** Longer words of a user's are cut: no message is a page. */
const LONGEST = 300;

/** What messages repeat of a user's text, fit for a terminal: control characters by their numbers, endless words cut. */
export function printable(text: string): string {
  const numbered = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return (
    text
      // oxlint-disable-next-line no-control-regex
      .replaceAll(/[\0-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, numbered)
      .replaceAll(new RegExp(`\\S{${LONGEST},}`, "g"), (word) => `${word.slice(0, LONGEST / 3)}…${word.slice(-LONGEST / 3)}`)
  );
}

/** A value of the command line in a message: in quotes where it would not stand out by itself. */
export function quoted(value: string): string {
  return /^[\w.,:;=+\-()[\]/]+$/.test(value) ? value : JSON.stringify(value);
}
