/** Forward solves of a loss with an integral, whose running value is one state more, under an error control of its own. */
import { Pool } from "../../../src/core/pool.ts";
import { memo } from "../../../src/core/memo.ts";
import { ownLayout } from "../../../src/arrays/layout.ts";
import { Arena } from "../../../src/compile/arena.ts";
import type { WithPrepared } from "../../../solvers/solve/auto.ts";
import type { IntegrationRequest } from "../../../solvers/step-loop/request.ts";
import { kindOf, type Method } from "../../../solvers/step/method.ts";
import { plainSystem } from "../../../solvers/systems/plain-system.ts";
import { prepare, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import { integrandOf } from "../../losses/compiled.ts";
import { dualSolver } from "./dual-solver.ts";
import { dualParts } from "./dual-system.ts";
import { toleranceOfIntegral } from "../integral/tolerance.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { preparedFor, requestOf } from "../../task/solve.ts";

/** The solve of the state, with the integral behind it where the loss has one. */
export function withIntegral(task: UnplannedTask): { withPrepared: WithPrepared; request: IntegrationRequest } {
  const alone = requestOf(task);
  if (!task.loss.integral) return { withPrepared: preparedFor(task), request: alone };
  const { code, u0, target } = task;
  const n = u0.length;
  const [state, atol] = [new Float64Array(n + 1), new Float64Array(n + 1).fill(toleranceOfIntegral(task))];
  state.set(u0);
  setTolerance(atol.subarray(0, n), task.atol);
  const request = { ...alone, u0: state, atol };
  return { request, withPrepared: systemOf(code) ? dualSolver(task, 0, "states").preparedFor(target) : plainPreparedFor(task) };
}

/** Solvers for a right-hand side that cannot be read. */
function plainPreparedFor(task: UnplannedTask): WithPrepared {
  return (method, use) => plainPool(task, method).use(() => preparePlain(task, method), use);
}

const plainPool = memo((_task: UnplannedTask, _method: Method) => new Pool<Prepared>(), {
  by: ({ code, loss, target }, method) => [code.identity, loss.integral, kindOf(method), target],
});

function preparePlain(task: UnplannedTask, method: Method): Prepared {
  const { code, loss, target, u0, p } = task;
  const [n, np] = [u0.length, p.length];
  const arena = new Arena();
  const integrand = integrandOf(task);
  const leading = leadingOf(n);
  const primal = plainSystem((du, u, parameters, t) => code.plain(du, u, parameters, t), n, np, arena);
  const both = plainSystem(
    (du, u, parameters, t) => {
      const state = leading(u);
      code.plain(leading(du), state, parameters, t);
      du[n] = integrand(t, state, parameters);
    },
    n + 1,
    np,
    arena,
  );
  const system = {
    n: n + 1,
    np,
    rhs: both.rhs,
    timeDerivative: both.timeDerivative,
    // It has n² numbers, and explicit methods do not ask for it.
    get jacobian() {
      return both.jacobian;
    },
    primal,
    parts: dualParts({ n, np, k: 0 }, loss.integral, "states", ownLayout(code.layout.u).size),
  };
  return prepare(system, method, { target, arena });
}

/** Gives the first n elements of an array, the same view each time: functions are shown views of that, made once (see ProblemCode). */
function leadingOf(n: number): (array: Float64Array) => Float64Array {
  return memo((array: Float64Array) => array.subarray(0, n));
}
