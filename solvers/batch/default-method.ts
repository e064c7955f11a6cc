/**
 * The method of a batch where none is asked for: a few of its trajectories are solved alone, and where stability holds an explicit method back
 * on any, the one that goes on is taken. It depends on the batch and the tolerance alone.
 */
import type { Given } from "../../src/devices/rows.ts";
import { withParameters } from "../../src/problem/changed-parameters.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { withParametersInState } from "../../src/problem/parameters-in-state.ts";
import { tsit5 } from "../methods/tsit5.ts";
import { integrateWith, type Integrated } from "../solve/auto.ts";
import { defaultSolver } from "../solve/automatic.ts";
import { candidatesAt } from "../solve/candidates.ts";
import type { Method } from "../step/method.ts";
import { absoluteTolerance, setTolerance } from "../step-loop/tolerances.ts";
import { withPrepared } from "../systems/problem-system.ts";
import { rowOf } from "./alone.ts";
import type { Spans, TimeSpan } from "./spans.ts";

export interface DefaultMethod {
  readonly method: Method;
  readonly because: string;
}

/** Tries of the solve that tells: where stiffness shows later, it holds back few steps. */
const MOST_STEPS = 2000;

/** What the trajectories of a batch begin with. */
export interface StatedRows {
  readonly count: number;
  readonly u0: Given;
  readonly p: Given;
  readonly spans: Spans;
}

export function defaultMethod(problem: OdeProblem, rtol: number, rows: StatedRows): DefaultMethod {
  const asked = defaultSolver(problem.code);
  if (asked) return { method: asked, because: `the problem ${problem.code.implicitBy}` };
  const { stabilized, implicit } = candidatesAt(rtol);
  let held: DefaultMethod | undefined;
  for (const m of sampled(rows)) {
    const solved = solvedAlone(problem, rtol, rowAt(rows, m));
    const takes = ({ name }: Method): boolean =>
      solved !== undefined && (solved.method.name === name || solved.changes.some((change) => change.name === name));
    for (const { method } of [implicit, stabilized]) {
      const found = { method: method(), because: `solved alone, trajectory ${rows.spans.indexOf(m)} takes ${solved?.solver}` };
      if (!takes(found.method)) continue;
      if (found.method.family.implicit) return found;
      held ??= found;
    }
  }
  return (
    held ?? { method: tsit5(), because: "stability holds back no explicit method on the trajectories that were solved alone" }
  );
}

/** The first, one between and the last; and those whose parameters and states are the least and the greatest in norm. Of those alike the first. */
function sampled(rows: StatedRows): number[] {
  const { count, u0, p } = rows;
  const chosen = [0, count >> 1, count - 1, ...[p, u0].flatMap((given) => leastAndGreatest(given))];
  const isLike = (a: number, b: number): boolean => {
    const [one, other] = [rowAt(rows, a), rowAt(rows, b)];
    return (["p", "u0", "tspan"] as const).every((name) => one[name].every((x, i) => x === other[name][i]));
  };
  return chosen.filter((m, k) => !chosen.slice(0, k).some((earlier) => earlier === m || isLike(earlier, m)));
}

function leastAndGreatest({ data, count }: Given): number[] {
  if (count === undefined) return [];
  const width = data.length / count;
  let [least, greatest] = [0, 0];
  let [lowest, highest] = [Infinity, -Infinity];
  for (let m = 0; m < count; m++) {
    let squares = 0;
    for (let i = m * width; i < (m + 1) * width; i++) squares += data[i] ** 2;
    if (squares < lowest) [least, lowest] = [m, squares];
    if (squares > highest) [greatest, highest] = [m, squares];
  }
  return [least, greatest];
}

interface Row {
  readonly u0: Float64Array;
  readonly p: Float64Array;
  readonly tspan: TimeSpan;
}

function rowAt({ u0, p, spans }: StatedRows, m: number): Row {
  return { u0: rowOf(u0, m), p: rowOf(p, m), tspan: spans.of(m) };
}

/** Undefined where that fails. */
function solvedAlone(problem: OdeProblem, rtol: number, { u0: stated, p, tspan }: Row): Integrated | undefined {
  const { layout } = problem;
  const { code } = withParametersInState(problem);
  try {
    const u0 = code.changed ? withParameters(code.changed, stated, p) : stated;
    const atol = new Float64Array(u0.length);
    setTolerance(atol.subarray(0, stated.length), absoluteTolerance(undefined, layout.u, { u0: stated, rtol }));
    atol.fill(Infinity, stated.length);
    const [t0, t1] = tspan;
    const request = { u0, p, t0, t1, rtol, atol, saveat: [], maxSteps: MOST_STEPS };
    return integrateWith((method, use) => withPrepared(code, { u0, p, tspan }, method, "wasm", use), undefined, request);
  } catch {
    // What is wrong with it is said where it is solved.
    return undefined;
  }
}
