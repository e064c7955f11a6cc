/**
 * Every adjoint method and vjp backend on the four problems of arXiv 1812.01892 and its Brusselators of growing size, next to the
 * adjoint of CVODES where that is built; and every named problem with nothing said but the tolerance, held to a bar.
 */
import { curvesFigure } from "../plot/curves.ts";
import { paperCases } from "./adjoints/cases.ts";
import { choices } from "./adjoints/choices.ts";
import { compare } from "./adjoints/comparison.ts";
import { defaults } from "./adjoints/defaults.ts";
import { scale } from "./adjoints/scaling.ts";
import type { Benchmark } from "./shared/report.ts";

export const adjointsBenchmark: Benchmark = {
  description:
    "gradients by every adjoint method and vjp backend: four problems, Brusselators of growing size, and every named problem with nothing said",
  async run({ plot = "out/adjoints.png", onProgress = () => {} }) {
    const notes: string[] = [];
    const compared = paperCases().map((task) => compare(task, notes, onProgress));
    const scaled = scale(notes, onProgress);
    const chosen = choices(onProgress);
    const unsaid = defaults(notes, onProgress);
    const scalingPath = plot.replace(/(\.\w+)$/, "-scaling$1");
    const errors = await curvesFigure(
      compared.map(({ panel }) => panel),
      "Error of a gradient against its time, by adjoint method",
    );
    const times = await curvesFigure([scaled.panel], "Time of a gradient by the number of parameters");
    return {
      title:
        "Gradients by p. Errors are relative, in the Euclidean norm, of pollution those of p dL/dp; steps are those of both passes; " +
        "memory is what is kept of the forward solution; CVODES: its time over this one's where their errors are the same",
      tables: [...compared.map(({ table }) => table), ...scaled.tables, chosen, unsaid],
      notes,
      pictures: [
        { path: plot, figure: errors },
        { path: scalingPath, figure: times },
      ],
    };
  },
};
