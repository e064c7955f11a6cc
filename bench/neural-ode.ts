/**
 * A neural ODE learns a spiral: training by ADAM, then the gradient at the trained weights by every adjoint method and vjp backend,
 * next to CVODES, torchdiffeq and diffrax where these are installed.
 */
import { curvesFigure } from "../plot/curves.ts";
import type { NamedProblem } from "../problems/index.ts";
import { tsit5 } from "../solvers/methods/tsit5.ts";
import { compare } from "./adjoints/comparison.ts";
import { barsTable } from "./neural-ode/bars.ts";
import { peersTable, spiralPeers } from "./neural-ode/peers.ts";
import { trainingFigure } from "./neural-ode/picture.ts";
import { train, trainingTable } from "./neural-ode/training.ts";
import type { Benchmark } from "./shared/report.ts";

const steps = 500;

export const neuralOdeBenchmark: Benchmark = {
  description: "a neural ODE learns a spiral: training by ADAM, and its gradient by every method, next to other programs'",
  async run({ plot = "out/neural-ode.png", onProgress = () => {} }) {
    const notes: string[] = [];
    const training = train(steps, onProgress);
    const { table, panel, peers } = compare(
      {
        named: training.trained as unknown as NamedProblem,
        solver: tsit5(),
        rtol: 1e-6,
        atolPerRtol: 1,
        logarithmic: false,
        peers: spiralPeers(training.trained),
      },
      notes,
      onProgress,
    );
    const gradientsPath = plot.replace(/(\.\w+)$/, "-gradients$1");
    const figure = await trainingFigure(training);
    const errors = await curvesFigure([panel], "Error of a gradient against its time, at trained weights");
    return {
      title:
        "A network of 252 weights fitted to a spiral. Gradients by the weights, where training has left them; errors are relative, in " +
        "the Euclidean norm; steps are those of both passes; memory is what is kept of the forward solution; of the peers: their time " +
        "over this one's where their errors are the same",
      tables: [trainingTable(training), table, ...(peers.length > 0 ? [peersTable(peers), barsTable(table)] : [])],
      notes,
      pictures: [
        { path: plot, figure },
        { path: gradientsPath, figure: errors },
      ],
    };
  },
};
