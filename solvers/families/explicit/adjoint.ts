/**
 * The adjoint of an explicit Runge–Kutta step (Hager 2000, "Runge–Kutta methods in optimal control and the transformed adjoint
 * system", section 3; step sizes are not differentiated).
 *
 * The derivatives kᵢ of a step are taken at states gᵢ = u + h Σ Aᵢⱼ kⱼ: the stages; the step's end, whose row of A is b; and those
 * made for dense output alone. So with the cotangents Gᵢ of the states and q̄ of the record,
 *
 *   k̄ⱼ = h (Σᵢ Aᵢⱼ Gᵢ + Σ weights q̄),   Gⱼ = (∂f/∂u)ᵀ k̄ⱼ,   λ₀ = Σ Gⱼ,   and to the end's G λ₁ is added.
 */
import { isSmall, StepBuilder, type Slice } from "../../step/builder.ts";
import { advance, columns, stageTime } from "./step.ts";
import { denseWeights, type ExplicitMethod } from "./tableau.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { adjointParameters, part, pullback, sumOf, type AdjointParts, type Term } from "../../step/adjoint.ts";

export function explicitAdjoint({ name, tableau }: ExplicitMethod, parts: AdjointParts, interpolated: boolean): Program {
  const { system } = parts;
  const { n } = system;
  const { stages, b: weights, dense } = tableau;
  // An inlined vjp is about three times as long as the right-hand side.
  const small = isSmall(system, 3 * (stages.length + 2));
  const b = new StepBuilder(`${name}_adjoint`, system, small);
  const { u, uNext, f, fNext, work, p, lambda, bar, gradient, t, h } = adjointParameters(b, parts);
  const extra = (interpolated && dense && "polynomials" in dense && dense.extra) || [];
  const end = stages.length + 1;
  const rows = [{ c: 0, a: [] }, ...stages, { c: 1, a: weights }, ...extra];
  const k = columns(tableau, n, { f, fNext, work });
  const pull = pullback(b, small, parts, p, gradient);
  const states = rows.map((_, i) => b.vector(`g${i}_bar`));
  const [point, kBar] = [b.vector("g"), b.vector("k_bar")];
  const contributing: Slice[] = [];

  const stateOf = (i: number): Slice => {
    if (i === 0) return u;
    if (i === end) return uNext;
    advance(b, point, u, h, rows[i].a, k);
    return point;
  };
  for (let j = rows.length - 1; j >= 0; j--) {
    const terms: readonly Term[] = [
      ...rows.flatMap(({ a }, i): Term[] => (i > j && a[j] ? [[a[j], states[i]]] : [])),
      ...(interpolated ? denseWeights(tableau) : []).flatMap((w, q): Term[] => (w[j] ? [[w[j], part(bar, 2 + q, n)]] : [])),
    ];
    const used = terms.length > 0;
    if (used) {
      b.each((at) => b.set(at(kBar), b.times(sumOf(b, terms, at), h)));
      pull(states[j], stateOf(j), stageTime(b, t, h, rows[j].c), kBar);
    }
    if (j === end) {
      const ends = [lambda, ...(interpolated ? [part(bar, 1, n)] : []), ...(used ? [states[j]] : [])];
      b.each((at) =>
        b.set(
          at(states[j]),
          sumOf(
            b,
            ends.map((x): Term => [1, x]),
            at,
          ),
        ),
      );
    }
    if (used || j === end) contributing.push(states[j]);
  }
  if (interpolated) contributing.push(bar);
  b.each((at) =>
    b.set(
      at(lambda),
      sumOf(
        b,
        contributing.map((x): Term => [1, x]),
        at,
      ),
    ),
  );
  if (interpolated) b.fill(bar.array, b.f64(0));
  return eliminate(b.finish());
}
