/** What switches in a right-hand side as its solution goes on, as users see it. */
import type { SourceLocation } from "../../src/core/source-location.ts";
import type { Crossing } from "../../src/analysis/switching/crossings.ts";

export interface Switch {
  /** Of the time, by times that are known before the solve, which stops at them; or of the state, seen after its steps. */
  readonly on: "time" | "state";
  /** The comparison, or what rounds, as it stands in the text. */
  readonly text: string;
  /** Name of the function, and where in its own text: 1-based line and column. */
  readonly function: string;
  readonly line: number;
  readonly column: number;
  /** When it switches, in the order of integration: of the state within a step. */
  readonly times: readonly number[];
  /** Components that move the times: "p.lag", "u.height". */
  readonly by: readonly string[];
  /** Is what they do through the times in the derivatives? Where nothing moves them, or both sides agree, there is nothing to add. */
  readonly differentiated: boolean;
}

type Written = Pick<Switch, "text" | "function" | "line" | "column">;

export function written({ line, column, end, of }: SourceLocation, name: string): Written {
  const lines = of?.text.split("\n") ?? [];
  const start = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, column);
  return { text: (of?.text.slice(start, end) ?? "").replace(/\s+/g, " "), function: of?.name ?? name, line, column: column + 1 };
}

/** Of functions that run by themselves the places of comparisons are not known. */
const RECORDED = { text: "what is compared", line: 1, column: 1 };

/** One for each place in the text. */
export function timeSwitches(crossings: readonly Crossing[], name: string, nameOf: (parameter: number) => string): Switch[] {
  const places = new Map<string, { source: SourceLocation | undefined; times: number[]; by: Set<number> }>();
  for (const { t, decision, slopes } of crossings) {
    const { source } = decision;
    const key = source ? `${source.of?.name}:${source.line}:${source.column}:${source.end}` : "";
    let place = places.get(key);
    if (!place) places.set(key, (place = { source, times: [], by: new Set() }));
    if (place.times.at(-1) !== t) place.times.push(t);
    for (const j of slopes().keys()) place.by.add(j);
  }
  return [...places.values()].map(({ source, times, by }) => ({
    on: "time",
    ...(source ? written(source, name) : { ...RECORDED, function: name }),
    times,
    by: [...by].sort((a, b) => a - b).map(nameOf),
    differentiated: true,
  }));
}

const SHOWN = 5;

/** "stops at t = 5, 6: `t < p.off`, line 3" */
export function showSwitch({ on, text, line, times }: Switch): string {
  const shown = times.slice(0, SHOWN).map((t) => String(Number(t.toPrecision(6))));
  const all = times.length > SHOWN ? `${shown.join(", ")} and ${times.length - SHOWN} more` : shown.join(", ");
  return `${on === "time" ? "stops" : "switches"} at t = ${all}: line ${line}, \`${text}\``;
}
