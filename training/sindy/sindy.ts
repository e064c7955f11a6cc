/** Finds a law of few terms for what a network, or data, give. */
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { anything, list, positiveFinite } from "../../src/core/options/kinds.ts";
import { requireNumbers } from "../../src/core/options/lists.ts";
import { BadData } from "../data/errors.ts";
import { BadLibrary } from "./errors.ts";
import { Law } from "./law.ts";
import { candidatesOf, monomials, type Candidate, type Library } from "./library.ts";
import { sparseRegression, type SparseSolution } from "./sparse-regression.ts";

/** What a law is sought for: numbers by name, a list of the same length each. */
export interface SindySamples {
  /** What the law is a function of. */
  readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
  /** What it gives: outputs of a network, or derivatives. */
  readonly outputs: Readonly<Record<string, ArrayLike<number>>>;
}

/** What `sindy` takes. */
export interface SindyOptions {
  /** Candidates: monomials(2), trigonometric(), functions of the inputs by name, several of them. [monomials(2)] by default. */
  readonly library?: readonly Library[];
  /** Terms are left out, the smallest first, as long as they explain no more than this part of the output. 0.1 by default. */
  readonly threshold?: number;
  /** How much coefficients that cancel each other are held back while terms are left out. 0.01 by default. */
  readonly ridge?: number;
}

const sampleChecks: Checks<SindySamples> = { inputs: anything, outputs: anything };
const checks: Checks<SindyOptions> = { library: list, threshold: positiveFinite, ridge: positiveFinite };

/**
 * The law of few terms that samples follow: sparse regression on candidate functions (S. L. Brunton, J. L. Proctor, J. N. Kutz, PNAS 113,
 * 2016), for what a trained network gives (C. Rackauckas et al., Universal differential equations for scientific machine learning, 2020),
 * or for derivatives of data, as of `collocate`.
 *
 * @param samples - Inputs and outputs by name.
 * @param options - The candidates, and what is small.
 * @returns The law, as text, LaTeX, and as a layer that stands where the network stood; its `warnings` say where samples do not tell
 * candidates apart, and which term below the threshold would explain most of what is left over.
 * @throws UnknownOption, BadOption, BadLibrary.
 * @throws BadData where lists differ in length, hold what is no finite number, or are shorter than the candidates are many.
 * @example
 * const { u, du } = collocate(data);
 * console.log(String(sindy({ inputs: u, outputs: du }, { library: [monomials(2), trigonometric()] })));
 */
export function sindy(samples: SindySamples, options: SindyOptions = {}): Law {
  checkOptions(samples, sampleChecks, "sindy");
  checkOptions(options, checks, "sindy");
  const { library = [monomials(2)], threshold = 0.1, ridge = 0.01 } = options;
  const inputs = listsOf(samples.inputs, "inputs");
  const outputs = listsOf(samples.outputs, "outputs");
  const [, first] = inputs[0];
  for (const [name, values] of [...inputs, ...outputs]) {
    if (values.length !== first.length)
      throw new BadData(`sindy: "${name}" has ${values.length} samples, but ${inputs[0][0]} has ${first.length}.`);
  }
  const names = inputs.map(([name]) => name);
  const candidates = candidatesOf(library, names);
  if (first.length < candidates.length) {
    throw new BadData(
      `sindy: there are ${first.length} samples for ${candidates.length} candidates. Give more samples, or fewer candidates.`,
    );
  }
  const points = Array.from(first, (_, i) => inputs.map(([, values]) => values[i]));
  const columns = candidates.map((candidate) => columnOf(candidate, points));
  const found = outputs.map(([output, values]) => ({ output, ...sparseRegression(columns, values, { threshold, ridge }) }));
  const terms = found.flatMap(({ output, support, coefficients }) =>
    support.map((j, k) => ({ output, candidate: candidates[j], coefficient: coefficients[k] })),
  );
  const residuals = Object.fromEntries(found.map(({ output, residual }) => [output, residual]));
  const warnings = found.flatMap((one) => warningsOf(one, candidates));
  return new Law(
    names,
    outputs.map(([name]) => name),
    terms,
    residuals,
    warnings,
  );
}

/** Where samples tell candidates apart too little for their law to be the only one. */
function warningsOf(
  { output, residual, uncertain, rivals, missed }: SparseSolution & { readonly output: string },
  candidates: readonly Candidate[],
): string[] {
  const named = (j: number): string => `"${candidates[j].name}"`;
  return [
    ...rivals.map(
      ({ column, inPlaceOf, residual: left }) =>
        `The samples do not tell the terms of ${output} apart: ${named(column)} in place of ${named(inPlaceOf)} would leave over ` +
        `${percent(left)} of it, and this law ${percent(residual)}. Give samples of a wider range, or fewer candidates.`,
    ),
    ...(missed
      ? [
          `The term ${named(missed.column)} of ${output} is left out, as it explains no more than the \`threshold\`: with it ${percent(missed.residual)} ` +
            `would be left over in place of ${percent(residual)}. Give a smaller \`threshold\` to keep it.`,
        ]
      : []),
    ...(uncertain.length === 0
      ? []
      : [
          `The samples do not determine the terms ${uncertain.map(named).join(", ")} of ${output}, whose coefficients have standard errors of ` +
            "more than a quarter of their size. Give a larger `threshold`, samples of a wider range, or fewer candidates.",
        ]),
  ];
}

function percent(part: number): string {
  return `${Number((100 * part).toPrecision(2))} %`;
}

function listsOf(given: unknown, what: string): (readonly [string, Float64Array])[] {
  if (!isObject(given) || Object.keys(given).length === 0)
    throw new BadData(`sindy: give \`${what}\` by name: { prey: [1, 2, 3] }.`);
  return Object.entries(given).map(([name, values]) => {
    requireNumbers(values, `sindy: ${what}.${name}`, BadData);
    return [name, Float64Array.from(values)] as const;
  });
}

function columnOf({ name, of }: Candidate, points: readonly (readonly number[])[]): Float64Array {
  const column = Float64Array.from(points, (x) => of(x));
  const wrong = column.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0)
    throw new BadLibrary(`The candidate "${name}" is ${column[wrong]} at (${points[wrong].join(", ")}), but must be finite.`);
  return column;
}
