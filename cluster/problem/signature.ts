/** A few numbers by which the program's problem is held against the one that a worker finds. */
import { componentNames } from "../../src/arrays/layout.ts";
import { pack } from "../../src/arrays/pack.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { OtherProblem } from "../redis/errors.ts";

/** By what each is called in messages. */
export type Signature = Readonly<Record<string, string | number>>;

/** Of sums: engines may differ in the last digits of what the right-hand side calls. */
const ALIKE = 1e-9;

/** Where the right-hand side is looked at: the start of the trajectories, which travels with them; without it the problem's own. */
export interface Start {
  readonly u0?: Float64Array;
  readonly p: Float64Array;
  readonly tspan: readonly [number, number];
}

export function signatureOf(problem: OdeProblem, start?: Start): Signature {
  const { layout, code } = problem;
  const u0 = start?.u0 ?? pack(layout.u, problem.u0, "u0");
  const p = start?.p ?? pack(layout.p, problem.p, "p");
  const names = {
    "names of the state": namesIn(componentNames(layout.u, "u")),
    "names of the parameters": namesIn(componentNames(layout.p, "p")),
  };
  // Of other sizes, the right-hand side cannot be called there.
  if (u0.length !== layout.u.size || p.length !== layout.p.size) return names;
  const du = new Float64Array(u0.length);
  code.plain(du, u0, p, (start ?? problem).tspan[0]);
  return { ...names, "right-hand side at the start": weighed(du) };
}

/** Throws {@link OtherProblem}. */
export function requireSame(here: Signature, asked: Signature, where: string): void {
  const other = Object.keys(asked).find((key) => !isAlike(here[key], asked[key]));
  if (other === undefined) return;
  throw new OtherProblem(
    `The problem that the worker finds in ${where} is another one than the program's: ${other} is ${here[other]} there, and ${asked[other]} in ` +
      `the program. Hand over the problem of that module, or of that name with those options, as it is; what differs between trajectories ` +
      `goes into the ensemble's options.`,
  );
}

function isAlike(a: string | number, b: string | number): boolean {
  if (Object.is(a, b)) return true;
  return typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= ALIKE * Math.max(Math.abs(a), Math.abs(b));
}

/** The first, and how many. */
function namesIn(names: readonly string[]): string {
  return `${names.slice(0, 20).join(", ")} (${names.length})`;
}

/** A sum in which every element has a weight of its own, so that exchanged ones tell. */
function weighed(values: Float64Array): number {
  return values.reduce((sum, value, i) => sum + value / (1 + i * 0.6180339887498949), 0);
}
