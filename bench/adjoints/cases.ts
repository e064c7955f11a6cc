/**
 * The four problems of C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis,
 * arXiv 1812.01892, each with the solver and the ratio of tolerances used there.
 */
import { brusselatorCells, lotkaVolterra, pkpd, pollution, type NamedProblem } from "../../problems/index.ts";
import { pack } from "../../src/arrays/pack.ts";
import { tsit5 } from "../../solvers/methods/tsit5.ts";
import type { Method } from "../../solvers/step/method.ts";
import { rodas5P } from "../../solvers/methods/rodas5p.ts";
import { runGradient, type PeerGradientSolver } from "../peers/run.ts";
import type { GradientPeer } from "./peers.ts";

export interface GradientCase {
  readonly named: NamedProblem;
  readonly solver: Method;
  /** Of the table. */
  readonly rtol: number;
  readonly atolPerRtol: number;
  /** Errors are those of p_j dL/dp_j, the derivatives by the parameters' logarithms, because the parameters span many decades. */
  readonly logarithmic: boolean;
  readonly peers: readonly GradientPeer[];
}

/** The paper's tolerances: rtol 1e-7, atol 1e-5. */
const paperTolerances = { rtol: 1e-7, atolPerRtol: 100 };

/** Any problem's types: a benchmark only hands them on. */
function gradientCase(named: object, solver: Method, peers: readonly GradientPeer[], logarithmic = false): GradientCase {
  return { named: named as NamedProblem, solver, ...paperTolerances, peers, logarithmic };
}

/** The adjoint of CVODES, for a problem by its name in `gradient.c`, by each of these. */
function cvodes(problem: string, ...solvers: readonly PeerGradientSolver[]): GradientPeer[] {
  return solvers.map((solver) => ({
    name: `CVODES ${solver}`,
    measure: (rtols) => runGradient(problem, solver, paperTolerances.atolPerRtol, rtols),
  }));
}

export function paperCases(): readonly GradientCase[] {
  return [
    gradientCase(lotkaVolterra(), tsit5(), cvodes("lotkaVolterra", "adams")),
    cellsCase(5, 10),
    gradientCase(pollution(), rodas5P(), cvodes("pollution", "dense"), true),
    gradientCase(pkpd(), tsit5(), cvodes("pkpd", "adams")),
  ];
}

export function cellsCase(n: number, tEnd: number): GradientCase {
  return gradientCase(brusselatorCells({ n, tEnd }), rodas5P(), cvodes(`brusselatorCells:${n}:${tEnd}`, "gmres", "dense"));
}

/** Relative, in the Euclidean norm. */
export function errorOf(
  { named: { problem }, logarithmic }: GradientCase,
  gradient: ArrayLike<number>,
  reference: Float64Array,
): number {
  const p = pack(problem.layout.p, problem.p, "p");
  const scale = logarithmic ? p : p.fill(1);
  return (
    Math.hypot(...reference.map((x, j) => scale[j] * (gradient[j] - x))) / Math.hypot(...reference.map((x, j) => scale[j] * x))
  );
}
