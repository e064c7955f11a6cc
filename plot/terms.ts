/** Terms that were trained, beside what they should be. */
import { listOf, numbers, text } from "../src/core/options/kinds.ts";
import { requireLength } from "../src/core/options/lists.ts";
import { having, requireSome } from "./checks.ts";
import { Figure } from "./figure.ts";
import { loadPlot } from "./load.ts";
import { gridOf, MOST_PANELS, panel, styleOf, titleOf } from "./panel.ts";

export interface TrainedTerm {
  readonly name: string;
  /** Where the term is looked at: times, or values of an input. */
  readonly at: ArrayLike<number>;
  readonly trained: ArrayLike<number>;
  readonly truth: ArrayLike<number>;
}

const term = having<TrainedTerm>({ name: text, at: numbers, trained: numbers, truth: numbers });

/** A panel for each term; `atLabel` is what is across. Throws MissingPackage. */
export async function termsFigure(terms: readonly TrainedTerm[], title: string, atLabel = "time t"): Promise<Figure> {
  listOf(term)(terms, "terms");
  requireSome(terms, "terms");
  text(title, "title");
  text(atLabel, "atLabel");
  terms.forEach(({ at, trained, truth }, i) => {
    requireLength(trained, at.length, `terms[${i}].trained`, "place in `at`");
    requireLength(truth, at.length, `terms[${i}].truth`, "place in `at`");
  });
  const plot = await loadPlot();
  const shown = terms.slice(0, MOST_PANELS);
  const { columns, width } = gridOf(shown.length);
  const [truth, trained] = [
    { ...styleOf(1), dash: "none" },
    { ...styleOf(0), dash: "6 4" },
  ];
  return new Figure(plot, {
    title: titleOf(title, shown.length, terms.length, "terms"),
    columns,
    legend: [
      { name: "truth", color: truth.color, mark: "line" },
      { name: "trained", color: trained.color, mark: "line", dash: trained.dash },
    ],
    plots: shown.map((one) => {
      const rows = Array.from(one.at, (at, i) => ({ at, truth: one.truth[i], trained: one.trained[i] })).sort(
        (a, b) => a.at - b.at,
      );
      return panel(width, { label: atLabel }, { label: one.name }, [
        plot.lineY(rows, { x: "at", y: "truth", stroke: truth.color, strokeWidth: 3 }),
        plot.lineY(rows, { x: "at", y: "trained", stroke: trained.color, strokeWidth: 1.75, strokeDasharray: trained.dash }),
      ]);
    }),
  });
}
