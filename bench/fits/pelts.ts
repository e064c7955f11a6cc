/** The posterior of Lotka's and Volterra's equations from the pelts of hares and lynxes, next to the one that is published. */
import { odeProblem } from "../../src/problem/problem.ts";
import { observations, sample, type ParameterSpec, type SampleOptions } from "../../training/index.ts";

/** Thousands of pelts of the Hudson's Bay Company, 1900 to 1920, as in B. Carpenter's case study of Stan (2018). */
const hare = [
  30, 47.2, 70.2, 77.4, 36.3, 20.6, 18.1, 21.4, 22, 25.4, 27.1, 40.3, 57, 76.6, 52.3, 19.5, 11.2, 7.6, 14.6, 16.2, 24.7,
];
const lynx = [4, 6.1, 9.8, 35.2, 59.4, 41.7, 19, 13, 8.3, 9.1, 7.4, 8, 12.3, 19.5, 45.7, 51.1, 29.7, 15.8, 9.7, 10.1, 8.6];

/** Means of 10,000 reference draws: posteriordb (M. Magnusson et al., 2025), hudson_lynx_hare-lotka_volterra, in its order. */
export const referenceMeans = [0.546864, 0.0277473, 0.800095, 0.0240859, 34.0352, 5.9359, 0.248057, 0.251017];
const REFERENCE_DRAWS = 10_000;

export const pelts = odeProblem({
  name: "pelts",
  rhs(du, u, p) {
    du.hare = (p.alpha - p.beta * u.lynx) * u.hare;
    du.lynx = (-p.gamma + p.delta * u.hare) * u.lynx;
  },
  u0: { hare: 30, lynx: 4 },
  tspan: [0, 20],
  p: { alpha: 0.5, beta: 0.025, gamma: 0.8, delta: 0.025 },
});

export const traded = observations({ t: hare.map((_, year) => year), values: { hare, lynx }, noise: "lognormal" });

const rate = (mean: number, deviation: number): ParameterSpec => ({ scale: "log", prior: { normal: [mean, deviation] } });
const start: ParameterSpec = { scale: "log", prior: { lognormal: [Math.log(10), 1] } };

/** The model's priors, as in the case study. */
export const priors: Pick<SampleOptions, "parameters" | "initial" | "sigma"> = {
  parameters: { alpha: rate(1, 0.5), beta: rate(0.05, 0.05), gamma: rate(1, 0.5), delta: rate(0.05, 0.05) },
  initial: { hare: start, lynx: start },
  sigma: { hare: { lognormal: [-1, 1] }, lynx: { lognormal: [-1, 1] } },
};

export interface PeltsRun {
  /** Largest distance of a mean from the published one, in Monte Carlo errors of both. */
  readonly farthest: number;
  readonly gradients: number;
  readonly divergences: number;
  /** On the processor, and on the wall. */
  readonly processor: number;
  readonly wall: number;
  /** The least of all names. */
  readonly effectiveSize: number;
}

/** Four chains of so many draws, after as many that are not kept. */
export async function samplePelts(draws: number): Promise<PeltsRun> {
  const [wall, before] = [performance.now(), process.cpuUsage()];
  const { summary, evaluations, divergences } = await sample(pelts, traded, { ...priors, warmup: draws, draws });
  const { user, system } = process.cpuUsage(before);
  const distances = summary.map(({ mean, deviation, effectiveSize }, j) => {
    const error = deviation * Math.sqrt(1 / effectiveSize + 1 / REFERENCE_DRAWS);
    return Math.abs(mean - referenceMeans[j]) / error;
  });
  return {
    farthest: Math.max(...distances),
    gradients: evaluations,
    divergences,
    processor: (user + system) / 1e6,
    wall: (performance.now() - wall) / 1e3,
    effectiveSize: Math.min(...summary.map((one) => one.effectiveSize)),
  };
}
