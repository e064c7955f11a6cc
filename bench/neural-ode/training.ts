/** Trains the spiral's network by ADAM, from the same weights on every time. */
import { spiralNeuralODE } from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { pack, unpack } from "../../src/arrays/pack.ts";
import { remake } from "../../src/problem/problem.ts";
import { adam } from "../../training/optimisers/adam.ts";
import type { Table } from "../shared/report.ts";

const learningRate = 0.03;
/** How often the loss is shown. */
const stride = 10;

export type Spiral = ReturnType<typeof spiralNeuralODE>;

export interface Training {
  readonly untrained: Spiral;
  readonly trained: Spiral;
  /** The loss before every `stride`-th step, and after the last. */
  readonly losses: readonly { readonly step: number; readonly loss: number }[];
  /** Of all steps, the first with its compiling included. */
  readonly seconds: number;
}

export function train(steps: number, onProgress: (line: string) => void): Training {
  const untrained = spiralNeuralODE();
  const { layout, p } = untrained.problem;
  const at = (p: Float64Array): Spiral => ({
    ...untrained,
    problem: remake(untrained.problem, { p: unpack<typeof untrained.problem.p>(layout.p, p) }),
  });
  const weights = pack(layout.p, p, "p");
  const advance = adam({ learningRate });
  const losses: { step: number; loss: number }[] = [];
  const started = performance.now();
  let current = untrained;
  for (let step = 0; step <= steps; step++) {
    const { value: loss, flat } = gradient(current.problem, { loss: current.loss });
    if (step % stride === 0 || step === steps) {
      losses.push({ step, loss });
      onProgress(`training, step ${step} of ${steps}: loss ${loss.toPrecision(4)}`);
    }
    if (step === steps) break;
    advance(weights, flat.p!);
    current = at(weights);
  }
  return { untrained, trained: current, losses, seconds: (performance.now() - started) / 1e3 };
}

export function trainingTable({ losses, seconds }: Training): Table {
  const { step: steps, loss } = losses.at(-1)!;
  return {
    caption: `Training by ADAM, learning rate ${learningRate}: gradients as chosen at rtol = atol = 1e-6, compiling included`,
    columns: [
      { key: "steps", header: "steps", kind: "count" },
      { key: "first", header: "loss at first", kind: "error" },
      { key: "loss", header: "at last", kind: "error" },
      { key: "seconds", header: "time", kind: "seconds" },
      { key: "each", header: "a step", kind: "seconds" },
    ],
    rows: [{ steps, first: losses[0].loss, loss, seconds, each: seconds / steps }],
  };
}
