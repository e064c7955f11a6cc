/**
 * A problem is a set of named operators: functions of the user's, each with a row in this table that says what it takes and what it gives.
 * Reading, calling, deriving and recording one need no more than its row. Behind its arguments every function gets its constants.
 */

/**
 * What numbers are laid out as: the state or half of it, the parameters, what a right-hand side gives, what multiplies noise, times of
 * events, and states at several times.
 */
export type Space = "u" | "position" | "velocity" | "p" | "du" | "noise" | "times" | "series";

/** Numbers of a space, in the user's shape; or a number. */
export type Argument =
  | { readonly name: string; readonly space: Space }
  | {
      readonly name: string;
      readonly scalar: "f64" | "i32";
      /** It stands behind the constants in the call of the function, whether there are any or not. */
      readonly isLast?: true;
    };

/** Numbers of a space, written to the function's first argument or returned. */
export interface SpaceValue {
  readonly name: string;
  readonly space: Space;
}

export interface Signature {
  readonly takes: readonly Argument[];
  /** Numbers of a space, a number that it returns, or nothing: it changes the first of what it takes. */
  readonly gives: SpaceValue | "number" | "nothing";
  /** It changes the parameters too: of what it leaves the program has a second output, `p_after`. */
  readonly changesParameters?: true;
  /** It is called at times that are given, not computed, so that it may test for them. */
  readonly atGivenTimes?: true;
}

const u = { name: "u", space: "u" } as const;
const p = { name: "p", space: "p" } as const;
const t = { name: "t", scalar: "f64" } as const;
/** Which of an event's times it is. */
const index = { name: "index", scalar: "i32", isLast: true } as const;

export const operators = {
  /** u' = rhs(u, p, t). */
  rhs: { takes: [u, p, t], gives: { name: "du", space: "du" } },
  /** u' = stiff(u, p, t) + nonstiff(u, p, t). */
  stiff: { takes: [u, p, t], gives: { name: "du", space: "du" } },
  nonstiff: { takes: [u, p, t], gives: { name: "du", space: "du" } },
  /** The derivatives of the halves of the state { position, velocity }, each by the other half. */
  position: { takes: [{ name: "velocity", space: "velocity" }, p, t], gives: { name: "du", space: "position" } },
  velocity: { takes: [{ name: "position", space: "position" }, p, t], gives: { name: "du", space: "velocity" } },
  /** mass(v, p, t) = M v in M u' = rhs(u, p, t): M is its Jacobian by v. */
  mass: { takes: [{ name: "v", space: "u" }, p, t], gives: { name: "mv", space: "du" } },
  /** residual(du, u, p, t) = 0 is the equation. */
  residual: { takes: [{ name: "du", space: "u" }, u, p, t], gives: { name: "r", space: "du" } },
  /** du = rhs(u, p, t) dt + diffusion(u, p, t) dW. */
  diffusion: { takes: [u, p, t], gives: { name: "g", space: "noise" } },
  /** z = P⁻¹ r, linear in r, for a P that is near d I − ∂rhs/∂u. */
  preconditioner: {
    takes: [{ name: "r", space: "u" }, u, p, t, { name: "d", scalar: "f64" }],
    gives: { name: "z", space: "u" },
  },
  /** The state at times before the start. */
  history: { takes: [p, t], gives: { name: "u", space: "u" } },
  /** The state at the start. */
  u0: { takes: [p], gives: { name: "u", space: "u" } },
  /** An event takes place where this crosses zero. */
  when: { takes: [u, p, t], gives: "number" },
  /** The times of an event, as many at all p. */
  times: { takes: [p], gives: { name: "times", space: "times" } },
  /** What an event does to the state. */
  apply: { takes: [u, p, t, index], gives: "nothing", atGivenTimes: true },
  /** A loss's summand at the i-th of its times, its integrand, and its part at the end. */
  of: { takes: [u, p, t, { name: "i", scalar: "i32" }], gives: "number" },
  integral: { takes: [u, p, t], gives: "number" },
  final: { takes: [u, p], gives: "number" },
  /** A loss of the states at all of its times. */
  all: { takes: [{ name: "u", space: "series" }, p], gives: "number" },
  /** What the scaled errors of a step amount to. */
  norm: { takes: [{ name: "errors", space: "u" }], gives: "number" },
  /** By what the length of a step is multiplied for the next one. */
  controller: {
    takes: [
      { name: "error", scalar: "f64" },
      { name: "previous", scalar: "f64" },
      { name: "ratio", scalar: "f64" },
      { name: "order", scalar: "f64" },
    ],
    gives: "number",
  },
  /** A loss of a steady state. */
  steady: { takes: [u, p], gives: "number" },
} as const satisfies Readonly<Record<string, Signature>>;

export type OperatorName = keyof typeof operators;
