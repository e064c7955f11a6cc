import { ndarray } from "../src/arrays/ndarray.ts";
import { add, concat, matmul, mul, slice, sub, sum } from "../src/operations/plain-operations.ts";
import { UnsupportedValue } from "../src/core/errors.ts";
import { odeProblem, type RightHandSide } from "../src/problem/problem.ts";
import { forcedDisc, initialState, type Field } from "./brusselator-grid.ts";
import type { NamedProblem, Reference } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface BrusselatorParameters {
  A: number;
  B: number;
  /** Diffusion of both species. */
  alpha: number;
}

interface Constants {
  readonly n: number;
  readonly disc: Field;
  readonly network: Field;
  readonly laplacian: typeof laplacian;
}

type Form = RightHandSide<Field, BrusselatorParameters, Constants>;

/** Loops and mutation. */
const loops: Form = (derivative, state, { A, B, alpha }, t, { n, disc }) => {
  const diffusion = alpha * (n - 1) ** 2;
  const pulse = t >= 1.1 ? 5 : 0;
  for (let j = 0; j < n; j++) {
    const below = j === 0 ? n - 1 : j - 1;
    const above = j === n - 1 ? 0 : j + 1;
    for (let i = 0; i < n; i++) {
      const left = i === 0 ? n - 1 : i - 1;
      const right = i === n - 1 ? 0 : i + 1;
      const u = state.get(0, j, i);
      const v = state.get(1, j, i);
      const aroundU = state.get(0, j, left) + state.get(0, j, right) + state.get(0, below, i) + state.get(0, above, i);
      const aroundV = state.get(1, j, left) + state.get(1, j, right) + state.get(1, below, i) + state.get(1, above, i);
      const reaction = u * u * v;
      derivative.set(0, j, i, B + reaction - (A + 1) * u + diffusion * (aroundU - 4 * u) + pulse * disc.get(j, i));
      derivative.set(1, j, i, A * u - reaction + diffusion * (aroundV - 4 * v));
    }
  }
};

/** Array operations, and nothing written to. */
const arrays: Form = (state, { A, B, alpha }, t, { n, disc, laplacian }) => {
  const u = slice(state, 0, 1);
  const v = slice(state, 1, 2);
  const reaction = mul(mul(u, u), v);
  const pulse = t >= 1.1 ? 5 : 0;
  const du = add(sub(add(reaction, B), mul(A + 1, u)), mul(pulse, disc));
  const dv = sub(mul(A, u), reaction);
  return add(concat([du, dv]), mul(alpha * (n - 1) ** 2, laplacian(state, n)));
};

/** The four neighbours less four times the middle, of every cell of both species: the grid, rolled by one each way. */
function laplacian(state: Field, n: number): Field {
  const species = [0, 2] as const;
  const all = [0, n] as const;
  const left = concat([slice(state, [species, all, [n - 1, n]]), slice(state, [species, all, [0, n - 1]])], 2);
  const right = concat([slice(state, [species, all, [1, n]]), slice(state, [species, all, [0, 1]])], 2);
  const below = concat([slice(state, [species, [n - 1, n]]), slice(state, [species, [0, n - 1]])], 1);
  const above = concat([slice(state, [species, [1, n]]), slice(state, [species, [0, 1]])], 1);
  return sub(add(add(left, right), add(below, above)), mul(4, state));
}

/** A stencil written with loops around a reaction network written with linear algebra. */
const mixed: Form = (derivative, state, { A, B, alpha }, t, { n, disc, network }) => {
  const diffusion = alpha * (n - 1) ** 2;
  const pulse = t >= 1.1 ? 5 : 0;
  for (let j = 0; j < n; j++) {
    const below = j === 0 ? n - 1 : j - 1;
    const above = j === n - 1 ? 0 : j + 1;
    for (let i = 0; i < n; i++) {
      const left = i === 0 ? n - 1 : i - 1;
      const right = i === n - 1 ? 0 : i + 1;
      const u = state.get(0, j, i);
      const v = state.get(1, j, i);
      const change = matmul(network, [B, u * u * v, A * u, u]);
      for (let s = 0; s < 2; s++) {
        const around = state.get(s, j, left) + state.get(s, j, right) + state.get(s, below, i) + state.get(s, above, i);
        derivative.set(s, j, i, change.get(s) + diffusion * (around - 4 * state.get(s, j, i)));
      }
      derivative.set(0, j, i, derivative.get(0, j, i) + pulse * disc.get(j, i));
    }
  }
};

const forms = { loops, arrays, mixed };

export interface BrusselatorOptions {
  /** Points along each axis. */
  readonly n: number;
  readonly tEnd: number;
  /** How the right-hand side is written; the three are the same function. */
  readonly form: keyof typeof forms;
}

export const brusselatorDefaults: BrusselatorOptions = { n: 32, tEnd: 11.5, form: "loops" };

/**
 * The two-dimensional Brusselator with diffusion and periodic boundaries: 2n² states, three parameters, stiff.
 *
 *     u' = B + u²v - (A + 1) u + alpha Δu + f(x, y, t),    v' = A u - u²v + alpha Δv
 *
 * with f = 5 in a small disc from t = 1.1 on. E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, IV.10; in this
 * form (periodic, A = 3.4, B = 1, alpha = 10) a common benchmark of stiff solvers. State: ndarray of shape [2, n, n], by species,
 * y and x. The loss is the sum of the state at the end.
 *
 * The reference (n = 8 or 32, tEnd = 11.5) was computed in 80-bit precision, with the tangent equations. Throws
 * UnsupportedValue for an n that is no grid or an unknown form.
 */
export function brusselator(options: Partial<BrusselatorOptions> = {}): NamedProblem<Field, BrusselatorParameters, Constants> {
  const { n, tEnd, form } = completed("brusselator", brusselatorDefaults, options);
  if (!Object.hasOwn(forms, form)) {
    throw new UnsupportedValue(`form is ${String(form)}, but the Brusselator is written as ${Object.keys(forms).join(", ")}.`);
  }
  return {
    problem: odeProblem({
      name: "brusselator",
      rhs: forms[form],
      u0: initialState(n),
      tspan: [0, tEnd],
      p: { A: 3.4, B: 1, alpha: 10 },
      constants: { n, disc: forcedDisc(n), network: reactionNetwork(), laplacian },
    }),
    loss: { final: (state) => sum(state) },
    reference: tEnd === 11.5 ? references.get(n) : undefined,
  };
}

/** Change of u and of v by each reaction: feed, autocatalysis, conversion, removal. */
function reactionNetwork(): Field {
  return ndarray(new Float64Array([1, 1, -1, -1, 0, -1, 1, 0]), [2, 4]);
}

const references: ReadonlyMap<number, Reference<Field, BrusselatorParameters>> = new Map([
  [8, { loss: 367.67381157502916, gradient: { A: 17.286770084411504, B: 396.0611651795045, alpha: 0.008091241726891152 } }],
  [32, { loss: 5706.975996587374, gradient: { A: 7310.296914129622, B: -35843.63781020673, alpha: -0.43750711676129866 } }],
]);
