/** What a benchmark measured, as text. */
import type { Column, Row } from "../../bench/shared/report.ts";
import { formatBytes, formatSeconds, formatTolerance } from "../messages/text.ts";

const format: Readonly<Record<Column["kind"], (value: number) => string>> = {
  seconds: formatSeconds,
  ratio: (value) => `×${value.toPrecision(3)}`,
  tolerance: formatTolerance,
  error: (value) => value.toExponential(1),
  bytes: formatBytes,
  count: String,
  text: String,
};

/** A dash where nothing was measured. */
export function cell(row: Row, { key, kind }: Column): string {
  const value = row[key] ?? "–";
  return typeof value === "string" ? value : format[kind](value);
}
