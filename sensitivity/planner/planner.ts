/** The planner probes the problem, and chooses the vjp backend and the adjoint method by what they state of themselves. */
import { memo } from "../../src/core/memo.ts";
import { ownLayout } from "../../src/arrays/layout.ts";
import { timesAt, timesWithin } from "../../src/problem/event-times.ts";
import { isController } from "../../solvers/step/controllers.ts";
import { kindOf } from "../../solvers/step/method.ts";
import { executionOf, systemOf } from "../../solvers/systems/problem-system.ts";
import { chooseAdjoint, type Tried } from "./adjoint.ts";
import { chooseBackend, vjpCalls, type ChosenBackend } from "./backend.ts";
import { linearSolverDecision, matrixFreeDecision, memoryDecision, solverDecision } from "./solver.ts";
import { isTraced } from "../task/derivable-rhs.ts";
import type { TaskFacts } from "../adjoints/shared/estimate.ts";
import { backwardMethod } from "../adjoints/continuous/backward-method.ts";
import type { AdjointMethod } from "../adjoints/shared/method.ts";
import type { UnplannedTask } from "../task/task.ts";
import { Plan, type Known } from "./plan.ts";
import { probe, type Probe } from "./probe.ts";
import type { VjpBackend } from "../vjp/backend.ts";

/** What the user asks for, by names or as values. */
export interface Asked {
  readonly adjoint?: string | AdjointMethod;
  readonly vjp?: string | VjpBackend;
  /** A method that was carried out, and why it will not do. */
  readonly tried?: Tried;
}

/** A plan, with the method and backend that it names. */
export interface Planned {
  readonly method: AdjointMethod;
  readonly backend: VjpBackend;
  readonly plan: Plan;
}

/** The largest number of plans for a problem: memory stays bounded where each gradient has another number of loss times. */
const MOST_PLANS = 100;

/**
 * The plan for a task, made once.
 *
 * @throws The kinds of SolveFailed, ReadError, BadGradientOption, MethodRefused and BackendRefused.
 */
export const planOf = memo(makePlan, { by: dependencies, most: MOST_PLANS });

/** The content of the problem, and all else that a plan depends on. Values of u0 and p are not among that. */
function dependencies(task: UnplannedTask, { adjoint, vjp, tried }: Asked): readonly unknown[] {
  const { problem, loss, wrt, solver, backward, rtol, atol, maxSteps, steps, memoryBudget, target } = task;
  const { controller, norm, positive } = steps.control ?? {};
  return [
    task.code.identityWithEvents,
    adjoint,
    vjp,
    tried?.adjoint,
    tried?.because,
    loss.times.length,
    !loss.sum,
    !loss.integral,
    !loss.final,
    wrt.p,
    wrt.u0,
    wrt.t0,
    wrt.t1,
    problem.tspan[0],
    problem.tspan[1],
    timedEvents(task),
    solver && kindOf(solver),
    solver?.dt,
    backward.solver && kindOf(backward.solver),
    backward.solver?.dt,
    rtol,
    typeof atol === "number" ? atol : atol.join(),
    maxSteps,
    steps.maxStep,
    steps.minStep,
    steps.firstStep,
    norm,
    positive?.join(),
    isController(controller) ? JSON.stringify(controller) : controller,
    steps.stops?.length,
    memoryBudget,
    target,
  ];
}

/** Said of every method, also of those that are exact for the steps taken: the lengths of steps are not differentiated. */
const BY_ENDS = "t0 and t1 by the differential equation at the ends of what was solved, right within the tolerances";

function makePlan(task: UnplannedTask, { adjoint: askedAdjoint, vjp, tried }: Asked): Planned {
  const { code, u0 } = task;
  const chosen = chooseBackend(code, vjp);
  const execution = executionOf(code);
  const asked = typeof askedAdjoint === "object" ? askedAdjoint.name : askedAdjoint;
  const probed = probe(task, execution.compiled && (asked === undefined || asked === "discrete"));
  const facts = factsOf(task, probed, chosen);
  const backward = backwardMethod(task, probed.method);
  const alternating = task.loss.integral && probed.method.family.alternates && probed.method;
  const situation = {
    facts,
    execution,
    backward,
    isTraced: isTraced(code),
    implicitBy: code.implicitBy,
    alternating: alternating || undefined,
    tried,
  };
  const { method, estimate, decision } = chooseAdjoint(situation, askedAdjoint);
  const { name: adjoint, traits } = method;
  const isMatrixFree = probed.method.linearSolver !== undefined;
  const pattern = facts.implicit && !isMatrixFree ? systemOf(code)?.jacobian?.pattern : undefined;
  const decisions = [
    solverDecision(task, probed),
    ...(facts.implicit && traits.mode === "reverse"
      ? [isMatrixFree ? matrixFreeDecision : linearSolverDecision(u0.length, pattern, probed.method.family.linearSystems!)]
      : []),
    task.wrt.t0 || task.wrt.t1 ? { ...decision, because: `${decision.because}; ${BY_ENDS}` } : decision,
    traits.usesVjp
      ? chosen.decision
      : { ...chosen.decision, because: `${chosen.decision.because}; ${adjoint} uses it for the first check only` },
    memoryDecision(traits, estimate, task.memoryBudget),
  ];
  const cost = { seconds: estimate.nanoseconds / 1e9, bytes: estimate.bytes };
  const given = {
    ...knownOf(task, probed, facts),
    ...execution,
    jacobianEntries: code.isResidual ? undefined : pattern?.rowIndices.length,
  };
  const plan = new Plan(probed.solver, adjoint, chosen.backend.name, given, decisions, cost);
  return { method, backend: chosen.backend, plan };
}

function factsOf(task: UnplannedTask, { method, stages, factors, steps, cost }: Probe, { backend }: ChosenBackend): TaskFacts {
  const { code, loss, wrt, u0, p, memoryBudget } = task;
  const calls = vjpCalls(backend, code);
  return {
    n: u0.length,
    np: p.length,
    directions: (wrt.p ? p.length : 0) + (wrt.u0 ? u0.length : 0) + Number(wrt.t0),
    lossTimes: loss.times.length,
    steps,
    implicit: method.family.implicit,
    stages,
    factors,
    memoryBudget,
    cost: { ...cost, vjp: { u: calls.u * cost.rhs, p: wrt.p ? calls.p * cost.rhs : 0 } },
  };
}

/** How many events at given times there are. */
function timedEvents({ problem: { events = [], tspan }, code, p }: UnplannedTask): number {
  return events.reduce((sum, event, k) => {
    const at = timesAt(event, code.events[k], p);
    return sum + (at ? timesWithin(at, tspan).length : 0);
  }, 0);
}

function knownOf(task: UnplannedTask, { taken, reached }: Probe, facts: TaskFacts): Omit<Known, "compiled"> {
  const { problem, wrt } = task;
  const { np, directions, lossTimes, steps, cost } = facts;
  return {
    problem: problem.name,
    states: ownLayout(problem.layout.u).size,
    parameters: np,
    derivatives: directions + Number(wrt.t1),
    lossTimes,
    events: timedEvents(task),
    conditions: problem.events?.filter(({ when }) => when).length ?? 0,
    steps: { taken, reached, expected: steps },
    seconds: { rhs: cost.rhs / 1e9, vjp: (cost.vjp.u + cost.vjp.p) / 1e9, step: cost.step / 1e9 },
  };
}
