/** Gradients of losses from closed forms: the flow from event to event, quadrature where there is an integral, differences. */
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { pack, unpack } from "../../../src/arrays/pack.ts";
import { jacobianOf } from "../jacobian.ts";
import type { AnyLoss, EventKind } from "./cases.ts";
import { applyEvent, condition, type ClosedForm, type Dosed } from "./problems.ts";

export interface Answer {
  readonly value: number;
  /** By p, u0, t0 and t1. */
  readonly gradient: Float64Array;
}

/** The loss as a function of p, u0, t0 and t1, and where it is asked for. */
function lossOf({ problem, flow }: ClosedForm, loss: AnyLoss, events: EventKind) {
  const { layout, tspan } = problem;
  const [n, np] = [layout.u.size, layout.p.size];
  const x = Float64Array.from([...pack(layout.p, problem.p, "p"), ...pack(layout.u, problem.u0, "u0"), ...tspan]);
  const value = (x: Float64Array): number => {
    const p = unpack<Dosed>(layout.p, x.subarray(0, np)) as Dosed;
    const along = (u: ArrayLike<number>, s: number, t: number): Float64Array => Float64Array.from(flow(u, s, t, p as never));
    return lossAlong(along, loss, p, x.slice(np, np + n), [x[np + n], x[np + n + 1]], events);
  };
  return { value, x };
}

/** The product of the Hessian by p and u0 with a direction, good to about 1e-8: half the second differences along sums and differences. */
export function productOf(
  form: ClosedForm,
  loss: AnyLoss,
  events: EventKind = { at: [] },
  direction: Float64Array,
): Float64Array {
  const { value, x } = lossOf(form, loss, events);
  const along = (sign: number, i: number, h: number): number => {
    const moved = (by: number): number => value(x.map((y, j) => y + by * ((direction[j] ?? 0) + (i === j ? sign : 0))));
    return (moved(h) - 2 * value(x) + moved(-h)) / (h * h);
  };
  return direction.map((_, i) => {
    const mixed = (h: number): number => (along(1, i, h) - along(-1, i, h)) / 4;
    const [one, two, four] = [1, 2, 4].map((by) => mixed(LONGEST / by));
    const [first, second] = [(4 * two - one) / 3, (4 * four - two) / 3];
    return (16 * second - first) / 15;
  });
}

const LONGEST = 0.016;

/** The loss and its gradient with respect to everything, good to about 1e-10. */
export function answerOf(form: ClosedForm, loss: AnyLoss, events: EventKind = { at: [] }): Answer {
  const { value, x } = lossOf(form, loss, events);
  return {
    value: value(x),
    gradient: Float64Array.from(
      jacobianOf((x) => Float64Array.of(value(x)), x),
      ([slope]) => slope,
    ),
  };
}

type Flow = (u: ArrayLike<number>, s: number, t: number) => Float64Array;

function lossAlong(
  flow: Flow,
  loss: AnyLoss,
  p: Dosed,
  u0: Float64Array,
  [t0, t1]: readonly [number, number],
  { at, crosses }: EventKind,
): number {
  const constants = undefined;
  const seen: Float64Array[] = [];
  let [from, u, sum] = [t0, u0, 0];
  const upTo = (to: number): void => {
    for (const [i, t] of Array.from(loss.at ?? []).entries()) {
      if (!(t > from && t <= to)) continue;
      seen[i] = flow(u, from, t);
      if (loss.of) sum += loss.of(seen[i], p, t, i, constants);
    }
    if (loss.integral) sum += integrate((t) => loss.integral!(flow(u, from, t), p, t, constants), from, to);
    [u, from] = [flow(u, from, to), to];
  };
  for (const t of [...at.toSorted((a, b) => a - b), t1]) {
    for (let met = crosses && rising((s) => condition(flow(u, from, s), p, s), from, t); met;) {
      upTo(met);
      applyEvent(u, p, met);
      met = rising((s) => condition(flow(u, from, s), p, s), from, t);
    }
    upTo(t);
    if (t !== t1) applyEvent(u, p, t);
  }
  if (loss.all)
    sum += loss.all(ndarray(Float64Array.of(...seen.flatMap((one) => [...one])), [seen.length, u.length]), p, constants);
  return sum + (loss.final?.(u, p, constants) ?? 0);
}

/** Where a function first rises over zero; undefined where it does not. */
function rising(f: (t: number) => number, from: number, to: number): number | undefined {
  const at = (k: number): number => from + (k / PIECES) * (to - from);
  for (let k = 2; k <= PIECES; k++) {
    if (!(f(at(k - 1)) < 0 && f(at(k)) >= 0)) continue;
    let [low, high] = [at(k - 1), at(k)];
    for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
      if (f(middle) < 0) low = middle;
      else high = middle;
    return high;
  }
  return undefined;
}

const PIECES = 300;

/** Gauss-Legendre of order 10 on panels short beside every layer. */
function integrate(f: (t: number) => number, from: number, to: number): number {
  const width = (to - from) / PANELS;
  let sum = 0;
  for (let k = 0; k < PANELS; k++) {
    const middle = from + (k + 0.5) * width;
    NODES.forEach((x, i) => (sum += (width / 2) * WEIGHTS[i] * f(middle + (width / 2) * x)));
  }
  return sum;
}

const PANELS = 24;
const outer = [0.906179845938664, 0.538469310105683];
const NODES = [...outer.map((x) => -x), 0, ...outer];
const [far, near] = [0.236926885056189, 0.478628670499366];
const WEIGHTS = [far, near, 128 / 225, far, near];
