/** Small problems whose solutions are known in closed form, and what happens to them at events. */
import { matmul } from "../../../src/operations/plain-operations.ts";
import { ndarray, type NdArray } from "../../../src/arrays/ndarray.ts";
import { odeProblem, type OdeProblem, type OdeProblemSpec } from "../../../src/problem/problem.ts";
import { rodas5P, rosenbrock23, tsit5, vern7 } from "../../../solvers/index.ts";
import type { Method } from "../../../solvers/step/method.ts";
import type { Traits } from "../scenario.ts";

type State = ArrayLike<number>;

export interface ClosedForm {
  readonly name: string;
  readonly traits: Traits;
  readonly solver: SolverCase;
  readonly problem: OdeProblem;
  /** The state at t of the solution that is u at s. */
  readonly flow: (u: State, s: number, t: number, p: never) => readonly number[];
}

/** Which solver a problem gets: one for all its cells, since each pair of method and solver is compiled. */
export interface SolverCase {
  readonly method: Method;
  /** Of both tolerances. */
  readonly tolerance: number;
  /** Of the gradient's error, relative to its norm or one. */
  readonly bound: number;
}

/** Every problem has a parameter `dose` that only events and losses use. */
export interface Dosed {
  readonly dose: number;
}

/** What events do depends on their times alone, so that one compiled event serves all kinds of them. */
export const eventTimes = { dose: 0.7, parameterDependent: 1.3 } as const;

export function applyEvent(u: number[] | Float64Array, p: Dosed, t: number): void {
  if (t < 1) u[0] += 0.5;
  else u[u.length - 1] = 0.6 * u[0] + p.dose * t * u[u.length - 1];
}

/** An event takes place where this rises over zero, a little after 1. */
export function condition(u: number[] | Float64Array, p: Dosed, t: number): number {
  return t - 1.15 - 0.1 * p.dose * Math.sin(u[0]);
}

const tspan = [0.2, 2] as const;

type Spec<U, P> = Omit<OdeProblemSpec<U, P, unknown>, "tspan"> & {
  readonly name: string;
  readonly traits?: Traits;
  readonly solver: SolverCase;
  readonly flow: (u: State, s: number, t: number, p: P) => readonly number[];
};

function closedForm<U, P extends Dosed>({ traits = {}, solver, flow, ...spec }: Spec<U, P>): ClosedForm {
  const problem = odeProblem({ ...spec, tspan } as OdeProblemSpec<U, P, unknown>) as OdeProblem;
  return { name: spec.name, traits, solver, flow, problem };
}

interface Linear extends Dosed {
  readonly A: NdArray<Float64Array>;
}

/** e^{A τ} of a 2 x 2 matrix with complex eigenvalues. */
function linearFlow(u: State, s: number, t: number, { A }: Linear): number[] {
  const [a, b, c, d] = A.data;
  const mean = (a + d) / 2;
  const frequency = Math.sqrt(a * d - b * c - mean * mean);
  const [cos, sin] = [Math.cos(frequency * (t - s)), Math.sin(frequency * (t - s)) / frequency];
  const growth = Math.exp(mean * (t - s));
  return [
    growth * (cos * u[0] + sin * ((a - mean) * u[0] + b * u[1])),
    growth * (cos * u[1] + sin * (c * u[0] + (d - mean) * u[1])),
  ];
}

const linear = {
  u0: new Float64Array([1.1, -0.4]),
  p: { A: ndarray(new Float64Array([-0.3, 1.4, -1.1, 0.2]), [2, 2]), dose: 0.8 },
  flow: linearFlow,
} as const;

export const closedForms: readonly ClosedForm[] = [
  closedForm({
    name: "a chain of decays, with derivatives of its author",
    solver: { method: tsit5(), tolerance: 1e-8, bound: 1e-6 },
    rhs(du, u, { k1, k2 }) {
      du[0] = -k1 * u[0];
      du[1] = k1 * u[0] - k2 * u[1];
    },
    u0: [1.2, 0.3],
    p: { k1: 1.7, k2: 0.6, dose: 0.9 },
    derivatives: {
      vjp(uBar, pBar, v, u, { k1, k2 }) {
        uBar[0] = k1 * (v[1] - v[0]);
        uBar[1] = -k2 * v[1];
        pBar.k1 = u[0] * (v[1] - v[0]);
        pBar.k2 = -u[1] * v[1];
        pBar.dose = 0;
      },
    },
    // Bateman 1910.
    flow(u, s, t, { k1, k2 }) {
      const [e1, e2] = [Math.exp(-k1 * (t - s)), Math.exp(-k2 * (t - s))];
      return [u[0] * e1, u[1] * e2 + ((u[0] * k1) / (k2 - k1)) * (e1 - e2)];
    },
  }),
  closedForm({
    name: "logistic growth with the seasons",
    solver: { method: vern7(), tolerance: 1e-8, bound: 1e-6 },
    rhs(du, u, { r, K }, t) {
      du[0] = r * Math.cos(t) * u[0] * (1 - u[0] / K);
    },
    u0: [0.4],
    p: { r: 1.3, K: 2.1, dose: 0.7 },
    flow(u, s, t, { r, K }) {
      return [K / (1 + (K / u[0] - 1) * Math.exp(-r * (Math.sin(t) - Math.sin(s))))];
    },
  }),
  closedForm({
    name: "fast relaxation to a slow motion",
    solver: { method: rodas5P(), tolerance: 1e-5, bound: 1e-3 },
    rhs(du, u, { k }, t) {
      du[0] = -k * (u[0] - Math.cos(t));
    },
    u0: [1.5],
    p: { k: 30, dose: 1.1 },
    // Prothero and Robinson 1974.
    flow(u, s, t, { k }) {
      const slow = (at: number): number => (k * k * Math.cos(at) + k * Math.sin(at)) / (1 + k * k);
      return [slow(t) + (u[0] - slow(s)) * Math.exp(-k * (t - s))];
    },
  }),
  closedForm({
    name: "a linear system by an array operation",
    solver: { method: rosenbrock23(), tolerance: 1e-5, bound: 1e-2 },
    traits: { arrays: ["u", "p"] },
    rhs: (u, { A }) => matmul(A, u),
    ...linear,
  }),
  closedForm({
    name: "a linear system without text",
    solver: { method: tsit5(), tolerance: 1e-7, bound: 1e-5 },
    traits: { arrays: ["u", "p"], noText: true },
    rhs: new Proxy((u: Float64Array, { A }: Linear) => matmul(A, u), {}),
    ...linear,
  }),
];
