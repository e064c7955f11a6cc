/** The problem: what the user states, checked and laid out flat. */
import { layoutOf, ownLayouts, sameLayout, type Layout } from "../arrays/layout.ts";
import { packFinite, type Shaped } from "../arrays/pack.ts";
import { describe } from "../core/array-values.ts";
import { listing } from "./captured.ts";
import type { ProblemCode } from "./code.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import type { PlainFunction } from "./plain-operator.ts";
import { isInPlace } from "./in-place.ts";
import { massMatrixOf } from "./mass-matrix.ts";
import { rightHandSide, type Split } from "./split.ts";
import { codeOf } from "./stated.ts";
import { BadProblem } from "./errors.ts";
import { checkedEvents, eventsCheck, type CheckedEvent, type Events } from "./events.ts";
import { checkOptions, object, type Checks } from "../core/options/check.ts";
import { anything, callable, oneOf, text } from "../core/options/kinds.ts";
import { checkTimeSpan, timeSpan } from "../core/options/time-span.ts";
import { view } from "../arrays/view.ts";
import { called } from "../operations/calling.ts";
import type { InitialState, OdeProblem, OdeProblemSpec } from "./specification.ts";

export type {
  DaeProblemSpec,
  Derivative,
  Halves,
  InitialState,
  Loss,
  OdeProblem,
  OdeProblemSpec,
  Preconditioner,
  RightHandSide,
  Series,
  StiffParts,
} from "./specification.ts";

const derivativeChecks: Checks<Derivatives> = { jac: callable, paramJac: callable, jvp: callable, vjp: callable };

const specChecks: Checks<OdeProblemSpec<unknown, unknown, unknown>> = {
  rhs: rightHandSide,
  u0: anything,
  tspan: timeSpan,
  p: anything,
  constants: anything,
  events: eventsCheck,
  derivatives: object(derivativeChecks),
  preconditioner: callable,
  massMatrix: anything,
  initialise: oneOf("algebraic"),
  name: text,
};

/**
 * States an initial value problem of ordinary differential equations.
 *
 * Throws UnknownOption and BadOption (keys and values of the specification), BadTimeSpan, NonFinite (in u0 or p), UnsupportedValue
 * (nested arrays, values that are not numbers), FunctionThrew (at once only of a function without text), {@link BadEvents} and
 * BadMassMatrix.
 */
export function odeProblem<U, P = number[], C = unknown>(spec: OdeProblemSpec<U, P, C>): OdeProblem<U, P, C> {
  if (typeof spec === "function") throw new BadProblem(`odeProblem: give more than the right-hand side: ${EXAMPLE}.`);
  checkOptions(spec, specChecks, "odeProblem");
  if (spec.rhs === undefined) throw new BadProblem(`odeProblem: there is no right-hand side. Give one: ${EXAMPLE}.`);
  const rhs = spec.rhs as PlainFunction | Split;
  if (typeof rhs !== "function") requireWholeElse(spec);
  const { tspan, p = [] as P, constants = undefined as C, name = nameOf(rhs) } = spec;
  const ofP = layoutOf(p, "p");
  const parameters = packFinite(ofP, p, "p");
  const { u0, initial } = initialState(spec.u0, ofP, parameters, constants);
  const layout = { u: layoutOf(u0, "u0"), p: ofP };
  const state = packFinite(layout.u, u0, "u0");
  checkTimeSpan(tspan);
  const inPlace = typeof rhs === "function" && isInPlace(rhs, name, layout, state, parameters, tspan[0], constants);
  const events = spec.events && checkedEvents(spec.events, layout.u);
  const { massMatrix, initialise } = spec;
  if (initialise !== undefined && massMatrix === undefined) {
    throw new BadProblem(
      'odeProblem: initialise: "algebraic" asks for a massMatrix, whose zero rows are the algebraic equations.',
    );
  }
  const functions = {
    rhs,
    events,
    u0: initial?.of as PlainFunction | undefined,
    preconditioner: spec.preconditioner as PlainFunction | undefined,
    derivatives: spec.derivatives as Derivatives | undefined,
  };
  return listing({
    name,
    rhs,
    u0,
    ...(initial && { initial }),
    p,
    tspan,
    constants,
    events,
    ...(spec.preconditioner && { preconditioner: spec.preconditioner }),
    ...(massMatrix !== undefined && { massMatrix, initialise }),
    layout,
    inPlace,
    code: codeOf(functions, {
      layout,
      mass: massMatrix === undefined ? undefined : massMatrixOf(massMatrix, layout.u),
      constants,
      inPlace,
      name,
      start: { u0: state, p: parameters, tspan },
    }),
  });
}

function nameOf(rhs: PlainFunction | Split): string {
  return (typeof rhs === "function" && rhs.name) || "rhs";
}

/** What is of a right-hand side as one function. Throws {@link BadProblem}. */
function requireWholeElse(spec: object): void {
  for (const key of ["derivatives", "massMatrix"]) {
    if ((spec as Readonly<Record<string, unknown>>)[key] === undefined) continue;
    throw new BadProblem(
      `odeProblem: ${key} is for a right-hand side in one function, and rhs is in parts. Leave one of them out, or add the parts up.`,
    );
  }
}

const EXAMPLE = "odeProblem({ rhs(du, u, p, t) { … }, u0, tspan, p })";

/**
 * Is it one that `odeProblem` or `remake` made, or a copy with other u0, p or tspan? Throws {@link BadProblem}; `verb` is what was
 * to be done with it. Code that holds what objects of the constants gave before, and do not give now, is made anew.
 */
export function requireProblem(value: unknown, verb: string): void {
  if (!(typeof value === "object" && value !== null && "code" in value && "layout" in value)) {
    throw new BadProblem(`${verb}: the problem is ${describe(value)}. State it: const problem = ${EXAMPLE}.`);
  }
  const exchanged = exchangedPart(value as OdeProblem);
  if (exchanged === undefined) return refresh(value as OdeProblem);
  const isStated = !["events", "constants", "u0"].includes(exchanged);
  const remedy = isStated ? `State another one: ${EXAMPLE}` : `Make another one: remake(problem, { ${exchanged} })`;
  throw new BadProblem(
    `${verb}: ${exchanged} was exchanged in a copy of the problem, whose code is made of the one before. ${remedy}.`,
  );
}

/**
 * {@link requireProblem}, and calls `use` with the problem: until what that returns, or promises, is there, its compiled code computes
 * with its own constants.
 */
export function holding<U, P, C, R>(problem: OdeProblem<U, P, C>, verb: string, use: (held: OdeProblem<U, P, C>) => R): R {
  requireProblem(problem, verb);
  return problem.code.held((code) => {
    // One that is frozen keeps its own.
    const isItsOwn = code === problem.code || Reflect.set(problem, "code", code);
    return use(isItsOwn ? problem : { ...problem, code });
  });
}

function refresh(problem: OdeProblem): void {
  const { code } = problem;
  code.lookAtConstants();
  // The code of a problem that is frozen stays what it is: ConstantsChanged, later.
  if (code.isOutdated) Reflect.set(problem, "code", code.anew());
}

/** What is not that which the problem's code is made of. */
function exchangedPart(problem: OdeProblem): keyof OdeProblem | undefined {
  const { code, rhs, residual, constants, events, preconditioner, massMatrix, initial } = problem;
  if (residual !== undefined && residual !== code.operators.rhs.fn) return "residual";
  if (massMatrix !== code.mass?.given) return "massMatrix";
  if (rhs !== code.operators.rhs.stated) return "rhs";
  if (preconditioner !== code.operators.preconditioner?.fn) return "preconditioner";
  if (initial?.of !== code.operators.u0?.fn || (initial && !Object.is(problem.u0, initial.value))) return "u0";
  if (!sameFunctions(events ?? [], code.events)) return "events";
  return sameConstants(constants, code.constants) ? undefined : "constants";
}

/** What {@link remake} may change; values of the same types as before. */
export interface Changes<U, P, C> {
  /** A value, or a function of p; a function that u0 was before is called with the new p unless this is given. */
  readonly u0?: U | Shaped<U> | ((p: P, constants: C) => U);
  readonly p?: P | Shaped<P>;
  readonly tspan?: readonly [number, number];
  readonly constants?: C;
  readonly events?: Events<U, P, C>;
}

const changeChecks: Checks<Changes<unknown, unknown, unknown>> = {
  u0: anything,
  p: anything,
  tspan: timeSpan,
  constants: anything,
  events: eventsCheck,
};

/**
 * The problem with other values. It shares all compiled code as long as the shapes of u0 and p, the constants and
 * the function of the events stay the same. Throws as {@link odeProblem} does.
 */
export function remake<U, P, C>(
  problem: OdeProblem<U, P, C>,
  changes: Changes<NoInfer<U>, NoInfer<P>, NoInfer<C>>,
): OdeProblem<U, P, C> {
  requireProblem(problem, "remake");
  checkOptions(changes, changeChecks, "remake");
  const { rhs, residual, inPlace, name, preconditioner, massMatrix, initialise, du0 } = problem;
  const { p = problem.p, tspan = problem.tspan, constants = problem.constants } = changes as Partial<OdeProblem<U, P, C>>;
  const own = ownLayouts(problem.layout);
  const events = changes.events ? checkedEvents(changes.events, own.u) : problem.events;
  const ofP = kept(own.p, layoutOf(p, "p"));
  const parameters = packFinite(ofP, p, "p");
  const given = changes.u0 === undefined ? (problem.initial?.of ?? problem.u0) : changes.u0;
  const { u0, initial } = initialState(given as U | ((p: P, constants: C) => U), ofP, parameters, constants);
  const layout = { u: kept(own.u, layoutOf(u0, "u0")), p: ofP };
  const start = { u0: packFinite(layout.u, u0, "u0"), p: parameters, tspan };
  checkTimeSpan(tspan);
  const { operators, derivatives } = problem.code;
  const functions = {
    rhs: operators.rhs.stated as PlainFunction | Split,
    events,
    u0: initial?.of as PlainFunction | undefined,
    preconditioner: operators.preconditioner?.fn,
    derivatives,
  };
  const same =
    operators.u0?.fn === initial?.of &&
    layout.u === own.u &&
    layout.p === own.p &&
    sameFunctions(events ?? [], problem.code.events) &&
    sameConstants(constants, problem.constants) &&
    problem.code.hasSameConstants;
  const mass = layout.u === own.u || massMatrix === undefined ? problem.code.mass : massMatrixOf(massMatrix, layout.u);
  const asEquation = residual && operators.rhs.restated?.(startingDerivative(layout.u, du0));
  const code = same ? problem.code : codeOf(functions, { layout, constants, inPlace, name, start, mass, asEquation });
  const more = {
    ...(initial && { initial }),
    ...(preconditioner && { preconditioner }),
    ...(massMatrix !== undefined && { massMatrix, initialise }),
    ...(residual && { residual, du0, initialise }),
  };
  return listing({ name, rhs, u0, p, tspan, constants, events, ...more, layout: code.layout, inPlace, code });
}

/** That of a residual's state: as it was given, or zero. Throws as `pack` does, and NonFinite. */
export function startingDerivative(own: Layout, du0: unknown): Float64Array {
  return du0 === undefined ? new Float64Array(own.size) : packFinite(own, du0, "du0");
}

/** As it is given, or at these parameters. Throws FunctionThrew. */
function initialState<U, P, C>(
  given: U | ((p: P, constants: C) => U),
  layout: Layout,
  p: Float64Array,
  constants: C,
): { readonly u0: U; readonly initial?: InitialState<U> } {
  if (typeof given !== "function") return { u0: given };
  callable(given, "u0");
  const of = given as PlainFunction;
  const shown = view(layout, p.slice(), "p");
  const value = called("u0", undefined, () => of(shown, ...(constants === undefined ? [] : [constants]))) as U;
  return { u0: value, initial: { of: of as InitialState["of"], value } };
}

function kept(old: Layout, layout: Layout): Layout {
  return sameLayout(old, layout) ? old : layout;
}

function sameConstants(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const [x, y] = [Object.entries(a), new Map(Object.entries(b))];
  return x.length === y.size && x.every(([name, value]) => y.has(name) && Object.is(value, y.get(name)));
}

function sameFunctions(events: readonly CheckedEvent[], code: ProblemCode["events"]): boolean {
  return (
    events.length === code.length &&
    events.every(({ at, when, apply }, k) => {
      const times = typeof at === "function" ? at : undefined;
      return code[k].times?.fn === times && code[k].when?.fn === when && code[k].apply?.fn === apply;
    })
  );
}
