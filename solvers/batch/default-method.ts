/**
 * The method of a batch where none is asked for: the problem is solved once as it is stated, and where stability holds an explicit method back
 * there, the one that goes on is taken. It depends on the problem, the time span and the tolerance alone, so that parts of a batch take the same.
 */
import { pack } from "../../src/arrays/pack.ts";
import { memo } from "../../src/core/memo.ts";
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
import { startOf } from "../systems/start.ts";
import type { TimeSpan } from "./spans.ts";

export interface DefaultMethod {
  readonly method: Method;
  readonly because: string;
}

/** Tries of the solve that tells: where stiffness shows later, it holds back few steps. */
const MOST_STEPS = 2000;

export const defaultMethod = memo((problem: OdeProblem, rtol: number, t0: number, t1: number): DefaultMethod => {
  const asked = defaultSolver(problem.code);
  if (asked) return { method: asked, because: `the problem ${problem.code.implicitBy}` };
  const solved = solvedOnce(problem, rtol, [t0, t1]);
  const { stabilized, implicit } = candidatesAt(rtol);
  const stiff = [implicit, stabilized]
    .map(({ method }) => method())
    .find(({ name }) => solved && (solved.method.name === name || solved.changes.some((change) => change.name === name)));
  if (!stiff) return { method: tsit5(), because: "stability holds back no explicit method on the problem as it is stated" };
  return { method: stiff, because: `solved as it is stated, the problem takes ${solved!.solver}` };
});

/** Undefined where that fails. */
function solvedOnce(problem: OdeProblem, rtol: number, tspan: TimeSpan): Integrated | undefined {
  const { layout } = problem;
  const { code } = withParametersInState(problem);
  try {
    const p = pack(layout.p, problem.p, "p");
    const stated = startOf(problem, undefined, p);
    const u0 = code.changed ? withParameters(code.changed, stated, p) : stated;
    const atol = new Float64Array(u0.length);
    setTolerance(atol.subarray(0, stated.length), absoluteTolerance(undefined, layout.u, { u0: stated, rtol }));
    atol.fill(Infinity, stated.length);
    const [t0, t1] = tspan;
    const request = { u0, p, t0, t1, rtol, atol, saveat: [], maxSteps: MOST_STEPS };
    return integrateWith((method, use) => withPrepared(code, { u0, p, tspan }, method, "wasm", use), undefined, request);
  } catch {
    // What is wrong with the problem is said where it is solved.
    return undefined;
  }
}
