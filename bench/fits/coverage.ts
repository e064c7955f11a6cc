/** How often the errors that a fit states hold the truth, of many data sets drawn from it. */
import { pack } from "../../src/arrays/pack.ts";
import { componentNames, ownLayouts } from "../../src/arrays/layout.ts";
import { mixed, normals, uniforms } from "../../src/core/random.ts";
import { solve } from "../../solvers/solve/solve.ts";
import { fit, observations, type Fit, type Parameters } from "../../training/index.ts";
import type { Study } from "./studies.ts";

export interface Coverage {
  readonly study: string;
  readonly name: string;
  /** Within three standard errors of the truth, of all fits. */
  readonly recovered: number;
  /** Intervals of 90 % that hold the truth, of all. */
  readonly held: number;
  /** The mean of estimates less truth, in standard errors. */
  readonly bias: number;
}

export interface CoverageRun {
  readonly rows: readonly Coverage[];
  /** Fits that did not come to a minimum. */
  readonly unfinished: number;
  /** Solves with derivatives of each fit, in the mean. */
  readonly evaluations: number;
  /** Of a fit, on the processor. */
  readonly seconds: number;
}

/** Where each fit starts, as a multiple of the truth. */
const START = 1.2;
/** Of the normal distribution: 90 % lie within so many deviations. */
const NINETY = 1.6448536269514722;

export async function coverageOf(
  { name: study, problem, t, free, measured }: Study,
  sets: number,
  onProgress: (line: string) => void = () => {},
): Promise<CoverageRun> {
  const layout = ownLayouts(problem.layout);
  const truthOf = (of: "p" | "u0", name: string): number => {
    const part = of === "p" ? layout.p : layout.u;
    return pack(part, problem[of], of)[componentNames(part, of === "p" ? "p" : "u").indexOf(name)];
  };
  const from = (of: "p" | "u0", given: Parameters = {}): Parameters =>
    Object.fromEntries(
      Object.entries(given).map(([name, spec]) => [name, { ...(spec === true ? {} : spec), start: START * truthOf(of, name) }]),
    );
  const options = {
    parameters: from("p", free.parameters),
    ...(free.initial && { initial: from("u0", free.initial) }),
  };
  const { u } = solve(problem, { saveat: t, rtol: 1e-9, atol: 1e-12 });
  const fits: Fit[] = [];
  const before = process.cpuUsage();
  for (let k = 0; k < sets; k++) {
    onProgress(`${study}: data set ${k + 1} of ${sets}`);
    const random = { normal: normals(mixed(1, 2 * k)), uniform: uniforms(mixed(1, 2 * k + 1)) };
    fits.push(await fit(problem, observations({ t, ...measured(u, random) }), options));
  }
  const { user, system } = process.cpuUsage(before);
  const rows = fits[0].parameters.map(({ name, of }, j): Coverage => {
    const truth = truthOf(of, name);
    const off = fits.map(({ parameters }) => (parameters[j].value - truth) / parameters[j].standardError);
    const within = (errors: number): number => off.filter((x) => Math.abs(x) < errors).length / sets;
    return { study, name, recovered: within(3), held: within(NINETY), bias: off.reduce((sum, x) => sum + x, 0) / sets };
  });
  return {
    rows,
    unfinished: fits.filter(({ converged }) => !converged).length,
    evaluations: fits.reduce((sum, { evaluations }) => sum + evaluations, 0) / sets,
    seconds: (user + system) / 1e6 / sets,
  };
}
