/**
 * Dense output: the integral of the polynomial through the derivatives at the step's end and before it,
 *
 *   u(θ) = u₁ + h Σⱼ Φⱼ ∫₁^θ Bⱼ,   B₀ = 1,   Bⱼ₊₁ = Bⱼ (1 + (θ − 1) h/ψⱼ₊₁ … ),
 *
 * where Bⱼ = Πᵢ<ⱼ (tₙ₊θ − tₙ₊₁₋ᵢ)/ψᵢ₊₁, in powers of σ = 2 θ − 1 (see dense-form.ts): of R(σ) = 4 (I(θ) − θ I(1)) with I = ∫₀^θ, the
 * quotient by 1 − σ² has the coefficients qⱼ = rⱼ + qⱼ₋₂.
 */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import { denseParameters, StepBuilder, type Slice } from "../../step/builder.ts";
import type { System } from "../../step/system.ts";
import { historyOf, Past } from "../multistep/past.ts";
import { adamsPast, LARGEST_ORDER, type AdamsMethod } from "./tableau.ts";

/** qⱼ: a polynomial of degree 13 has so many. */
const COEFFICIENTS = LARGEST_ORDER;

export function recordSizeOf({ n }: System): number {
  return (2 + COEFFICIENTS) * n;
}

export function denseProgram({ name }: AdamsMethod, system: System, workSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const given = denseParameters(b, system, workSize, recordSizeOf(system), historyOf(adamsPast));
  const { u, uNext, history, numbers, record, h } = given;
  const past = new Past(b, adamsPast, numbers, history, n);
  const order = past.order("used");
  const part = (i: Value) => ({
    array: record.array,
    offset: b.operation("i32.mul", b.operation("i32.add", i, b.i32(2)), b.i32(n)),
  });
  const whole = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(whole(0)), b.get(at(u)));
    b.set(at(whole(1)), b.get(at(uNext)));
    for (let j = 0; j < COEFFICIENTS; j++) b.set(at(whole(2 + j)), b.f64(0));
  });
  const basis = b.localArray("basis", COEFFICIENTS + 2);
  const weights = b.localArray("weights", COEFFICIENTS + 3);
  b.fill(basis, b.f64(0));
  b.store(basis, b.i32(0), b.f64(1));
  for (let j = 1; j <= COEFFICIENTS; j++) {
    b.when(b.operation("i32.ge", order, b.i32(j)), () => {
      extend(b, basis, j, h, past);
      quotient(b, basis, weights, j);
      const difference = past.difference(j);
      b.range(0, j, (q) => {
        const [weight, into] = [b.times(h, b.load(weights, q)), part(q)];
        b.each((at) => b.set(at(into), b.plus(b.get(at(into)), b.times(weight, b.get(at(difference))))));
      });
    });
  }
  return eliminate(b.finish());
}

/** basis = Bⱼ, of Bⱼ₋₁: times (tₙ₊θ − tₙ₊₂₋ⱼ)/ψⱼ = (θ − 1 + aⱼ) rⱼ with rⱼ = h/ψⱼ and aⱼ = ψⱼ₋₁/h. */
function extend(b: StepBuilder, basis: ArrayDeclaration, j: number, h: Value, past: Past): void {
  const ratio = b.operation("div", h, past.span(j));
  const behind = j === 1 ? b.f64(0) : b.operation("div", past.span(j - 1), h);
  // θ − 1 = σ/2 − 1/2
  const [linear, constant] = [b.times(ratio, 1 / 2), b.times(ratio, b.plus(behind, b.f64(-1 / 2)))];
  b.for(b.i32(j), b.i32(0), -1, [], (q) => {
    const lower = b.load(basis, b.operation("i32.sub", q, b.i32(1)));
    b.store(basis, q, b.plus(b.times(constant, b.load(basis, q)), b.times(linear, lower)));
    return [];
  });
  b.store(basis, b.i32(0), b.times(constant, b.load(basis, b.i32(0))));
}

/** The coefficients of 4 (I − θ I(1))/(1 − σ²), I the integral of a polynomial of degree j from θ = 0 on. */
function quotient(b: StepBuilder, basis: ArrayDeclaration, weights: ArrayDeclaration, j: number): void {
  // ∫₀^θ = ½ ∫₋₁^σ, so the coefficient of σ^(q + 1) is that of σ^q over 2 (q + 1).
  const integral = Array.from({ length: j + 2 }, (_, q) =>
    q === 0 ? undefined : b.times(b.load(basis, b.i32(q - 1)), 1 / (2 * q)),
  );
  const sum = (sign: (q: number) => number): Value =>
    integral.reduce<Value>((so, term, q) => (term ? b.plus(so, b.times(term, sign(q))) : so), b.f64(0));
  const [there, here] = [sum(() => 1), sum((q) => (q % 2 === 0 ? 1 : -1))];
  const whole = b.operation("sub", there, here);
  const rest = integral.map((term, q) => {
    if (q === 0) return b.operation("sub", b.times(here, -1), b.times(whole, 1 / 2));
    return q === 1 ? b.operation("sub", term!, b.times(whole, 1 / 2)) : term!;
  });
  const found: Value[] = [];
  for (let q = 0; q < j; q++) {
    const own = b.times(rest[q], 4);
    found.push(q < 2 ? own : b.plus(own, found[q - 2]));
    b.store(weights, b.i32(q), found[q]);
  }
}
