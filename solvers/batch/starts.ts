/** The initial states of a batch. */
import { rowsOrShared, type Given } from "../../src/devices/rows.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { settlingOf } from "../systems/settling.ts";
import { startOf } from "../systems/start.ts";
import { inTrajectory, type Spans } from "./spans.ts";

/** What is given, or where each row of the parameters says. */
export function startsOf(problem: OdeProblem, given: unknown, p: Given, trajectories: number): Given {
  const { layout, code, u0 } = problem;
  if (given !== undefined || !code.operators.u0)
    return rowsOrShared(layout.u, given === undefined ? u0 : given, "u0", trajectories);
  const [n, np] = [layout.u.size, layout.p.size];
  const rows = p.count ?? 1;
  const data = new Float64Array(rows * n);
  for (let m = 0; m < rows; m++) data.set(startOf(problem, undefined, p.data.slice(m * np, (m + 1) * np)), m * n);
  return { ...p, data };
}

/** What a trajectory's algebraic equations are asked with: rows, or one that all share. */
interface Stated {
  readonly u0: Given;
  readonly p: Given;
  readonly atol: Float64Array;
}

/**
 * Where the algebraic equations hold, next to the states that were stated; the same where there are none, or where they hold. Throws
 * InconsistentInitialValues and IndexTooHigh, with the trajectory.
 */
export function settledStarts(
  problem: OdeProblem,
  { u0, p, atol }: Stated,
  { rtol, spans, count }: { readonly rtol: number; readonly spans: Spans; readonly count: number },
): Given {
  if (!problem.code.mass) return u0;
  const { u, p: parameters } = problem.layout;
  const rowOf = (data: Float64Array, m: number, size: number): Float64Array =>
    data.length === size ? data : data.subarray(m * size, (m + 1) * size);
  const data = new Float64Array(count * u.size);
  for (let m = 0; m < count; m++) {
    const row = data.subarray(m * u.size, (m + 1) * u.size);
    row.set(rowOf(u0.data, m, u.size));
    const at = { p: rowOf(p.data, m, parameters.size), rtol, atol: rowOf(atol, m, u.size) };
    inTrajectory(spans.indexOf(m), () => settlingOf(problem, at, "wasm")!.atStart(row, spans.of(m)[0]));
  }
  const isMoved = data.some((x, i) => x !== u0.data[i % u0.data.length]);
  return isMoved ? { data, count } : u0;
}
