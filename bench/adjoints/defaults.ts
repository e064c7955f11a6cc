/** Every named problem by p and by u0 with nothing said but the tolerance: is the gradient right, and what does it cost? */
import { problemTable, type NamedProblem } from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Column, Row, Table } from "../shared/report.ts";
import { attempt, timeEach } from "./measure.ts";
import { referenceOfNamed, relativeError, type GradientReference, type Input } from "./references.ts";

const tolerances = [1e-3, 1e-5, 1e-6, 1e-8];
const inputs: readonly Input[] = ["p", "u0"];

/** The largest error that is right enough at a tolerance. */
export function barAt(tolerance: number): number {
  return Math.min(100 * tolerance, 1e-2);
}

const columns: readonly Column[] = [
  { key: "problem", header: "problem", kind: "text" },
  { key: "wrt", header: "by", kind: "text" },
  { key: "tolerance", header: "rtol = atol", kind: "tolerance" },
  { key: "error", header: "error", kind: "error" },
  { key: "bar", header: "bar", kind: "error" },
  { key: "result", header: "", kind: "text" },
  { key: "solve", header: "solve", kind: "seconds" },
  { key: "gradient", header: "gradient", kind: "seconds" },
  { key: "gradientPerSolve", header: "gradient/solve", kind: "ratio" },
  { key: "estimatePerGradient", header: "estimate/gradient", kind: "ratio" },
  { key: "plan", header: "plan", kind: "text" },
];

export function defaults(notes: string[], onProgress: (line: string) => void, names = Object.keys(problemTable)): Table {
  const rows = names.flatMap((name) => {
    const named = problemTable[name].make({});
    onProgress(`${name}: references`);
    const reference = attempt(() => referenceOfNamed(name, named));
    if ("refused" in reference) return [{ problem: name, result: "no reference", plan: reference.refused }];
    onProgress(`${name}: nothing said`);
    return inputs.flatMap((input) => tolerances.map((tolerance) => rowOf(name, named, input, tolerance, reference.result)));
  });
  const judged = rows.filter(({ result }) => result !== "no reference");
  const met = judged.filter(({ result }) => result === "met").length;
  notes.push(
    `With nothing said, ${met} of ${judged.length} gradients are within 100 times the tolerance and 1e-2 of the reference.`,
  );
  return { caption: "Every named problem with nothing said but the tolerance", columns, rows };
}

function rowOf(
  problem: string,
  { problem: ode, loss }: NamedProblem,
  input: Input,
  tolerance: number,
  { gradient: right, difference }: GradientReference,
): Row {
  const options = { rtol: tolerance, atol: tolerance };
  const bar = barAt(tolerance);
  const [found, solved] = timeEach([
    () => gradient(ode, { loss, wrt: [input], ...options }),
    () => void solve(ode, { saveat: [ode.tspan[1]], ...options }),
  ]);
  const row = { problem, wrt: input, tolerance, bar, ...("refused" in solved ? {} : { solve: solved.seconds }) };
  if ("refused" in found) return { ...row, result: "missed", plan: found.refused };
  const { flat, plan } = found.result!;
  const error = relativeError(flat[input]!, right[input]);
  return {
    ...row,
    error,
    result: error <= bar ? "met" : "missed",
    gradient: found.seconds,
    ...("refused" in solved ? {} : { gradientPerSolve: found.seconds / solved.seconds }),
    estimatePerGradient: plan.estimate.seconds / found.seconds,
    plan: plan.summary,
    referenceDifference: difference[input],
  };
}
