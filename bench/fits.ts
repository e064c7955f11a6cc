/** Fits and posteriors next to what is known: coverage of standard errors, published means, laws found, and what that takes. */
import { formatNumber } from "../plot/numbers.ts";
import { coverageOf, type CoverageRun } from "./fits/coverage.ts";
import { findLaw } from "./fits/laws.ts";
import { samplePelts } from "./fits/pelts.ts";
import { studies } from "./fits/studies.ts";
import { fitTogether } from "./fits/together.ts";
import { barsTable } from "./shared/bars.ts";
import type { Benchmark, Row, Table } from "./shared/report.ts";

const SETS = 200;
const LAWS = 10;
const DRAWS = 1000;

export const fitsBenchmark: Benchmark = {
  description:
    "standard errors of four models' fits over 200 data sets each, the posterior of the pelts, laws behind ten networks, many experiments together",
  async run({ onProgress = () => {} }) {
    const runs: CoverageRun[] = [];
    for (const study of studies) runs.push(await coverageOf(study, SETS, onProgress));
    onProgress("the posterior of the pelts");
    const pelts = await samplePelts(DRAWS);
    const laws = [];
    for (let seed = 1; seed <= LAWS; seed++) {
      onProgress(`the law behind a network, ${seed} of ${LAWS}`);
      laws.push(await findLaw(seed));
    }
    onProgress("many experiments together");
    const together = await fitTogether();
    const good = laws.filter((law) => law.hasTerms && law.coefficients < 0.05 && law.prediction < 0.05).length;
    const rows = runs.flatMap((run) => run.rows);
    return {
      title: "Fits next to what is known",
      tables: [
        coverageTable(runs),
        barsTable([
          {
            what: "recovered within 3 standard errors, least",
            measured: Math.min(...rows.map((row) => row.recovered)),
            least: 0.95,
          },
          { what: "held by 90 % intervals, least", measured: Math.min(...rows.map((row) => row.held)), least: 0.85, most: 0.95 },
          { what: "held by 90 % intervals, most", measured: Math.max(...rows.map((row) => row.held)), least: 0.85, most: 0.95 },
          { what: "solves with derivatives of a fit of pkpd", measured: runs[1].evaluations, most: 30 },
          { what: "pelts: means from those published, in Monte Carlo errors", measured: pelts.farthest, most: 4 },
          { what: "laws found, coefficients and prediction within 5 %", measured: good, least: 9 },
        ]),
      ],
      notes: [
        `Pelts: 4 chains of ${DRAWS} draws after ${DRAWS}, ${pelts.gradients} gradients, ${formatNumber(pelts.processor)} s on the ` +
          `processor, ${pelts.divergences} divergences; as good as ${pelts.effectiveSize.toFixed(0)} independent draws at least.`,
        ...together.map(
          ({ optimiser, alone, together: ms, difference }) =>
            `200 short experiments by ${optimiser}: together ${formatNumber(ms)} ms of the processor, one by one ${formatNumber(alone)} ms, ` +
            `${formatNumber(alone / ms)} times as many; parameters differ by ${formatNumber(difference)}.`,
        ),
        ...laws.map(
          ({ hasTerms, coefficients, prediction }, i) =>
            `Law ${i + 1}: ${hasTerms ? `both terms, coefficients within ${percent(coefficients)}, prediction within ${percent(prediction)}` : "other terms"}.`,
        ),
      ],
      pictures: [],
    };
  },
};

export function coverageTable(runs: readonly CoverageRun[]): Table {
  return {
    caption: "Fits of data sets drawn from known parameters, each from a start 20 % away",
    columns: [
      { key: "study", header: "model, noise", kind: "text" },
      { key: "name", header: "parameter", kind: "text" },
      { key: "recovered", header: "within 3 errors", kind: "text" },
      { key: "held", header: "90 % intervals hold", kind: "text" },
      { key: "bias", header: "bias, errors", kind: "text" },
      { key: "evaluations", header: "solves", kind: "text" },
      { key: "seconds", header: "a fit", kind: "seconds" },
    ],
    rows: runs.flatMap(({ rows, evaluations, seconds, unfinished }) =>
      rows.map(({ study, name, recovered, held, bias }, j): Row => ({
        study: j > 0 ? "" : unfinished > 0 ? `${study} (${unfinished} unfinished)` : study,
        name,
        recovered: percent(recovered),
        held: percent(held),
        bias: bias.toFixed(2),
        ...(j === 0 && { evaluations: evaluations.toFixed(1), seconds }),
      })),
    ),
  };
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}
