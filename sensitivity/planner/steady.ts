/** The plan of a gradient of a steady state, once that is found. */
import { costOf } from "../../src/analysis/cost.ts";
import { rodas5P } from "../../solvers/methods/rodas5p.ts";
import { stepPrograms } from "../../solvers/step-loop/prepare.ts";
import { searchStatistics } from "../../solvers/steady/steady-state.ts";
import type { Found } from "../../solvers/steady/search.ts";
import { executionOf, systemOf } from "../../solvers/systems/problem-system.ts";
import { STEADY_ADJOINT } from "../adjoints/index.ts";
import type { UnplannedTask } from "../task/task.ts";
import { steadyAdjoint } from "./adjoint.ts";
import { vjpCalls, type ChosenBackend } from "./backend.ts";
import { Plan, type Decision } from "./plan.ts";
import { linearSystems } from "../../solvers/step/linear-systems.ts";
import { linearSolverDecision } from "./solver.ts";

/** Nanoseconds of a number that a function which cannot be read takes or gives, about. */
const PLAIN = 20;

export function steadyPlan(
  { problem, code, u0, p, wrt }: UnplannedTask,
  found: Found,
  { backend, decision }: ChosenBackend,
  asked: string | undefined,
): Plan {
  const [n, np] = [u0.length, p.length];
  const { name } = rodas5P();
  const system = systemOf(code);
  const pattern = system?.jacobian?.pattern;
  const { steps, rejected } = searchStatistics(found);
  const rhs = (system ? costOf(code.rhsProgram()) : PLAIN * (2 * n + np)) / 1e9;
  const step = system ? costOf(stepPrograms(system, rodas5P()).step) / 1e9 : rhs * (n + rodas5P().order + 3);
  const calls = vjpCalls(backend, code);
  const vjp = (calls.u + (wrt.p ? calls.p : 0)) * rhs;
  const known = {
    problem: problem.name,
    states: n,
    parameters: np,
    derivatives: (wrt.p ? np : 0) + (wrt.u0 ? n : 0),
    lossTimes: 0,
    events: 0,
    conditions: 0,
    ...executionOf(code),
    jacobianEntries: pattern?.rowIndices.length,
    steps: { taken: steps, reached: found.t, expected: steps + rejected },
    seconds: { rhs, vjp, step },
  };
  const decisions = [
    {
      about: "solver",
      chosen: name,
      because: "follows the dynamics until Newton's method finds the steady state that they go to",
      asked: false,
      rejected: [],
    } as const,
    found.laws.length > 0 ? ofLaws(found.laws.length) : linearSolverDecision(n, pattern, linearSystems),
    steadyAdjoint(asked),
    decision,
  ];
  return new Plan(name, STEADY_ADJOINT, backend.name, known, decisions, {
    seconds: (steps + rejected) * step + vjp,
    bytes: 8 * n,
  });
}

function ofLaws(count: number): Decision {
  const laws = count === 1 ? "a conservation law, which makes" : `${count} conservation laws, which make`;
  return {
    about: "linear solver",
    chosen: "dense LU",
    because: `the Jacobian is singular by ${laws} up for it with full rows`,
    asked: false,
    rejected: [{ name: "sparse LU", because: "full rows" }],
  };
}
