/** Runs a cell: a problem, a method, a backend, a solver, a loss and a kind of events; judges it against the closed form. */
import { BadGradientOption } from "../../../sensitivity/vjp/errors.ts";
import { type OdegradError } from "../../../src/core/errors.ts";
import { remake, type Loss, type OdeProblem } from "../../../src/problem/problem.ts";
import { gradient, type Gradient } from "../../../sensitivity/gradient.ts";
import { hessianVectorProduct } from "../../../sensitivity/hessian.ts";
import { unpack } from "../../../src/arrays/pack.ts";
import { continuousAdjoints } from "../../../sensitivity/adjoints/continuous/methods.ts";
import { adjointMethods, type AdjointName } from "../../../sensitivity/adjoints/index.ts";
import type { VjpBackend } from "../../../sensitivity/vjp/backend.ts";
import { vjpBackends } from "../../../sensitivity/vjp/backends/index.ts";
import { boundOf, canTake, inputs, refusals as ofBackends, type Outcome } from "../harness.ts";
import { events, losses, type EventKind } from "./cases.ts";
import { answerOf, productOf, type Answer } from "./closed-form.ts";
import { applyEvent, condition, type ClosedForm } from "./problems.ts";

/** Of methods that ask for vector-Jacobian products; the others derive what they need from the program. */
export function usesBackend(adjoint: AdjointName): boolean {
  return Object.hasOwn(continuousAdjoints, adjoint);
}

/** The errors that say no; any other is a failure. */
const refusals = [...ofBackends, BadGradientOption] as const;

export interface Row {
  readonly adjoint: AdjointName;
  readonly backend: VjpBackend;
}

export const rows: readonly Row[] = (Object.keys(adjointMethods) as AdjointName[]).flatMap((adjoint) =>
  Object.values(usesBackend(adjoint) ? vjpBackends : { source: vjpBackends.source }).map((backend) => ({
    adjoint,
    backend,
  })),
);

/** A closed form with all kinds of losses and events: what is compiled for one is used for the others. */
export class Subject {
  /** With timed events alone, and with one of the state besides. */
  private readonly dosed: OdeProblem;
  private readonly crossing: OdeProblem;
  private readonly answers = new Map<string, Answer>();

  constructor(readonly form: ClosedForm) {
    this.dosed = this.with({ at: [] }, form.problem);
    this.crossing = this.with({ at: [], crosses: true }, form.problem);
  }

  /** By names of their kinds. */
  run({ adjoint, backend }: Row, loss: string, event: string): Outcome {
    const { method: solver, tolerance, bound } = this.form.solver;
    const { problem } = this.problemOf(event);
    const options = {
      adjoint,
      vjp: backend.name,
      solver,
      rtol: tolerance,
      atol: tolerance,
      wrt: ["p", "u0", "t0", "t1"],
    } as const;
    try {
      const found = gradient(problem, { ...options, loss: losses[loss] as Loss });
      const error = errorOf(found, this.answer(loss, event));
      return { kind: error <= Math.max(bound, boundOf(backend)) ? "right" : "wrong", error };
    } catch (error) {
      if (!refusals.some((refusal) => error instanceof refusal)) throw error;
      return { kind: "refused", by: (error as OdegradError).name };
    }
  }

  protected problemOf(event: string): { readonly problem: OdeProblem; readonly kind: EventKind | undefined } {
    const kind = events[event];
    return { kind, problem: kind ? this.with(kind, kind.crosses ? this.crossing : this.dosed) : this.form.problem };
  }

  private answer(loss: string, event: string): Answer {
    const key = `${loss}, ${event}`;
    const known = this.answers.get(key) ?? answerOf(this.form, losses[loss], events[event]);
    this.answers.set(key, known);
    return known;
  }

  private with({ at, crosses }: EventKind, problem: OdeProblem): OdeProblem {
    const timed = { at, apply: applyEvent as never };
    if (!crosses) return remake(problem, { events: timed });
    return remake(problem, { events: [timed, { when: condition as never, direction: "up", apply: applyEvent as never }] });
  }
}

/** Products of second derivatives with a direction; `run` as of a {@link Subject}. */
export class SecondSubject extends Subject {
  private readonly products = new Map<string, Float64Array>();

  runSecond(adjoint: AdjointName, loss: string, event: string): Outcome {
    const { method: solver, tolerance, bound } = this.form.solver;
    const { problem, kind } = this.problemOf(event);
    const { layout } = problem;
    const flat = Float64Array.from({ length: layout.p.size + layout.u.size }, (_, i) => Math.cos(1 + 2 * i));
    const direction = {
      p: unpack(layout.p, flat.slice(0, layout.p.size)),
      u0: unpack(layout.u, flat.slice(layout.p.size)),
    };
    const options = { adjoint, solver, rtol: tolerance, atol: tolerance, wrt: ["p", "u0"], direction } as const;
    try {
      const { flat: found } = hessianVectorProduct(problem, { ...options, loss: losses[loss] as Loss });
      const key = `${loss}, ${event}`;
      const expected = this.products.get(key) ?? productOf(this.form, losses[loss], kind, flat);
      this.products.set(key, expected);
      const size = expected.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      const error = Math.max(...[...found.p!, ...found.u0!].map((x, i) => Math.abs(x - expected[i]) / size));
      return { kind: error <= bound ? "right" : "wrong", error };
    } catch (error) {
      if (!refusals.some((refusal) => error instanceof refusal)) throw error;
      return { kind: "refused", by: (error as OdegradError).name };
    }
  }
}

/** What follows from what methods and problems state about themselves. */
export function expectedSecond(adjoint: AdjointName, form: ClosedForm): Outcome["kind"] {
  const goesBack = !form.solver.method.family.implicit || adjointMethods[adjoint].traits.stiff;
  return form.traits.noText || !goesBack ? "refused" : "right";
}

/** The largest, of the value and of any entry of the gradient, relative to the value and to the gradient's largest entry, or one. */
function errorOf({ value, gradient: { t0, t1 }, flat }: Gradient, answer: Answer): number {
  const found = [...flat.p!, ...flat.u0!, t0!, t1!];
  const size = answer.gradient.reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
  const inValue = Math.abs(value - answer.value) / Math.max(1, Math.abs(answer.value));
  const error = found.reduce((largest, x, i) => Math.max(largest, Math.abs(x - answer.gradient[i]) / size), inValue);
  return Number.isFinite(error) ? error : Infinity;
}

/** What follows from what methods, backends and problems state about themselves. */
export function expected({ adjoint, backend }: Row, form: ClosedForm): Outcome["kind"] {
  if (!usesBackend(adjoint)) return form.traits.noText ? "refused" : "right";
  if (!inputs.every((input) => canTake(backend, form, input))) return "refused";
  return !form.solver.method.family.implicit || adjointMethods[adjoint].traits.stiff ? "right" : "refused";
}
