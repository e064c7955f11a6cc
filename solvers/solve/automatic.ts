/** The choice of a method from the steps themselves: an explicit one begins, and where stability holds it back the cheapest goes on. */
import { integrate } from "../step-loop/integrate.ts";
import { DEFAULT_MAX_STEPS } from "../step-loop/limits.ts";
import type { IntegrationRequest } from "../step-loop/request.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Method } from "../step/method.ts";
import type { Prepared } from "../step-loop/prepare.ts";
import { rodas5P } from "../methods/rodas5p.ts";
import { addEffort } from "../step-loop/statistics.ts";
import type { ResultKind, Trajectory } from "../step-loop/trajectory.ts";
import type { Change, Integrated, WithPrepared } from "./auto.ts";
import { candidatesAt, type Candidates, type Role } from "./candidates.ts";
import { Choice, WATCHED, type Next } from "./choice.ts";

/** Failures that an implicit method may not meet. */
const BROKEN_DOWN: ReadonlySet<ResultKind> = new Set([
  "stepUnderflow",
  "nonFiniteDerivative",
  "singularMatrix",
  "nonFiniteJacobian",
]);
/** Of many changes of the method those that are named. */
const SHOWN = 4;

/**
 * Integrates with an explicit method, and from where stability holds it back with the one that takes the least work, back and forth.
 * Before a failure is final the implicit method is tried, if the one that failed had been held back: it goes on where steps ran out, and
 * begins again from the start where the solution broke down, which may be the work of the instability.
 */
export function integrateAuto(withPrepared: WithPrepared, request: IntegrationRequest): Integrated {
  const auto = new Auto(withPrepared, request);
  const { trajectory, strained, method } = auto.run();
  const integrated = { trajectory, solver: auto.names, method, changes: auto.changes };
  const mayHelp = strained && !method.family.implicit && BROKEN_DOWN.has(trajectory.result.kind);
  return mayHelp ? beginAgain(withPrepared, request, integrated) : integrated;
}

class Auto {
  private choice: Choice | undefined;
  private readonly candidates: Candidates;
  private readonly methods: Readonly<Record<Role, Method>>;
  readonly changes: Change[] = [];
  private first: string;
  private next: Next = WATCHED;
  private trajectory: Trajectory | undefined;
  /** Did stability, at times, hold an explicit method back? */
  strained = false;

  constructor(
    private readonly withPrepared: WithPrepared,
    private readonly request: IntegrationRequest,
  ) {
    this.candidates = candidatesAt(request.rtol, request.highOrderBelow);
    const { explicit, stabilized, implicit } = this.candidates;
    this.methods = { explicit: explicit.method(), stabilized: stabilized.method(), implicit: implicit.method() };
    this.first = this.methods.explicit.name;
  }

  run(): { readonly trajectory: Trajectory; readonly strained: boolean; readonly method: Method } {
    for (;;) {
      const method = this.methods[this.next.role];
      const trajectory = this.withPrepared(method, (prepared) => this.stretch(prepared));
      if (!this.goesOn(trajectory)) return { trajectory, strained: this.strained, method };
      const name = this.methods[this.next.role].name;
      if (isAtStart(trajectory)) this.first = name;
      if (name !== method.name) this.changes.push({ name, t: trajectory.result.t, costs: this.next.costs });
    }
  }

  /** The methods with the times at which they changed. */
  get names(): string {
    const { first, request } = this;
    const changes = this.changes.filter(({ t }) => t !== request.t0);
    const shown = changes.slice(0, SHOWN).map(({ name, t }) => ` -> ${name} at t = ${t}`);
    const more = changes.length - shown.length;
    return first + shown.join("") + (more > 0 ? ` and ${more} changes more, to ${changes.at(-1)!.name}` : "");
  }

  /** Steps by one method, until it is due to be looked at whether another one is cheaper. */
  private stretch(prepared: Prepared): Trajectory {
    const { request, next, trajectory: before } = this;
    const { role, pauseAfter } = next;
    const isWatched = role === "explicit" && pauseAfter === 0;
    const pausing = { whenStiff: isWatched, beforeShortSteps: !before, after: pauseAfter || undefined };
    const trajectory = (this.trajectory = integrate(prepared, before ? this.rest(before) : request, before, pausing));
    const { kind, t, h, strained } = trajectory.result;
    this.strained ||= strained ?? false;
    if (kind === "stiff" || kind === "paused") {
      const { t0, t1, rtol } = request;
      // An explicit method goes on for a while where it was the cheapest, and is then watched again.
      const isWatchedAgain = role === "explicit" && kind === "paused";
      this.next = isWatchedAgain
        ? WATCHED
        : (this.choice ??= new Choice()).next({
            prepared,
            candidates: this.candidates,
            role,
            t0,
            t,
            t1,
            h,
            rtol,
            isLimited: kind === "stiff",
            isStart: isAtStart(trajectory),
          });
    }
    return trajectory;
  }

  /** Is there something left to be done, and by what? */
  private goesOn({ result }: Trajectory): boolean {
    switch (result.kind) {
      case "stiff":
      case "paused":
        return true;
      case "tooManySteps": {
        // Some are left of those allowed, for the method that goes on.
        if (this.next.role !== "explicit" || this.next.pauseAfter === Infinity) return false;
        this.next = { role: this.strained ? "implicit" : "explicit", pauseAfter: Infinity };
        return true;
      }
      default:
        return false;
    }
  }

  private rest(before: Trajectory): IntegrationRequest {
    const { request } = this;
    const { t, h } = before.result;
    const maxSteps = (request.maxSteps ?? DEFAULT_MAX_STEPS) - triesOf(before);
    // A first step that was not taken is of the method's own choice.
    const firstStep = isAtStart(before) ? request.firstStep : h;
    return { ...request, u0: before.final.slice(), t0: t, firstStep, maxSteps };
  }
}

function isAtStart({ statistics }: Trajectory): boolean {
  return statistics.steps === 0;
}

function triesOf({ statistics }: Trajectory): number {
  return statistics.steps + statistics.rejected;
}

/** With the implicit method alone; what failed remains where that comes no further. */
function beginAgain(withPrepared: WithPrepared, request: IntegrationRequest, failed: Integrated): Integrated {
  const method = candidatesAt(request.rtol).implicit.method();
  request.onRestart?.();
  const trajectory = withPrepared(method, (prepared) => integrate(prepared, request));
  const { t } = failed.trajectory.result;
  const isFurther = Math.abs(trajectory.result.t - request.t0) > Math.abs(t - request.t0);
  if (trajectory.result.kind !== "success" && !isFurther) return failed;
  addEffort(trajectory, failed.trajectory);
  return { trajectory, solver: `${method.name} after ${failed.method.name} broke down at t = ${t}`, method, changes: [] };
}

/** What a problem is solved with where no method is named; undefined: by what its steps show. */
export function defaultSolver({ mass }: ProblemCode): Method | undefined {
  return mass ? rodas5P() : undefined;
}
