/** The choice of the adjoint method. */
import { BadGradientOption } from "../vjp/errors.ts";
import { MethodRefused } from "../task/errors.ts";
import type { Method } from "../../solvers/step/method.ts";
import type { Execution } from "../../solvers/systems/problem-system.ts";
import type { Estimate, TaskFacts } from "../adjoints/shared/estimate.ts";
import { adjointMethods, STEADY_ADJOINT } from "../adjoints/index.ts";
import type { AdjointMethod } from "../adjoints/shared/method.ts";
import type { Decision } from "./plan.ts";
import { inBytes, inSeconds } from "./quantities.ts";

/** What the choice depends on. */
export interface Situation {
  readonly facts: TaskFacts;
  readonly execution: Execution;
  /** Whether the right-hand side is not compiled, but can be traced. */
  readonly isTraced: boolean;
  /** The method that a backward solve would use. */
  readonly backward: Method;
  /** What makes the problem's equations others than u' = f, if something does. */
  readonly implicitBy: string | undefined;
  /** The method of the forward solve, where it moves position and velocity alone and the loss has an integral besides. */
  readonly alternating?: Method;
  readonly tried?: Tried;
}

/** A method that was carried out, and why it will not do. */
export interface Tried {
  readonly adjoint: string;
  readonly because: string;
}

/** The adjoint method that was chosen. */
export interface ChosenAdjoint {
  readonly method: AdjointMethod;
  readonly estimate: Estimate;
  readonly decision: Decision;
}

interface Candidate {
  readonly name: string;
  readonly method: AdjointMethod;
  readonly estimate: Estimate;
  /** Why it cannot compute the gradient. */
  readonly refusal?: string;
  /** Why it is not chosen unless it is asked for. */
  readonly caution?: string;
}

/**
 * Chooses the method of a name or that was handed in, or without one that of the least estimated time.
 *
 * @throws BadGradientOption for an unknown name, and {@link MethodRefused} for a method that cannot.
 */
export function chooseAdjoint(situation: Situation, given: string | AdjointMethod | undefined): ChosenAdjoint {
  const own = typeof given === "object" ? { [given.name]: given } : {};
  const asked = typeof given === "object" ? given.name : given;
  const candidates = Object.entries({ ...adjointMethods, ...own })
    .map(([name, method]) => candidate(name, method, situation))
    .sort(
      (a, b) =>
        Number(a.caution !== undefined) - Number(b.caution !== undefined) || a.estimate.nanoseconds - b.estimate.nanoseconds,
    );
  const able = candidates.filter(({ refusal }) => refusal === undefined);
  if (asked === undefined) {
    if (able.length === 0)
      throw new BadGradientOption("adjoint: there is none to choose from. Hand one in: adjoint: discreteAdjoint.");
    return chosen(able[0], candidates, "the least time of those that can", false);
  }
  const found = candidates.find(({ name }) => name === asked);
  if (asked === STEADY_ADJOINT) {
    throw new MethodRefused(asked, "it takes a loss of a steady state alone, { steady }", able[0]?.name);
  }
  if (!found) throw unknownMethod(asked);
  if (found.refusal !== undefined) throw new MethodRefused(asked, found.refusal, able[0]?.name);
  return chosen(found, candidates, "as asked for", true);
}

/**
 * Of a loss of a steady state: its one method.
 *
 * @throws BadGradientOption for an unknown name, and {@link MethodRefused} for a method that differentiates through a solve.
 */
export function steadyAdjoint(asked: string | undefined): Decision {
  if (asked !== undefined && Object.hasOwn(adjointMethods, asked)) {
    throw new MethodRefused(asked, "it differentiates through a solve, which a steady state is not the end of", STEADY_ADJOINT);
  }
  if (asked !== undefined && asked !== STEADY_ADJOINT) throw unknownMethod(asked);
  return {
    about: "adjoint",
    chosen: STEADY_ADJOINT,
    because: "the implicit function theorem: one linear system with the transposed Jacobian at the steady state",
    asked: asked !== undefined,
    rejected: [],
  };
}

function unknownMethod(asked: string): BadGradientOption {
  const known = [...Object.keys(adjointMethods), STEADY_ADJOINT].join(", ");
  return new BadGradientOption(`adjoint: there is no method "${asked}". Methods are ${known}.`);
}

function candidate(name: string, method: AdjointMethod, situation: Situation): Candidate {
  const estimate = method.estimate(situation.facts);
  const { tried } = situation;
  const refusal = name === tried?.adjoint ? `it was tried, and ${tried.because}` : refusalOf(method, situation);
  return { name, method, estimate, refusal, caution: cautionOf(method, estimate, situation) };
}

function refusalOf({ traits }: AdjointMethod, situation: Situation): string | undefined {
  const { execution, backward, isTraced, implicitBy, alternating } = situation;
  if (alternating && !traits.integratesOverSteps)
    return `it carries the loss's integral along, which is neither of position and velocity, which ${alternating.name} moves in turns`;
  if (implicitBy !== undefined && !traits.takesMass) {
    return `its adjoint equations are those of u' = f, and the problem ${implicitBy}`;
  }
  if (traits.needsText && !execution.compiled && !(traits.takesTape && isTraced))
    return `it derives the right-hand side's text, and ${execution.reason!.replace(/\.$/, "")}`;
  if (!traits.stiff && backward.family.implicit) {
    return `it goes back by explicit solvers, and ${backward.name} is implicit; backward: { solver: tsit5() } names another`;
  }
  return undefined;
}

function cautionOf({ traits }: AdjointMethod, { bytes }: Estimate, { facts, isTraced }: Situation): string | undefined {
  if (traits.caution !== undefined) return traits.caution;
  if (traits.needsText && isTraced) return "the function runs by itself, and its tape gives derivatives row by row";
  if (!traits.controlsDerivatives) return "its steps are controlled for the state alone, and derivatives may need shorter ones";
  if (bytes > facts.memoryBudget)
    return `it keeps ${inBytes(bytes)}, more than the memory budget of ${inBytes(facts.memoryBudget)}`;
  return undefined;
}

function chosen(best: Candidate, candidates: readonly Candidate[], because: string, asked: boolean): ChosenAdjoint {
  const time = ({ estimate }: Candidate): string => `about ${inSeconds(estimate.nanoseconds / 1e9)}`;
  return {
    method: best.method,
    estimate: best.estimate,
    decision: {
      about: "adjoint",
      chosen: best.name,
      because: `${because}: ${time(best)}`,
      asked,
      rejected: candidates
        .filter((other) => other !== best)
        .map((other) => ({
          name: other.name,
          because: other.refusal ?? [time(other), other.caution].filter(Boolean).join(", but "),
        })),
    },
  };
}
