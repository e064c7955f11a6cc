/** The training as a picture: its loss, and the spiral before and after. */
import { curvesFigure, type Curve } from "../../plot/curves.ts";
import type { Figure } from "../../plot/figure.ts";
import { solve } from "../../solvers/solve/solve.ts";
import type { Spiral, Training } from "./training.ts";

export function trainingFigure({ losses, untrained, trained }: Training): Promise<Figure> {
  return curvesFigure(
    [
      {
        title: "loss",
        x: { label: "step of ADAM" },
        y: { label: "sum of squared distances", log: true },
        curves: [{ name: "loss", points: losses.map(({ step, loss }) => ({ x: step, y: loss })) }],
      },
      {
        title: "phase portrait",
        x: { label: "u[0]" },
        y: { label: "u[1]" },
        curves: [
          { name: "data", points: pairs(trained.loss.constants!.data.data), dashed: true },
          orbit("untrained", untrained),
          orbit("trained", trained),
        ],
      },
    ],
    "A neural ODE learns a spiral",
  );
}

function orbit(name: string, { problem, loss }: Spiral): Curve {
  const { u } = solve(problem, { saveat: Array.from(loss.at!) });
  return { name, points: u.map(([x, y]) => ({ x, y })) };
}

function pairs(flat: Float64Array): { x: number; y: number }[] {
  return Array.from({ length: flat.length / 2 }, (_, i) => ({ x: flat[2 * i], y: flat[2 * i + 1] }));
}
