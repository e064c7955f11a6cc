/** Models whose parameters are known, and how data are drawn from them. */
import { lotkaVolterra, pkpd, pollution } from "../../problems/index.ts";
import { odeProblem, type OdeProblem } from "../../src/problem/problem.ts";
import type { ModelOptions } from "../../training/objective/model.ts";
import type { ObservationsSpec } from "../../training/index.ts";

/** Numbers to draw data with. */
export interface Random {
  /** Of mean 0 and deviation 1. */
  readonly normal: () => number;
  /** Between 0 and 1. */
  readonly uniform: () => number;
}

export interface Study {
  readonly name: string;
  /** Its p and u0 are the truth. */
  readonly problem: OdeProblem;
  readonly t: readonly number[];
  readonly free: Pick<ModelOptions, "parameters" | "initial">;
  /** Of the true states at t. */
  readonly measured: (u: readonly unknown[], random: Random) => Omit<ObservationsSpec<unknown, unknown>, "t">;
}

interface StatedStudy<U, P, C> extends Omit<Study, "problem" | "measured"> {
  readonly problem: OdeProblem<U, P, C>;
  readonly measured: (u: readonly U[], random: Random) => Omit<ObservationsSpec<U, P>, "t">;
}

const study = <U, P, C>(stated: StatedStudy<U, P, C>): Study => stated as unknown as Study;

/** n times at equal distances, the last at the end. */
const times = (n: number, end: number): number[] => Array.from({ length: n }, (_, i) => ((i + 1) * end) / n);
const rate = { scale: "log" } as const;

/** A count of Poisson's distribution: how many waits of mean 1 have ended by then. */
function poisson(mean: number, uniform: () => number): number {
  let count = -1;
  for (let sum = 0; sum < mean; count++) sum -= Math.log(uniform());
  return count;
}

/** One group, in which everybody meets everybody; cases are those reported in a week. */
const weeks = times(20, 140);
const seir = odeProblem({
  name: "SEIR",
  rhs(du, u, p) {
    const infections = ((p.R0 / p.days) * u.infectious * u.susceptible) / 1e5;
    du.susceptible = -infections;
    du.exposed = infections - u.exposed / 2;
    du.infectious = u.exposed / 2 - u.infectious / p.days;
    du.cases = (p.reported * u.exposed) / 2;
  },
  u0: { susceptible: 1e5, exposed: 0, infectious: 20, cases: 0 },
  tspan: [0, 140],
  p: { R0: 2, days: 3, reported: 0.3 },
  events: {
    at: weeks,
    apply(u) {
      u.cases = 0;
    },
  },
});

export const studies: readonly Study[] = [
  study({
    name: "lotkaVolterra, deviation 0.1",
    problem: lotkaVolterra().problem,
    t: times(20, 10),
    free: { parameters: { a: true, b: true, c: true, d: true } },
    measured: (u, { normal }) => ({
      values: { prey: u.map(({ prey }) => prey + 0.1 * normal()), predator: u.map(({ predator }) => predator + 0.1 * normal()) },
    }),
  }),
  study({
    name: "pkpd, 3 % and 0.1",
    problem: pkpd().problem,
    t: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24, 25, 26, 28, 32, 36, 42, 48, 49, 50, 54, 60, 72],
    free: { parameters: { Ka1: rate, CL: rate, Vc: rate, Q: rate, Vp: rate, Kin: rate, Kout: rate, IC50: rate } },
    measured: (u, { normal }) => ({
      values: {
        concentration: u.map(({ central }) => (central / 20) * Math.exp(0.03 * normal())),
        response: u.map(({ response }) => response + 0.1 * normal()),
      },
      of: { concentration: (state, p) => state.central / p.Vc },
      noise: { concentration: "lognormal", response: "normal" },
    }),
  }),
  study({
    name: "pollution, 2 %, known",
    problem: pollution().problem,
    t: times(20, 60),
    free: { parameters: { "p[0]": rate, "p[3]": rate, "p[4]": rate, "p[7]": rate, "p[13]": rate } },
    measured: (u, { normal }) => ({
      values: Object.fromEntries(
        [0, 1, 3, 6, 7, 14].map((i) => [`u[${i}]`, u.map((state) => state[i] * Math.exp(0.02 * normal()))]),
      ),
      noise: "lognormal",
      sigma: 0.02,
    }),
  }),
  study({
    name: "SEIR, counts",
    problem: seir,
    t: weeks,
    free: { parameters: { R0: true, days: true, reported: true }, initial: { infectious: rate } },
    measured: (u, { uniform }) => ({ values: { cases: u.map(({ cases }) => poisson(cases, uniform)) }, noise: "poisson" }),
  }),
];
