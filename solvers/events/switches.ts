/** What switches in a right-hand side as its solution goes on, as users see it. */
import { componentPath } from "../../src/arrays/layout.ts";
import { memo } from "../../src/core/memo.ts";
import type { SourceLocation } from "../../src/core/source-location.ts";
import type { Crossing } from "../../src/analysis/switching/crossings.ts";
import { branchesOf, decisionsNotHeld } from "../../src/analysis/switching/branches.ts";
import { influences } from "../../src/analysis/influences.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { BranchSwitch } from "../step-loop/trajectory.ts";
import { systemOf } from "../systems/problem-system.ts";

export interface Switch {
  /** Of the time, by times that are known before the solve; or of the state, found in its steps. */
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
  /**
   * Does the solve stop where it switches? Not where it stands in a loop over many, or is one of too many: then it may switch, at times
   * that are not known.
   */
  readonly tracked: boolean;
  /**
   * Of derivatives: is what moves the times in them? Where nothing moves them, or both sides agree, there is nothing to add. Absent of a
   * solution.
   */
  readonly differentiated?: boolean;
}

type Written = Pick<Switch, "text" | "function" | "line" | "column">;

/** What stands at a place of a function, or of one that it calls. */
export function written(source: SourceLocation | undefined, name: string): Written {
  if (!source) return { ...RECORDED, function: name };
  const { line, column, end, of } = source;
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
    ...written(source, name),
    times,
    by: [...by].sort((a, b) => a - b).map(nameOf),
    tracked: true,
    differentiated: true,
  }));
}

/**
 * Of the state, as a solve that held them found them; behind them those that were not held. One for each place in the text. `tracked`: were they
 * held to the end?
 */
export function stateSwitches(code: ProblemCode, found: readonly BranchSwitch[], tracked: boolean): Switch[] {
  if (!systemOf(code)) return [];
  const program = code.rhsProgram();
  const branches = branchesOf(program);
  const { u, p } = code.layout;
  const switches = new Map<string, Switch & { readonly times: number[] }>();
  for (const { t, which } of found) {
    for (const k of which) {
      const place = written(branches!.held[k], code.name);
      const key = `${place.function}:${place.line}:${place.column}:${place.text}`;
      const by = (name: "u" | "p"): string[] =>
        comparedBy(branches!.margins, name, k).map((i) => componentPath(name === "u" ? u : p, i, name));
      let one = switches.get(key);
      if (!one) switches.set(key, (one = { on: "state", ...place, times: [], by: [...by("p"), ...by("u")], tracked }));
      if (one.times.at(-1) !== t) one.times.push(t);
    }
  }
  return [...switches.values(), ...untracked(program, code.name)];
}

function untracked(program: Program, name: string): Switch[] {
  return decisionsNotHeld(program).map((source) => ({
    on: "state",
    ...written(source, name),
    times: [],
    by: [],
    tracked: false,
  }));
}

/** The elements of an input that a decision compares, by its margin. */
function comparedBy(margins: Program, name: string, k: number): readonly number[] {
  return [...influencesOf(margins, name)[k]];
}

const influencesOf = memo((margins: Program, name: string): readonly Int32Array[] => {
  const arrays = margins.parameters.flatMap((parameter) => (parameter.kind === "array" ? [parameter.array] : []));
  const [output, input] = [arrays[0], arrays.find((array) => array.name === name)];
  return input ? influences(margins, output, input, true) : Array.from({ length: output.size }, () => new Int32Array());
});

const SHOWN = 5;

/** "stops at t = 5, 6: `t < p.off`, line 3" */
export function showSwitch({ text, line, times, tracked }: Switch): string {
  if (times.length === 0) return `may switch, at times that are not looked for: line ${line}, \`${text}\``;
  const shown = times.slice(0, SHOWN).map((t) => String(Number(t.toPrecision(6))));
  const all = times.length > SHOWN ? `${shown.join(", ")} and ${times.length - SHOWN} more` : shown.join(", ");
  return `${tracked ? "stops" : "switches"} at t = ${all}: line ${line}, \`${text}\``;
}
