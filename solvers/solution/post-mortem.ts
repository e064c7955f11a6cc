/** Why an integration failed: looked for where it stopped, by some more right-hand sides. */
import { firstNotFinite } from "../../src/core/array-values.ts";
import { componentName } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { tsit5 } from "../methods/tsit5.ts";
import type { Method } from "../step/method.ts";
import { dominantMode } from "./spectral-radius.ts";
import { setTolerance } from "../step-loop/tolerances.ts";
import type { Trajectory } from "../step-loop/trajectory.ts";

export interface Scene {
  readonly trajectory: Trajectory;
  readonly nameOf: (component: number) => string;
  readonly rhs: (u: Float64Array, t: number) => Float64Array;
  readonly method: Method;
  readonly rtol: number;
  readonly atol: Float64Array;
  /** Where it began, and the end it was to reach. */
  readonly start: Float64Array;
  readonly t1: number;
}

/** Of an integration of a problem with parameters p. */
export function sceneOf(code: ProblemCode, p: Float64Array, trajectory: Trajectory): Scene {
  const { u0, t1, rtol, atol } = trajectory.request!;
  const each = new Float64Array(u0.length);
  setTolerance(each, atol);
  const rhs = (u: Float64Array, t: number): Float64Array => {
    const slope = new Float64Array(u.length);
    code.plain(slope, u, p, t);
    return slope;
  };
  const nameOf = (i: number): string => componentName(code.layout.u, code.layout.u.offset + i, "u");
  return { trajectory, nameOf, rhs, method: trajectory.method!, rtol, atol: each, start: u0, t1 };
}

/** A value that would double in such a part of the time since the start has no bound. */
const SUDDEN = 1e-7;
/** Of the time span, the time since the start at the start itself. */
const AT_START = 1e-13;
/** A value of so many times its first one has grown. */
const GROWN = 1e3;
/** A solution of so many times its first size may still be sound. */
const SOUND = 10;
/** So many of the last sound states are looked at. */
const LAST = 50;
/** Of t; a step of this part of it changes it. */
const MOVING = 2 ** -50;
/** What the tolerance has to exceed, relative to a value. */
const ROUNDING = 2 ** -50;
/** A derivative that changes by more than this part of itself, however short the stretch, jumps. */
const JUMP = 0.5;
const HALVINGS = 20;
/** Of the stability boundary. */
const HELD_BACK = 0.5;

/** In whole sentences, with what to do about it; undefined where nothing was found. */
export function causeOfUnderflow(scene: Scene): string | undefined {
  return (
    shorterThanTime(scene) ??
    wouldBeNegative(scene) ??
    shorterThanAllowed(scene) ??
    finerThanRounding(scene) ??
    heldBack(scene) ??
    singularity(scene) ??
    discontinuity(scene, 64 * scene.trajectory.result.h)
  );
}

export function causeOfTooManySteps(scene: Scene): string | undefined {
  return heldBack(scene) ?? singularity(scene) ?? discontinuity(scene, scene.trajectory.result.h) ?? pace(scene);
}

export function causeOfNonFinite(scene: Scene): string | undefined {
  return tooLong(scene) ?? singularity(scene);
}

/** The first place, of those that a step from where it stopped looks at, where a derivative is not finite. */
export function notFiniteAt({ trajectory, rhs }: Scene): { component: number; u: Float64Array; t: number } | undefined {
  const { final, result } = trajectory;
  const slopes = [rhs(final, result.t)];
  const { stages } = tsit5().tableau;
  let [u, t] = [final, result.t];
  for (let k = 0; ; k++) {
    const component = firstNotFinite(slopes[k]);
    if (component >= 0) return { component, u, t };
    if (k === stages.length) return undefined;
    const { a, c } = stages[k];
    u = final.map((x, i) => x + result.h * a.reduce((sum, weight, j) => sum + weight * slopes[j][i], 0));
    t = result.t + c * result.h;
    slopes.push(rhs(u, t));
  }
}

/** Relative to the time: what steps cannot be shorter than. */
const SHORTEST = 2 ** -49;

/** Of steps whose length the user gave, where not even one could be tried. */
function shorterThanTime({ trajectory: { request, result, method } }: Scene): string | undefined {
  if (result.h !== 0) return undefined;
  const { t1, maxStep = Infinity, firstStep = Infinity } = request!;
  const lengths = { dt: method?.dt ?? Infinity, maxStep, firstStep };
  const [name, length] = Object.entries(lengths).reduce((a, b) => (b[1] < a[1] ? b : a));
  // A default may be the longest step of a solve that broke down where it grew beyond bounds.
  if (length > SHORTEST * Math.max(Math.abs(result.t), Math.abs(t1))) return undefined;
  return `Steps of ${name}, ${short(length)}, are too short to tell times apart on the way to t = ${t1}: give a longer one.`;
}

/** Of components that the user forbade to be negative. */
function wouldBeNegative({ trajectory: { result, final, method }, rhs, nameOf, atol }: Scene): string | undefined {
  const positive = method?.control?.positive ?? [];
  const slopes = positive.length > 0 ? rhs(final, result.t) : undefined;
  const i = positive.find((k) => final[k] < 0 || (final[k] <= atol[k] && slopes![k] * result.h < 0));
  if (i === undefined) return undefined;
  if (final[i] < 0) {
    return `${nameOf(i)} is ${short(final[i])} there, and \`positive\` lets no step end like that: let it begin, and events leave it, at zero or above.`;
  }
  return (
    `${nameOf(i)} becomes negative there, however short the step, which \`positive\` forbids: leave it out of that, or look why the ` +
    "right-hand side makes it so."
  );
}

/** Of steps that the user forbade. */
function shorterThanAllowed({ trajectory: { request, result } }: Scene): string | undefined {
  const { minStep = 0 } = request!;
  // Shorter ones would have changed the time.
  if (!(minStep > MOVING * Math.abs(result.t))) return undefined;
  return `The tolerances ask for a step shorter than minStep, ${short(minStep)}: give a smaller one, or greater tolerances.`;
}

function finerThanRounding({ trajectory: { final }, nameOf, rtol, atol }: Scene): string | undefined {
  const i = final.findIndex((u, i) => atol[i] + rtol * Math.abs(u) < ROUNDING * Math.abs(u));
  if (i < 0) return undefined;
  const tolerance = atol[i] + rtol * Math.abs(final[i]);
  return `The tolerance of ${nameOf(i)}, ${short(tolerance)}, is finer than its value of ${short(final[i])} can be computed: raise rtol to 1e-13.`;
}

/** Of an explicit method, by stability. */
function heldBack({ trajectory, rhs, method, rtol, atol }: Scene): string | undefined {
  const { final, result } = trajectory;
  const boundary = method.family.stability(method.tableau);
  if (boundary === undefined) return undefined;
  const { radius, decays } = dominantMode(rhs, final, result.t, result.h, rtol, atol);
  if (!decays || Math.abs(result.h) * radius < HELD_BACK * boundary) return undefined;
  return (
    `The problem is stiff there: the spectral radius of its Jacobian is ${short(radius)}, so that steps of ${method.name} longer than ` +
    `${short(boundary / radius)} are not stable. Take an implicit method (rodas5P), or name no solver and have it chosen.`
  );
}

/** Of an explicit method with steps of one length: were they stable while the solution was still sound? */
function tooLong({ trajectory, rhs, method, rtol, atol, start, t1 }: Scene): string | undefined {
  const boundary = method.family.stability(method.tableau);
  if (boundary === undefined || method.dt === undefined) return undefined;
  const { savedTimes, savedStates, n, times } = trajectory;
  const largest = (u: Float64Array): number => u.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const saved = trajectory.kept ? [] : savedTimes.map((t, k) => ({ t, u: savedStates.data.slice(k * n, (k + 1) * n) }));
  const sound = [{ t: times[0], u: start }, ...saved.filter(({ u }) => largest(u) <= SOUND * largest(start))];
  for (const { t, u } of sound.slice(-LAST)) {
    const { radius, decays } = dominantMode(rhs, u, t, Math.sign(t1 - times[0]) * method.dt, rtol, atol);
    if (!decays || method.dt * radius < boundary) continue;
    return (
      `The problem is stiff: the spectral radius of its Jacobian is ${short(radius)} at t = ${short(t)}, so that steps of ` +
      `${method.name} longer than ${short(boundary / radius)} are not stable, and dt is ${short(method.dt)}. Give a shorter one, or ` +
      `take an implicit method: rodas5P(), or implicitEuler({ dt }).`
    );
  }
  return undefined;
}

/** A value, or a derivative, that grows without bound. */
export function singularity(scene: Scene): string | undefined {
  const { trajectory, nameOf, rhs, atol, start, t1 } = scene;
  const { final, result, times } = trajectory;
  const slope = rhs(final, result.t);
  const doubling = final.map((u, i) => (slope[i] === 0 ? Infinity : (Math.abs(u) + atol[i]) / Math.abs(slope[i])));
  const i = doubling.reduce((least, time, i) => (time < doubling[least] ? i : least), 0);
  const elapsed = Math.abs(result.t - times[0]) || AT_START * Math.abs(t1 - times[0]);
  if (!(doubling[i] < SUDDEN * elapsed)) return undefined;
  const away = final[i] * slope[i] * Math.sign(result.h) > 0;
  const grown = Math.abs(final[i]) > GROWN * (Math.abs(start[i]) + atol[i]);
  const what =
    away && grown
      ? `${nameOf(i)} grows without bound: it is ${short(final[i])}, and would double within ${short(doubling[i])}.`
      : `The derivative of ${nameOf(i)} grows without bound: it is ${short(slope[i])}, of a value of ${short(final[i])}. ` +
        `Look for a division by what becomes zero.`;
  return what + uncontrolled(scene);
}

/** Components whose errors were not controlled while the solution was still sound. */
function uncontrolled({ trajectory, nameOf, atol }: Scene): string {
  const { savedTimes, savedStates, n, times, result } = trajectory;
  const sound = savedTimes.flatMap((t, k) => (k > 0 && Math.abs(t - times[0]) < Math.abs(result.t - times[0]) / 2 ? [k] : []));
  if (sound.length === 0 || trajectory.kept) return "";
  for (let i = 0; i < n; i++) {
    const largest = sound.reduce((most, k) => Math.max(most, Math.abs(savedStates.data[k * n + i])), 0);
    if (largest === 0 || largest > 10 * atol[i]) continue;
    return (
      ` ${nameOf(i)} was at most ${short(largest)} before, with an atol of ${short(atol[i])} hardly controlled: ` +
      `if this should not happen, give a smaller atol.`
    );
  }
  return "";
}

/** Within `length` of where it stopped, along its derivative there; the half that jumps is halved again. */
function discontinuity({ trajectory, nameOf, rhs }: Scene, length: number): string | undefined {
  const { final, result } = trajectory;
  const slope = rhs(final, result.t);
  const at = (s: number): Float64Array =>
    rhs(
      final.map((u, i) => u + s * slope[i]),
      result.t + s,
    );
  const [first, last] = [at(0), at(length)];
  const i = first.findIndex((f, i) => Math.abs(last[i] - f) > JUMP * Math.max(Math.abs(f), Math.abs(last[i])));
  if (i < 0) return undefined;
  let [from, to] = [0, length];
  let [before, after] = [first[i], last[i]];
  for (let k = 0; k < HALVINGS; k++) {
    const middle = (from + to) / 2;
    const value = at(middle)[i];
    if (Math.abs(value - before) > Math.abs(after - value)) [to, after] = [middle, value];
    else [from, before] = [middle, value];
  }
  if (!(Math.abs(after - before) > JUMP * Math.abs(last[i] - first[i]))) return undefined;
  return (
    `The derivative of ${nameOf(i)} jumps from ${short(before)} to ${short(after)} at t = ${result.t + to}: a discontinuity. ` +
    `If its time is known, name it in \`stops\`; if the solution slides along it, make it smooth (Math.tanh(x / width) for Math.sign(x)).`
  );
}

function pace({ trajectory, t1 }: Scene): string | undefined {
  const { times, result, statistics } = trajectory;
  const part = (result.t - times[0]) / (t1 - times[0]);
  if (!(part > 0)) return undefined;
  const all = (statistics.steps + statistics.rejected) / part;
  return `At this pace the whole span takes about ${short(all)} steps: raise maxSteps, loosen the tolerances, or solve a shorter span.`;
}

function short(x: number): string {
  const size = Math.abs(x);
  return size >= 1e6 || (size > 0 && size < 1e-3) ? x.toExponential(2) : String(Number(x.toPrecision(3)));
}
