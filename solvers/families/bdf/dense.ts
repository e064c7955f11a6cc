/**
 * Dense output: the polynomial through the states that the formula has used, from the differences at the step's end,
 *
 *   q = −r₂ (φ₃ + (θ + a₁) r₃ (φ₄ + (θ + a₂) r₄ (φ₅ + (θ + a₃) r₅ φ₆)))   with rⱼ = h/ψⱼ and aᵢ = 1/rᵢ₊₁ − 1,
 *
 * in powers of σ = 2 θ − 1 (see dense-form.ts).
 */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { denseParameters, StepBuilder, type Slice } from "../../step/builder.ts";
import type { System } from "../../step/system.ts";
import { historyOf, Past } from "../multistep/past.ts";
import { bdfPast } from "./memory.ts";
import { LARGEST_ORDER, type BdfMethod } from "./tableau.ts";

/** qⱼ: a polynomial of degree 5 has so many. */
const COEFFICIENTS = LARGEST_ORDER - 1;

export function recordSizeOf({ n }: System): number {
  return (2 + COEFFICIENTS) * n;
}

export function denseProgram({ name }: BdfMethod, system: System, workSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const { u, uNext, history, numbers, record, h } = denseParameters(
    b,
    system,
    workSize,
    recordSizeOf(system),
    historyOf(bdfPast),
  );
  const past = new Past(b, bdfPast, numbers, history, n);
  const order = past.order("used");
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    for (let j = 0; j < COEFFICIENTS; j++) b.set(at(part(2 + j)), b.f64(0));
  });
  const parts = Array.from({ length: LARGEST_ORDER }, (_, j) => b.operation("div", h, past.span(j + 1)));
  weightsOf(b, parts).forEach((weights, i) =>
    b.when(b.operation("i32.ge", order, b.i32(i + 2)), () =>
      b.each((at) =>
        weights.forEach((weight, j) => {
          const term = b.times(weight, b.get(at(past.difference(i + 3))));
          b.set(at(part(2 + j)), b.plus(b.get(at(part(2 + j))), term));
        }),
      ),
    ),
  );
  return eliminate(b.finish());
}

/** Of φ₃₊ᵢ in q₀, …, qᵢ, by i. */
function weightsOf(b: StepBuilder, parts: readonly Value[]): Value[][] {
  const weights: Value[][] = [];
  let polynomial: Value[] = [b.times(parts[1], -1)];
  for (let i = 0; i < COEFFICIENTS; i++) {
    weights.push(polynomial);
    if (i === COEFFICIENTS - 1) break;
    // θ + aᵢ₊₁ = σ/2 + 1/rᵢ₊₂ − 1/2
    const distance = b.operation("sub", b.operation("div", b.f64(1), parts[i + 1]), b.f64(1 / 2));
    const scaled = polynomial.map((coefficient) => b.times(coefficient, parts[i + 2]));
    polynomial = [...scaled, undefined].map((coefficient, j) => {
      const raised = j > 0 ? b.times(scaled[j - 1], 1 / 2) : b.f64(0);
      return coefficient ? b.plus(raised, b.times(distance, coefficient)) : raised;
    });
  }
  return weights;
}
