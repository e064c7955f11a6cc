/**
 * The adjoint of an explicit Runge–Kutta step (Hager 2000, "Runge–Kutta methods in optimal control and the transformed adjoint
 * system", section 3; step sizes are not differentiated).
 *
 * The derivatives kᵢ of a step are taken at states gᵢ = u + h Σ Aᵢⱼ kⱼ: the stages; the step's end, whose row of A is b; and those
 * made for dense output alone. So with the cotangents Gᵢ of the states and q̄ of the record,
 *
 *   k̄ⱼ = h (Σᵢ Aᵢⱼ Gᵢ + Σ weights q̄),   Gⱼ = (∂f/∂u)ᵀ k̄ⱼ,   λ₀ = Σ Gⱼ.
 *
 * To the end's G λ₁ is added, and to its k̄ the cotangent of f there; that of f at the start is k̄₀, which the step before takes back.
 */
import { isSmall, StepBuilder, type Slice } from "../../step/builder.ts";
import { advance, columns, stageTime } from "./step.ts";
import { denseWeights, extraStages, type ExplicitMethod } from "./tableau.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { adjointParameters, part, pullback, sumOf, type AdjointParts, type Term } from "../../step/adjoint.ts";

export function explicitAdjoint({ name, tableau }: ExplicitMethod, parts: AdjointParts, interpolated: boolean): Program {
  const { system } = parts;
  const { n } = system;
  const { stages, b: weights } = tableau;
  // An inlined vjp is about three times as long as the right-hand side.
  const small = isSmall(system, 3 * (stages.length + 2));
  const b = new StepBuilder(`${name}_adjoint`, system, small);
  const { u, uNext, f, fNext, work, p, lambda, slope, bar, gradient, t, h } = adjointParameters(b, parts);
  const extra = interpolated ? extraStages(tableau) : [];
  const end = stages.length + 1;
  const rows = [{ c: 0, a: [] }, ...stages, { c: 1, a: weights }, ...extra];
  const k = columns(tableau, n, { f, fNext, work });
  const pull = pullback(b, small, parts, p, gradient);
  const states = rows.map((_, i) => b.vector(`g${i}_bar`));
  const [point, kBar] = [b.vector("g"), b.vector("k_bar")];
  /** The rows with a cotangent, the last first. */
  const reached: number[] = [];

  const stateOf = (j: number): Slice => {
    if (j === end) return uNext;
    advance(b, point, u, h, rows[j].a, k);
    return point;
  };
  /** What the cotangent of kⱼ is h times the sum of. */
  const termsOf = (j: number): readonly Term[] => [
    ...reached.toReversed().flatMap((i): Term[] => (rows[i].a[j] ? [[rows[i].a[j], states[i]]] : [])),
    ...(interpolated ? denseWeights(tableau) : []).flatMap((w, q): Term[] => (w[j] ? [[w[j], part(bar, 2 + q, n)]] : [])),
  ];
  const setToSum = (into: Slice, vectors: readonly Slice[]): void => {
    const terms = vectors.map((vector): Term => [1, vector]);
    b.each((at) => b.set(at(into), sumOf(b, terms, at)));
  };

  for (let j = rows.length - 1; j > 0; j--) {
    const terms = termsOf(j);
    if (terms.length === 0 && j !== end) continue;
    b.each((at) => {
      const sum = b.times(sumOf(b, terms, at), h);
      b.set(at(kBar), j === end ? b.plus(sum, b.get(at(slope))) : sum);
    });
    pull(states[j], stateOf(j), stageTime(b, t, h, rows[j].c), kBar);
    if (j === end) setToSum(states[j], [lambda, ...(interpolated ? [part(bar, 1, n)] : []), states[j]]);
    reached.push(j);
  }
  b.each((at) => b.set(at(slope), b.times(sumOf(b, termsOf(0), at), h)));
  setToSum(lambda, [...reached.map((j) => states[j]), ...(interpolated ? [bar] : [])]);
  if (interpolated) b.fill(bar.array, b.f64(0));
  return eliminate(b.finish());
}
