/** Gradients of losses of steady states. */
import { jumpsOfLoss } from "./switching/unseen-jumps.ts";
import type { AdjointMethod } from "./adjoints/shared/method.ts";
import { type Spent } from "../src/compile/tally.ts";
import type { Deadline } from "../src/core/options/time-limit.ts";
import type { OdeProblem } from "../src/problem/problem.ts";
import { byItself, runsByItself } from "../src/read/misreading.ts";
import { DEFAULT_STEADY_TOLERANCE, searchStatistics, steadyTolerance, steadyWarnings } from "../solvers/steady/steady-state.ts";
import { absoluteTolerance } from "../solvers/step-loop/tolerances.ts";
import { executionOf } from "../solvers/systems/problem-system.ts";
import { steadyDerivatives } from "./adjoints/steady/adjoint.ts";
import { steadyLoss, steadyStateOf } from "./adjoints/steady/solved.ts";
import { checkByDifferences } from "./check/by-differences.ts";
import { structuralZeros } from "./diagnosis/structural-zeros.ts";
import type { Gradient, GradientOptions } from "./gradient.ts";
import type { LossPrograms } from "./losses/loss.ts";
import { steadyAdjoint } from "./planner/adjoint.ts";
import { chooseBackend, type ChosenBackend } from "./planner/backend.ts";
import type { Plan } from "./planner/plan.ts";
import { steadyPlan } from "./planner/steady.ts";
import { statedGradient } from "./task/changed-parameters.ts";
import { requireFiniteGradient } from "./task/finite-gradient.ts";
import { taskOf, wrtOf } from "./task/options.ts";
import { shapedGradient } from "./task/shaped-gradient.ts";
import type { GradientTask } from "./task/task.ts";
import { checkVjp } from "./task/vjp-agreement.ts";
import { BadGradientOption } from "./vjp/errors.ts";

/** Options of gradients through a solve that mean nothing here. */
const OF_SOLVES = [
  "solver",
  "backward",
  "maxStep",
  "minStep",
  "firstStep",
  "stops",
  "controller",
  "norm",
  "positive",
  "memoryBudget",
] as const;

interface PlannedTask {
  readonly task: GradientTask;
  readonly chosen: ChosenBackend;
}

/** Throws BadGradientOption for options that belong to solves, and as `chooseBackend` does. */
export function steadyTask(
  problem: OdeProblem,
  options: Omit<GradientOptions, "loss">,
  loss: LossPrograms,
  deadline?: Deadline,
): PlannedTask {
  for (const name of OF_SOLVES) {
    if (options[name] === undefined) continue;
    throw new BadGradientOption(`${name}: there is no solve to set it for in a loss of a steady state. Leave it out.`);
  }
  const end = wrtOf<string>(options.wrt).find((name) => name !== "p" && name !== "u0");
  if (end !== undefined) throw new BadGradientOption(`wrt: a steady state does not depend on ${end}. Give some of p, u0.`);
  const rtol = options.rtol ?? DEFAULT_STEADY_TOLERANCE;
  steadyAdjoint(nameOf(options.adjoint));
  const planned = taskOf(problem, { ...options, rtol }, loss, deadline);
  const atol =
    options.atol === undefined
      ? steadyTolerance(planned.u0, rtol)
      : absoluteTolerance<unknown>(options.atol as number, problem.layout.u);
  const chosen = chooseBackend(problem.code, options.vjp);
  return { task: { ...planned, atol, backend: chosen.backend }, chosen };
}

/** The plan, with the steady state found, but no derivatives. */
export function explainSteady(
  problem: OdeProblem,
  options: Omit<GradientOptions, "loss">,
  loss: LossPrograms,
  deadline?: Deadline,
): Plan {
  const { task, chosen } = steadyTask(problem, options, loss, deadline);
  const found = steadyStateOf(task);
  return steadyPlan(task, found, chosen, nameOf(options.adjoint)).ranWith("rodas5P", [], [], warningsOf(task, found));
}

export function steadyGradient<U, P>(
  problem: OdeProblem,
  options: Omit<GradientOptions, "loss">,
  loss: LossPrograms,
  spent: () => Spent,
  deadline?: Deadline,
): Gradient<U, P> {
  const { task, chosen } = steadyTask(problem, options, loss, deadline);
  const begun = performance.now();
  const at = steadyLoss(task);
  const solved = performance.now();
  const check = checkVjp(task);
  const solvedFor = requireFiniteGradient(task, steadyDerivatives(task, at));
  const by = statedGradient(task, solvedFor);
  const differentiated = performance.now();
  // What the state begins from reaches it through conservation laws alone, which structure does not show.
  const zeros = by.p ? structuralZeros(task, { p: by.p }) : [];
  const report = options.check ? checkByDifferences(task, solvedFor) : check;
  const warnings = warningsOf(task, at.found);
  const { seconds, compilations } = spent();
  const [solve, gradient] = [(solved - begun) / 1000, (differentiated - solved) / 1000];
  return {
    value: at.value,
    gradient: shapedGradient<U, P>(problem.layout, by),
    flat: by,
    plan: steadyPlan(task, at.found, chosen, nameOf(options.adjoint)).ranWith("rodas5P", zeros, [], warnings),
    structuralZeros: zeros,
    switches: [],
    warnings,
    stats: { compilations, forward: searchStatistics(at.found) },
    seconds: { prepare: Math.max(0, seconds - solve - gradient), solve, gradient },
    check: report,
  };
}

function warningsOf({ code, loss }: GradientTask, found: ReturnType<typeof steadyStateOf>): string[] {
  const { reason, warning } = executionOf(code);
  const unread = loss.steady?.unread;
  return [
    ...(reason !== undefined && warning === undefined ? [byItself(reason)] : []),
    ...(unread ? [runsByItself(unread)] : []),
    ...steadyWarnings(code, found),
    ...jumpsOfLoss(loss),
  ];
}

function nameOf(asked: string | AdjointMethod | undefined): string | undefined {
  return typeof asked === "object" ? asked.name : asked;
}
