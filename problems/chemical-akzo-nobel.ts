import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

export interface ChemicalAkzoNobelParameters {
  k1: number;
  k2: number;
  k3: number;
  k4: number;
  /** Equilibrium constant of the second reaction. */
  K: number;
  klA: number;
  Ks: number;
  pCO2: number;
  H: number;
}

/** FLB and ZHU to begin with. */
const [FLB, ZHU] = [0.444, 0.007];
const KS = 115.83;

/**
 * A chemical process at Akzo Nobel, in which FLB and ZHU are mixed while carbon dioxide is added: five rates, and an equilibrium that is
 * an algebraic equation. Index 1, stiff.
 *
 * W. J. H. Stortelder, in the Test Set for IVP Solvers (Bari), "Chemical Akzo Nobel problem", whose end state at t = 180 the reference
 * gives. The loss is the last component at the end.
 */
export function chemicalAkzoNobel(options: NoOptions = {}): NamedProblem<Float64Array, ChemicalAkzoNobelParameters> {
  completed("chemicalAkzoNobel", {}, options);
  const end = new Float64Array([
    0.1150794920661702, 0.1203831471567715e-2, 0.1611562887407974, 0.3656156421249283e-3, 0.1708010885264404e-1,
    0.4873531310307455e-2,
  ]);
  return {
    problem: odeProblem({
      name: "chemicalAkzoNobel",
      rhs(du, u, { k1, k2, k3, k4, K, klA, Ks, pCO2, H }) {
        const r1 = k1 * u[0] ** 4 * Math.sqrt(u[1]);
        const r2 = k2 * u[2] * u[3];
        const r3 = (k2 / K) * u[0] * u[4];
        const r4 = k3 * u[0] * u[3] ** 2;
        const r5 = k4 * u[5] ** 2 * Math.sqrt(u[1]);
        const inflow = klA * (pCO2 / H - u[1]);
        du[0] = -2 * r1 + r2 - r3 - r4;
        du[1] = -0.5 * r1 - r4 - 0.5 * r5 + inflow;
        du[2] = r1 - r2 + r3;
        du[3] = -r2 + r3 - 2 * r4;
        du[4] = r2 - r3 + r5;
        du[5] = Ks * u[0] * u[3] - u[5];
      },
      u0: new Float64Array([FLB, 0.00123, 0, ZHU, 0, KS * FLB * ZHU]),
      tspan: [0, 180],
      p: { k1: 18.7, k2: 0.58, k3: 0.09, k4: 0.42, K: 34.4, klA: 3.3, Ks: KS, pCO2: 0.9, H: 737 },
      massMatrix: [1, 1, 1, 1, 1, 0],
    }),
    loss: { final: (u) => u[5] },
    reference: { end, loss: end[5] },
  };
}
