/** A law that was found: a few terms for each output, as text, and as a function that stands where a network stood. */
import { layer, type Layer } from "../layers/layer.ts";
import { add } from "../../src/operations/plain-operations.ts";
import type { Candidate, CandidateFunction } from "./library.ts";
import { latexName, sumOf } from "./notation.ts";

/** The coefficients of a law, in the order of its terms. */
export interface LawParameters {
  coefficients: Float64Array;
}

/** One term of a law. */
export interface LawTerm {
  /** The output that it is a part of. */
  readonly output: string;
  readonly name: string;
  readonly latex: string;
  readonly coefficient: number;
}

/** What `sindy` returns. */
export class Law {
  /** Output by output. */
  readonly terms: readonly LawTerm[];
  /** What the terms leave over of each output, relative to its size. */
  readonly residuals: Readonly<Record<string, number>>;
  /** The law as a layer of the inputs, in their order: it stands in a right-hand side where a network stood, and is fitted like one. */
  readonly layer: Layer<LawParameters>;

  constructor(
    readonly inputs: readonly string[],
    readonly outputs: readonly string[],
    found: readonly { readonly output: string; readonly candidate: Candidate; readonly coefficient: number }[],
    residuals: Readonly<Record<string, number>>,
    /** Which other candidates the samples do not tell from those of the law. */
    readonly warnings: readonly string[],
  ) {
    this.terms = found.map(({ output, candidate: { name, latex }, coefficient }) => ({ output, name, latex, coefficient }));
    this.residuals = residuals;
    const rows = outputs.map((output) => ({
      terms: found.flatMap((term, k) => (term.output === output ? [{ k, of: term.candidate.of }] : [])),
    }));
    this.layer = layerOf(
      inputs.length,
      rows,
      Float64Array.from(found, ({ coefficient }) => coefficient),
    );
  }

  /** "prey' = 1.3 prey - 0.9 prey predator", a line for each output, and one for each warning. */
  toString(): string {
    return [...this.lines((output, terms) => `${output} = ${sumOf(terms)}`), ...this.warnings].join("\n");
  }

  /** The same in LaTeX, for an `align` environment. */
  toLatex(): string {
    const line = (output: string, terms: readonly LawTerm[]): string =>
      `${latexName(output)} &= ${sumOf(terms.map(({ coefficient, latex }) => ({ coefficient, name: latex === "1" ? "1" : `\\, ${latex}` })))}`;
    return this.lines(line).join(" \\\\\n");
  }

  private lines(write: (output: string, terms: readonly LawTerm[]) => string): string[] {
    return this.outputs.map((output) =>
      write(
        output,
        this.terms.filter((term) => term.output === output),
      ),
    );
  }
}

/** `rows`: for each output, the functions that are summed, with the places of their coefficients. */
function layerOf(
  size: number,
  rows: readonly { readonly terms: readonly { readonly k: number; readonly of: CandidateFunction }[] }[],
  coefficients: Float64Array,
): Layer<LawParameters> {
  const places = Array.from({ length: size }, (_, i) => i);
  return layer(
    "law",
    (x, p: LawParameters, { add, rows, places }) => {
      const vector = add(x, 0);
      const inputs = places.map((i) => vector.get(i));
      return add(
        rows.map(({ terms }) => terms.reduce((sum, { k, of }) => sum + p.coefficients[k] * of(inputs), 0)),
        0,
      );
    },
    { add, rows, places },
    () => ({ coefficients: coefficients.slice() }),
  );
}
