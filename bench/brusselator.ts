/** The Brusselator on growing grids: right-hand side, vjp, solve and gradient, next to CVODE and CVODES where those are built. */
import { fieldFigure } from "../plot/field.ts";
import { fieldsOf } from "../plot/fields.ts";
import { brusselator } from "../problems/brusselator.ts";
import { gradient } from "../sensitivity/gradient.ts";
import { rodas5P } from "../solvers/methods/rodas5p.ts";
import { solve } from "../solvers/solve/solve.ts";
import { pack } from "../src/arrays/pack.ts";
import { kernelsOf } from "./shared/kernels.ts";
import { PeerUnavailable } from "./peers/execute.ts";
import { readReference, runBrusselator, runBrusselatorGradient } from "./peers/run.ts";
import type { Benchmark, Column, Picture } from "./shared/report.ts";
import type { Figure } from "../plot/figure.ts";
import { secondsOf } from "./shared/timing.ts";

const sizes = [8, 16, 32];
const tolerance = 1e-6;
/** The grid of the peers. */
const peerSize = 32;

const columns: readonly Column[] = [
  { key: "n", header: "n", kind: "count" },
  { key: "states", header: "states", kind: "count" },
  { key: "rhs", header: "rhs", kind: "seconds" },
  { key: "plainRhs", header: "plain JS rhs", kind: "seconds" },
  { key: "plainPerCompiled", header: "plain/rhs", kind: "ratio" },
  { key: "vjp", header: "vjp", kind: "seconds" },
  { key: "vjpPerRhs", header: "vjp/rhs", kind: "ratio" },
  { key: "solve", header: "solve", kind: "seconds" },
  { key: "gradient", header: "gradient", kind: "seconds" },
  { key: "gradientPerSolve", header: "gradient/solve", kind: "ratio" },
];

const peerColumns: readonly Column[] = [
  { key: "peerSolve", header: "CVODE solve", kind: "seconds" },
  { key: "peerGradient", header: "CVODES gradient", kind: "seconds" },
];

const options = { solver: rodas5P(), rtol: tolerance, atol: tolerance };

export const brusselatorBenchmark: Benchmark = {
  description: "right-hand side, vjp, stiff solve and gradient by parameters and initial state on 8x8, 16x16 and 32x32 grids",
  async run({ plot = "out/brusselator.png" }) {
    const rows = sizes.map(measure);
    const peers = measurePeers();
    if (peers.row) Object.assign(rows[sizes.indexOf(peerSize)], peers.row);
    return {
      title: `Brusselator, rodas5P, rtol = atol = ${tolerance.toExponential()}; gradient of the sum of the state at the end, by p and u0`,
      tables: [{ columns: peers.row ? [...columns, ...peerColumns] : columns, rows }],
      notes: peers.notes,
      pictures: await draw(plot),
    };
  },
};

function measure(n: number): Record<string, number> {
  const { problem, loss } = brusselator({ n });
  // The forcing is on from t = 1.1.
  const kernels = kernelsOf(problem, 2);
  const [rhs, plainRhs, vjp] = [kernels.rhs, kernels.plain, kernels.vjp].map((kernel) => secondsOf(kernel));
  const solveSeconds = secondsOf(() => solve(problem, { ...options, saveat: [problem.tspan[1]] }));
  const gradientSeconds = secondsOf(() => gradient(problem, { ...options, loss, wrt: ["p", "u0"] }));
  return {
    n,
    states: problem.layout.u.size,
    rhs,
    plainRhs,
    plainPerCompiled: plainRhs / rhs,
    vjp,
    vjpPerRhs: vjp / rhs,
    solve: solveSeconds,
    gradient: gradientSeconds,
    gradientPerSolve: gradientSeconds / solveSeconds,
  };
}

/** The peers' times, and the errors on both sides: equal tolerances do not give equal errors. */
function measurePeers(): { row?: Record<string, number>; notes: string[] } {
  try {
    const [forward] = runBrusselator([tolerance]);
    const [adjoint] = runBrusselatorGradient([tolerance]);
    const { problem, loss, reference } = brusselator({ n: peerSize });
    const [state] = solve(problem, { ...options, saveat: [problem.tspan[1]] }).states;
    const { p } = gradient(problem, { ...options, loss, wrt: ["p"] }).flat;
    const row = {
      solveError: largestRelativeError(state, readReference("brusselator-32.txt")),
      gradientError: relativeDistance(p!, pack(problem.layout.p, reference!.gradient, "gradient")),
      peerSolve: forward.seconds,
      peerSolveError: forward.relativeError,
      peerGradient: adjoint.seconds,
      peerGradientError: adjoint.relativeError,
    };
    return {
      row,
      notes: [
        `Relative errors at n = ${peerSize}: solve ${row.solveError.toExponential(0)}, CVODE ${row.peerSolveError.toExponential(0)}; ` +
          `gradient by p ${row.gradientError.toExponential(0)}, CVODES ${row.peerGradientError.toExponential(0)}.`,
        `Peers: ${forward.solver}; ${adjoint.solver}.`,
      ],
    };
  } catch (error) {
    if (!(error instanceof PeerUnavailable)) throw error;
    return { notes: [`No figures of CVODE and CVODES: ${error.message.split("\n")[0]}`] };
  }
}

function largestRelativeError(values: Float64Array, reference: Float64Array): number {
  return values.reduce((largest, value, i) => Math.max(largest, Math.abs((value - reference[i]) / reference[i])), 0);
}

/** In the Euclidean norm. */
function relativeDistance(values: Float64Array, reference: Float64Array): number {
  return Math.hypot(...values.map((value, i) => value - reference[i])) / Math.hypot(...reference);
}

/** The solution at the end and the gradient by the initial state, on the largest grid; the gradient's file is named after the other. */
async function draw(path: string): Promise<Picture[]> {
  const { problem, loss } = brusselator({ n: peerSize });
  const end = problem.tspan[1];
  const [state] = solve(problem, { ...options, saveat: [end] }).states;
  const { u0 } = gradient(problem, { ...options, loss, wrt: ["u0"] }).flat;
  const gradientPath = path.replace(/(\.\w+)$/, "-gradient$1");
  const fieldOf = (flat: Float64Array, title: string): Promise<Figure> => fieldFigure(fieldsOf(problem.layout.u, flat), title);
  return [
    { path, figure: await fieldOf(state, `Brusselator at t = ${end}`) },
    { path: gradientPath, figure: await fieldOf(u0!, "Gradient of the sum of the final state by the initial state") },
  ];
}
