/** The problems on which the method that is chosen by default is held to the best of the others. */
import { dop853, kvaerno5, rodas5P, tsit5, vern7, vern9, type Method } from "../../solvers/index.ts";
import { uniforms } from "../../src/core/random.ts";
import { odeProblem, remake, type OdeProblem } from "../../src/problem/problem.ts";
import {
  allenCahn,
  brusselator,
  grayScott,
  heat,
  hires,
  kuramotoSivashinsky,
  lorenz,
  lotkaVolterra,
  orego,
  pleiades,
  robertson,
  vanDerPol,
  type NamedProblem,
} from "../../problems/index.ts";

export interface Case {
  readonly name: string;
  readonly problem: () => OdeProblem;
  /** The tolerances of the ladder, and those among them at which the default is compared. */
  readonly tolerances: readonly number[];
  readonly compared: readonly number[];
  /** By which the reference is computed, and a second one. */
  readonly references: readonly [() => Method, () => Method];
}

const EXPLICIT = [vern9, dop853] as const;
const IMPLICIT = [rodas5P, kvaerno5] as const;
const DIFFUSION = [vern7, tsit5] as const;

const SMALL = { tolerances: [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10], compared: [1e-4, 1e-6, 1e-8] };
const LARGE = { tolerances: [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7], compared: [1e-4, 1e-6] };

const of = (make: () => unknown) => (): OdeProblem => (make() as NamedProblem).problem as OdeProblem;

/** Of a short side: diffusion is 25 times as fast. */
const STIFF_SIDE = 0.5;
/** Diffusion is 16 times as fast. */
const STIFF_EPSILON = 0.2;

export const cases: readonly Case[] = [
  { name: "lotkaVolterra", problem: of(lotkaVolterra), references: EXPLICIT, ...SMALL },
  { name: "lorenz", problem: of(lorenz), references: EXPLICIT, ...SMALL },
  { name: "pleiades", problem: of(pleiades), references: EXPLICIT, ...SMALL },
  { name: "robertson", problem: of(robertson), references: IMPLICIT, ...SMALL },
  { name: "hires", problem: of(hires), references: IMPLICIT, ...SMALL },
  { name: "vanDerPol, epsilon 1e-6", problem: of(vanDerPol), references: IMPLICIT, ...SMALL },
  { name: "orego", problem: of(orego), references: IMPLICIT, ...SMALL },
  ...[8, 16, 32].map((n) => ({
    name: `brusselator ${n} x ${n}`,
    problem: of(() => brusselator({ n })),
    references: IMPLICIT,
    ...LARGE,
  })),
  { name: "brusselator on a line, 500", problem: brusselatorOnALine, references: IMPLICIT, ...LARGE },
  { name: "kuramotoSivashinsky 256", problem: of(() => kuramotoSivashinsky({ n: 256 })), references: IMPLICIT, ...LARGE },
  { name: "500 species", problem: () => massAction(3), references: IMPLICIT, ...LARGE },
  { name: "500 species, rates to 1e5", problem: () => massAction(5), references: IMPLICIT, ...LARGE },
  ...[64, 128].flatMap((n) => [
    { name: `grayScott ${n}, mildly stiff`, problem: of(() => grayScott({ n })), references: DIFFUSION, ...LARGE },
    { name: `grayScott ${n}, stiff`, problem: of(() => grayScott({ n, side: STIFF_SIDE })), references: DIFFUSION, ...LARGE },
    { name: `allenCahn ${n}, mildly stiff`, problem: of(() => allenCahn({ n })), references: DIFFUSION, ...LARGE },
    { name: `allenCahn ${n}, stiff`, problem: () => stiffAllenCahn(n), references: DIFFUSION, ...LARGE },
  ]),
  { name: "heat on a line, 10,000", problem: of(() => heat({ n: 10_000 })), references: IMPLICIT, ...LARGE },
  { name: "heat on a line, 100,000", problem: of(() => heat({ n: 100_000 })), references: IMPLICIT, ...LARGE },
];

function stiffAllenCahn(n: number): OdeProblem {
  return remake(allenCahn({ n }).problem, { p: { epsilon: STIFF_EPSILON } }) as unknown as OdeProblem;
}

/**
 * The Brusselator with diffusion on a line of n points, between walls where u = 1 and v = 3: 2n states in pairs (E. Hairer, G. Wanner, Solving
 * Ordinary Differential Equations II, IV.10 (10.11), BRUSS, there with n = 500 and alpha = 1/50).
 */
function brusselatorOnALine(): OdeProblem {
  const n = 500;
  return odeProblem({
    name: "brusselatorOnALine",
    rhs(du: Float64Array, u: Float64Array, { alpha }, _t, { n }) {
      const rate = alpha * (n + 1) ** 2;
      for (let i = 0; i < n; i++) {
        const [x, y] = [u[2 * i], u[2 * i + 1]];
        const [xLeft, xRight] = [i > 0 ? u[2 * i - 2] : 1, i < n - 1 ? u[2 * i + 2] : 1];
        const [yLeft, yRight] = [i > 0 ? u[2 * i - 1] : 3, i < n - 1 ? u[2 * i + 3] : 3];
        const reaction = x * x * y;
        du[2 * i] = 1 + reaction - 4 * x + rate * (xLeft - 2 * x + xRight);
        du[2 * i + 1] = 3 * x - reaction + rate * (yLeft - 2 * y + yRight);
      }
    },
    u0: Float64Array.from({ length: 2 * n }, (_, k) => (k % 2 ? 3 : 1 + Math.sin((2 * Math.PI * ((k >> 1) + 1)) / (n + 1)))),
    tspan: [0, 10],
    p: { alpha: 1 / 50 },
    constants: { n },
  }) as unknown as OdeProblem;
}

/** Reactions A + B -> C + D by the law of mass action, as a table: of 500 species, taken at random, with rates over eight decades, up to 10^fastest. */
function massAction(fastest: number): OdeProblem {
  const [species, reactions] = [500, 1500];
  const uniform = uniforms(20);
  const any = (): number => Math.floor(species * uniform());
  const rates = Float64Array.from({ length: reactions }, () => 10 ** (8 * uniform() + fastest - 8));
  const table = Int32Array.from({ length: 4 * reactions }, any);
  return odeProblem({
    name: "massAction",
    rhs(du: Float64Array, u: Float64Array, p: Float64Array, _t, { table, reactions, species }) {
      for (let i = 0; i < species; i++) du[i] = 0;
      for (let r = 0; r < reactions; r++) {
        const rate = p[r] * u[table[4 * r]] * u[table[4 * r + 1]];
        du[table[4 * r]] -= rate;
        du[table[4 * r + 1]] -= rate;
        du[table[4 * r + 2]] += rate;
        du[table[4 * r + 3]] += rate;
      }
    },
    u0: Float64Array.from({ length: species }, uniform),
    tspan: [0, 10],
    p: rates,
    constants: { table, reactions, species },
  }) as unknown as OdeProblem;
}
