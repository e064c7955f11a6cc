/** The last stretch to a steady state, by Newton's method, and what is to be known of the state that it ends in. */
import type { Equations } from "./equations.ts";
import { eachEntry } from "../../src/analysis/pattern.ts";
import { eigenvalues, type Complex } from "../linear/eigenvalues.ts";

/** A change that shrinks to this part of itself, from the first one on, shows that the equations are as good as linear (Deuflhard 2004,
 * Newton Methods for Nonlinear Problems, section 2.1.2). */
const CONTRACTION = 0.25;
const MOST_ITERATIONS = 20;
/** A relative change that may be rounding, and the slow iterations after which a larger one is not. */
const ROUNDING = 1e-13;
const CREEPING = 6;
const EPSILON = 2 ** -52;
/** Of the sizes of the components, how far Newton's method may lead to a state that is known to be stable, and to any other one. */
const NEAR_STABLE = 1e-2;
const NEAR_UNKNOWN = 1e-4;
/** How far it has to lead from a state that seems to rest, for that to be on its way. */
const AWAY = 1e-6;
/** The largest number of states for which eigenvalues are computed, and conservation laws looked for: either takes about a second. */
export const MOST_DENSE = 300;

/** How small changes of a steady state develop. */
export interface Stability {
  /** Undefined where rounding decides, or the eigenvalues are not known. */
  readonly stable: boolean | undefined;
  /** The rightmost of J, but for the zeros of conservation laws. */
  readonly eigenvalue: Complex | undefined;
}

export interface Approach {
  readonly u: Float64Array;
  readonly stability: Stability;
}

/** In what a distance is measured, for each component. */
export interface Nearness {
  /** Its size; of one that goes to zero the tolerance of the steps. */
  readonly sizes: Float64Array;
  /** Its size; of one that is small, that for which its tolerance was chosen. */
  readonly scales: Float64Array;
  /** What the steps may err by. */
  readonly tolerances: Float64Array;
  /** Of what is found. */
  readonly rtol: number;
}

/**
 * The steady state that the dynamics go to from u, if Newton's method finds one that is so near that they do: a stable one close by, or any
 * that is no farther away than the steps err.
 */
export function finish(equations: Equations, laws: number, u: Float64Array, nearness: Nearness): Approach | undefined {
  const found = newton(equations, u, nearness);
  if (!found) return undefined;
  const stability = stabilityAt(equations, laws, found);
  const { stable, eigenvalue } = stability;
  const reach = stable === true ? NEAR_STABLE : eigenvalue ? 0 : NEAR_UNKNOWN;
  const change = found.map((x, i) => x - u[i]);
  const isNear = largest(change, nearness.sizes) <= reach || largest(change, nearness.tolerances) <= 1;
  return isNear ? { u: found, stability } : undefined;
}

/** Where nothing seems to change: does the linearisation lead elsewhere, so that it does change, only slowly? */
export function leadsAway(equations: Equations, u: Float64Array, { scales }: Nearness): boolean {
  if (!equations.linearize(u, scales)) return false;
  const change = equations.solve(equations.residual(u));
  return change !== undefined && largest(change, scales) > AWAY;
}

/** Undefined where the changes do not shrink from the first one on, or the state where they end is not isolated. */
function newton(equations: Equations, start: Float64Array, { sizes, scales, rtol }: Nearness): Float64Array | undefined {
  const u = start.slice();
  let before = Infinity;
  let creeping = 0;
  for (let k = 1; k <= MOST_ITERATIONS; k++) {
    equations.work.newtonIterations++;
    if (!equations.linearize(u, scales)) return undefined;
    const change = equations.solve(equations.residual(u));
    if (!change) return undefined;
    const [now, relative] = [largest(change, sizes), largest(change, scales)];
    if (k === 1 && now > NEAR_STABLE) return undefined;
    if (now > CONTRACTION * before) {
      if (relative > rtol) return undefined;
      // What does not shrink any more is rounding; what shrinks ever on, but slowly, goes to where the Jacobian is singular.
      if (relative <= ROUNDING || now >= before) return u;
      if (++creeping === CREEPING) return undefined;
    }
    for (let i = 0; i < u.length; i++) u[i] += change[i];
    // What goes to zero may shrink for ever.
    if (relative <= EPSILON) return u;
    before = now;
  }
  return undefined;
}

/** By the eigenvalues of J, of which those nearest to zero, as many as there are, belong to conservation laws. */
export function stabilityAt(equations: Equations, laws: number, u: Float64Array): Stability {
  const n = u.length;
  const unknown = { stable: undefined, eigenvalue: undefined };
  if (n > MOST_DENSE) return unknown;
  const { values, notFinite } = equations.jacobian(u);
  if (notFinite.length > 0) return unknown;
  const matrix = new Float64Array(n * n);
  eachEntry(equations.pattern, (e, i, j) => (matrix[i * n + j] = values[e]));
  const spectrum = eigenvalues(matrix, n);
  if (!spectrum) return unknown;
  const bySize = spectrum.values.toSorted((x, y) => Math.hypot(x.re, x.im) - Math.hypot(y.re, y.im)).slice(laws);
  // Of a state that conservation laws determine alone nothing can change.
  if (bySize.length === 0) return { stable: true, eigenvalue: undefined };
  const rightmost = bySize.reduce((most, x) => (x.re > most.re ? x : most));
  const im = Math.abs(rightmost.im);
  const eigenvalue = { re: rightmost.re, im: im <= spectrum.error ? 0 : im };
  return { stable: Math.abs(eigenvalue.re) <= spectrum.error ? undefined : eigenvalue.re < 0, eigenvalue };
}

/** The largest component, each in its own unit; Infinity where one is no number. */
function largest(x: Float64Array, units: Float64Array): number {
  return x.reduce((max, y, i) => (Math.abs(y / units[i]) <= max ? max : Math.abs(y / units[i])), 0);
}
