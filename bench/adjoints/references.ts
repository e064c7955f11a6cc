/** Gradients of the named problems by p and u0 at tight tolerances, to measure others against. */
import type { AdjointName } from "../../sensitivity/adjoints/index.ts";
import type { NamedProblem } from "../../problems/index.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { vern7 } from "../../solvers/methods/vern7.ts";
import { rodas5P } from "../../solvers/methods/rodas5p.ts";
import { pack } from "../../src/arrays/pack.ts";

export type Input = "p" | "u0";

export interface GradientReference {
  readonly gradient: Readonly<Record<Input, Float64Array>>;
  /** Relative difference from a second gradient: the closed or published form, or another method with steps of its own. */
  readonly difference: Readonly<Record<Input, number>>;
}

const notStiff: ReadonlySet<string> = new Set(["lotkaVolterra", "pkpd", "spiralNeuralODE"]);

/** Two that share no backward pass: a continuous adjoint, and the adjoint of the steps. */
const combinations: readonly { adjoint: AdjointName; rtol: number; atol: number }[] = [
  { adjoint: "gauss", rtol: 1e-11, atol: 1e-13 },
  { adjoint: "discrete", rtol: 1e-10, atol: 1e-12 },
];

export function referenceOfNamed(name: string, { problem, loss, reference }: NamedProblem): GradientReference {
  const solver = notStiff.has(name) ? vern7() : rodas5P();
  const [first, second] = combinations.map(
    (combination) => gradient(problem, { loss, wrt: ["p", "u0"], solver, ...combination }).flat,
  );
  const known = {
    p: reference?.gradient === undefined ? second.p! : pack(problem.layout.p, reference.gradient, "gradient"),
    u0:
      reference?.gradientByInitialState === undefined
        ? second.u0!
        : pack(problem.layout.u, reference.gradientByInitialState, "gradient"),
  };
  return {
    gradient: { p: first.p!, u0: first.u0! },
    difference: { p: relativeError(first.p!, known.p), u0: relativeError(first.u0!, known.u0) },
  };
}

/** In the Euclidean norm. */
export function relativeError(found: Float64Array, right: Float64Array): number {
  return Math.hypot(...found.map((x, i) => x - right[i])) / Math.hypot(...right);
}
