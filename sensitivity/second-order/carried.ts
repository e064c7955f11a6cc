/** The task whose tangent is solved: as it is, or with what takes up jumps at times that move. */
import type { EventOperators } from "../../src/problem/code.ts";
import { followingSwitches, switchesInState, type SwitchesInState } from "../switching/switches.ts";
import { SecondDerivativesRefused } from "../task/errors.ts";
import type { GradientTask, UnplannedTask } from "../task/task.ts";
import { source } from "../vjp/backends/source.ts";
import { withIntegralState } from "./integral-state.ts";
import { DIFFERENCES, requireStillStops } from "./refusals.ts";
import { switchEvents } from "./switch-events.ts";
import { movedEvents } from "./tangent-code.ts";
import type { Curvature } from "./tangent-loss.ts";

export interface Carried extends UnplannedTask {
  /** Switches as events behind the problem's own. */
  readonly switches: readonly EventOperators[];
  /** Times at which decisions turn out otherwise. */
  readonly stops: readonly number[];
}

/**
 * Where the right-hand side jumps at a time that the state moves, or decides where an event takes place, decisions turn out by the time, and
 * each switch is an event. An integral is a state then. A kink needs no event: the derivative of the tangent jumps there, which its gradient
 * takes up.
 *
 * @throws SecondDerivativesRefused
 */
export function carriedOf(task: UnplannedTask, curvature: Curvature): Carried {
  const plain = { switches: [], stops: [] };
  const hasMoved = movedEvents({ ...task.problem, code: task.code }).length > 0;
  const integral = curvature === "full" && task.loss.integral !== undefined;
  const asState = (): GradientTask => ({ ...(integral ? withIntegralState(task) : task), backend: source });
  if (task.ignoresSwitches) return { ...(hasMoved ? asState() : task), ...plain };
  requireStillStops(task);
  const inState = switchesInState({ ...task, backend: source });
  const jumps = inState.stateSwitches.some(({ byU, byP }) => [...byU, ...byP].some((slope) => slope !== 0));
  if (!jumps && !hasMoved) return { ...task, ...plain };
  const carried = asState();
  const found = carried.u0 === task.u0 ? inState : switchesInState(carried);
  if (!jumps && !decides(found)) return { ...carried, ...plain };
  return scheduledWith(carried, found);
}

/** Does something turn out otherwise on the way? */
function decides({ held }: SwitchesInState): boolean {
  return held !== undefined && held.changes.length + held.eventsMet.length > 1;
}

function scheduledWith(carried: GradientTask, found: SwitchesInState): Carried {
  const { held, stateSwitches } = found;
  const { code, problem, loss } = carried;
  const refuse = (what: string): never => {
    const [{ t } = { t: problem.tspan[0] }] = stateSwitches;
    throw new SecondDerivativesRefused(
      problem.name,
      `something jumps at t = ${t}, a time that the state moves, ${what}`,
      DIFFERENCES,
    );
  };
  if (!held) return refuse("and not all comparisons of the state can be held until they switch");
  if (code.mass) return refuse(`and the problem ${code.implicitBy}`);
  if (loss.integral) return refuse('under an integral. Gauss-Newton products have no derivative of that: take curvature "full"');
  const { events, met } = switchEvents(carried, held);
  const direction = Math.sign(problem.tspan[1] - problem.tspan[0]);
  const scheduled = followingSwitches(carried, found);
  return {
    ...scheduled,
    eventsMet: [...held.eventsMet, ...met].sort((a, b) => direction * (a.t - b.t)),
    switches: events,
    stops: held.changes.slice(1).map(({ t }) => t),
  };
}
