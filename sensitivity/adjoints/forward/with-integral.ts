/** Forward solves of a loss with an integral, whose running value is one state more, under an error control of its own. */
import { Arena } from "../../../src/compile/arena.ts";
import type { Lend } from "../../../solvers/solve/auto.ts";
import type { IntegrationRequest, TimedEvents } from "../../../solvers/step-loop/request.ts";
import { lend } from "../../../src/core/pool.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { plainSystem } from "../../../solvers/systems/plain-system.ts";
import { prepare, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import { systemOf } from "../../../solvers/systems/problem-system.ts";
import { setTolerance } from "../../../solvers/step-loop/tolerances.ts";
import type { LossPart } from "../../losses/part.ts";
import { integrandOf } from "../../losses/compiled.ts";
import { dualSolver } from "./dual-solver.ts";
import { dualParts } from "./dual-system.ts";
import { toleranceOfIntegral } from "../integral/tolerance.ts";
import type { UnplannedTask } from "../../task/task.ts";
import { solverPool, requestOf } from "../../task/solve.ts";

/** The solve of the state, with the integral behind it where the loss has one. */
export function withIntegral(task: UnplannedTask): { lend: Lend; request: IntegrationRequest } {
  const alone = requestOf(task);
  if (!task.loss.integral) return { lend: solverPool(task), request: alone };
  const { code, u0, target } = task;
  const n = u0.length;
  const [state, atol] = [new Float64Array(n + 1), new Float64Array(n + 1).fill(toleranceOfIntegral(task))];
  state.set(u0);
  setTolerance(atol.subarray(0, n), task.atol);
  const request = { ...alone, u0: state, atol, events: alone.events && onLeading(n, alone.events) };
  return { request, lend: systemOf(code) ? dualSolver(task, 0, "states").solverPool(target) : plainSolverPool(task) };
}

function onLeading(n: number, { times, apply }: TimedEvents): TimedEvents {
  return { times, apply: (u, t) => apply(u.subarray(0, n), t) };
}

/** Solvers for a right-hand side that cannot be read. */
function plainSolverPool(task: UnplannedTask): Lend {
  const { code, loss, target } = task;
  const cache = code.kept("with integral", () => new WeakMap<LossPart, Map<string, Prepared[]>>());
  let prepared = cache.get(loss.integral!);
  if (!prepared) cache.set(loss.integral!, (prepared = new Map()));
  return (method, use) => {
    const key = `${method.name}:${target}`;
    let idle = prepared.get(key);
    if (!idle) prepared.set(key, (idle = []));
    return lend(idle, () => preparePlain(task, method), use);
  };
}

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
    parts: dualParts({ n, np, k: 0 }, loss.integral, "states"),
  };
  return prepare(system, method, { target, arena });
}

/** Gives the first n elements of an array, the same view each time: functions are shown views of that, made once (see ProblemCode). */
function leadingOf(n: number): (array: Float64Array) => Float64Array {
  const views = new WeakMap<Float64Array, Float64Array>();
  return (array) => {
    let view = views.get(array);
    if (!view) views.set(array, (view = array.subarray(0, n)));
    return view;
  };
}
