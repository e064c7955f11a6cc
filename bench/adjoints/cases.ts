/**
 * The four problems of C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis,
 * arXiv 1812.01892, each with the solver and the ratio of tolerances used there.
 */
import { brusselatorCells, lotkaVolterra, pkpd, pollution, type NamedProblem } from "../../problems/index.ts";
import { pack } from "../../src/arrays/pack.ts";
import { tsit5 } from "../../solvers/explicit/tsit5.ts";
import type { Method } from "../../solvers/method.ts";
import { rodas5P } from "../../solvers/rosenbrock/rodas5p.ts";
import type { PeerGradientSolver } from "../peers/run.ts";

export interface GradientCase {
  /** As the peers know it. */
  readonly name: string;
  readonly named: NamedProblem;
  readonly solver: Method;
  /** Errors are those of p_j dL/dp_j, the derivatives by the parameters' logarithms, because the parameters span many decades. */
  readonly logarithmic: boolean;
  readonly peers: readonly PeerGradientSolver[];
}

/** Any problem's types: a benchmark only hands them on. */
function gradientCase(
  name: string,
  named: object,
  solver: Method,
  peers: readonly PeerGradientSolver[],
  logarithmic = false,
): GradientCase {
  return { name, named: named as NamedProblem, solver, peers, logarithmic };
}

export function paperCases(): readonly GradientCase[] {
  return [
    gradientCase("lotkaVolterra", lotkaVolterra(), tsit5(), ["adams"]),
    cellsCase(5, 10),
    gradientCase("pollution", pollution(), rodas5P(), ["dense"], true),
    gradientCase("pkpd", pkpd(), tsit5(), ["adams"]),
  ];
}

export function cellsCase(n: number, tEnd: number): GradientCase {
  return gradientCase(`brusselatorCells:${n}:${tEnd}`, brusselatorCells({ n, tEnd }), rodas5P(), ["gmres", "dense"]);
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
