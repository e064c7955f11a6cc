/** Candidate functions that a law may consist of. */
import { differentiable } from "../../sensitivity/index.ts";
import { checkOptions, isObject, type Checks } from "../../src/core/options/check.ts";
import { boolean, callable, shown } from "../../src/core/options/kinds.ts";
import { BadLibrary } from "./errors.ts";
import { latexName, power } from "./notation.ts";

/** A function of the inputs, in their order: ([prey, predator]) => prey / (1 + predator). */
export type CandidateFunction = (x: readonly number[]) => number;

/** A candidate with what it is called. */
export interface Candidate {
  readonly name: string;
  readonly latex: string;
  readonly of: CandidateFunction;
}

/** Candidates of inputs with these names; or functions of one's own, by how they are written. */
export type Library = ((inputs: readonly string[]) => readonly Candidate[]) | Readonly<Record<string, CandidateFunction>>;

/** What `monomials` takes. */
export interface MonomialOptions {
  /** Is 1 one of them? True by default. */
  readonly constant?: boolean;
}

const checks: Checks<MonomialOptions> = { constant: boolean };

/** A degree of which there are samples enough for all monomials is far below. */
const LARGEST = 100;

/**
 * All monomials of the inputs.
 *
 * @param degree - The largest sum of exponents.
 * @param options - Whether the constant 1 is one of them; by default it is.
 * @returns Candidates for `sindy`.
 * @throws BadLibrary, UnknownOption, BadOption.
 */
export function monomials(degree: number, options: MonomialOptions = {}): Library {
  if (!Number.isInteger(degree) || degree < 1 || degree > LARGEST) {
    throw new BadLibrary(`monomials: the degree is ${shown(degree)}, but must be a whole number from 1 to ${LARGEST}.`);
  }
  checkOptions(options, checks, "monomials");
  const { constant = true } = options;
  return (inputs) => {
    const all = Array.from({ length: degree + 1 }, (_, d) => factorsOf(inputs.length, d, 0)).flat();
    return all.slice(constant ? 0 : 1).map((factors) => monomial(inputs, factors));
  };
}

/** Which inputs are multiplied, in order: [0, 0, 1] is x² y. */
function factorsOf(inputs: number, degree: number, from: number): number[][] {
  if (degree === 0) return [[]];
  const all: number[][] = [];
  for (let i = from; i < inputs; i++) for (const rest of factorsOf(inputs, degree - 1, i)) all.push([i, ...rest]);
  return all;
}

function monomial(inputs: readonly string[], factors: readonly number[]): Candidate {
  const exponents = inputs.map((_, i) => factors.filter((factor) => factor === i).length);
  const write = (one: (name: string, exponent: number) => string, between: string): string =>
    inputs.flatMap((name, i) => (exponents[i] > 0 ? [one(name, exponents[i])] : [])).join(between);
  const of = (x: readonly number[], constants: { readonly factors: readonly number[] }): number => {
    let product = 1;
    for (const i of constants.factors) product *= x[i];
    return product;
  };
  return {
    name: write(power, " ") || "1",
    latex: write((name, exponent) => power(latexName(name), exponent), " \\, ") || "1",
    of: differentiable(of, { constants: { factors }, name: "monomial" }),
  };
}

/**
 * sin(frequency x) and cos(frequency x) of each input x.
 *
 * @param frequency - 1 by default.
 * @returns Candidates for `sindy`.
 * @throws BadLibrary.
 */
export function trigonometric(frequency = 1): Library {
  if (!Number.isFinite(frequency) || frequency === 0) {
    throw new BadLibrary(`trigonometric: the frequency is ${shown(frequency)}, but must be a finite number other than 0.`);
  }
  const factor = frequency === 1 ? "" : `${frequency} `;
  return (inputs) =>
    inputs.flatMap((name, i): Candidate[] => {
      const constants = { i, frequency };
      const ofSine = (x: readonly number[], c: typeof constants): number => Math.sin(c.frequency * x[c.i]);
      const ofCosine = (x: readonly number[], c: typeof constants): number => Math.cos(c.frequency * x[c.i]);
      const [text, latex] = [`(${factor}${name})`, `(${factor}${latexName(name)})`];
      return [
        { name: `sin${text}`, latex: `\\sin${latex}`, of: differentiable(ofSine, { constants }) },
        { name: `cos${text}`, latex: `\\cos${latex}`, of: differentiable(ofCosine, { constants }) },
      ];
    });
}

/** Throws {@link BadLibrary}. */
export function candidatesOf(libraries: readonly Library[], inputs: readonly string[]): Candidate[] {
  const all = libraries.flatMap((library, k) => {
    if (typeof library === "function") {
      callable(library, `sindy: library[${k}]`);
      const made: unknown = library(inputs);
      if (Array.isArray(made) && made.every(isCandidate)) return made;
      throw new BadLibrary(`library[${k}] gives ${shown(made)}, but must give candidates: { name, latex, of }.`);
    }
    if (isObject(library)) return Object.entries(library).map(([name, of]) => own(name, of));
    throw new BadLibrary(`library[${k}] is ${shown(library)}. Give monomials(2), trigonometric(), or functions by name.`);
  });
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw new BadLibrary(`There are two candidates "${twice}".`);
  if (all.length === 0) throw new BadLibrary("There is no candidate. Give library: [monomials(2)].");
  return all;
}

function isCandidate(value: unknown): value is Candidate {
  const { name, latex, of } = Object(value) as Partial<Candidate>;
  return typeof name === "string" && typeof latex === "string" && typeof of === "function";
}

function own(name: string, of: CandidateFunction): Candidate {
  if (typeof of === "function") return { name, latex: `\\mathrm{${name}}`, of };
  throw new BadLibrary(`The candidate "${name}" is ${shown(of)}, but must be a function of the inputs: ([x, y]) => x / (1 + y).`);
}
