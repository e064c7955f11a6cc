/**
 * An error estimate by the residual of the dense output (G. Steinebach, Rosenbrock methods within OrdinaryDiffEq.jl, Proceedings of the
 * JuliaCon Conferences (2024), of Rodas5Pr, there compared with the tolerances as it is). What the Jacobian and the stages say may be
 * nothing where the solution errs: this asks f at another point of the step.
 */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { Slice, StepBuilder, Term } from "../../step/builder.ts";
import { timesMass } from "../../step/mass.ts";
import { combine, type Stage } from "./stage.ts";
import type { RosenbrockTableau } from "./tableau.ts";

/** Of u(θ) = u₀ + Σ wᵢ Uᵢ and h u'(θ) = Σ wᵢ' Uᵢ, the weights. */
function weightsAt(
  theta: number,
  { b, H }: RosenbrockTableau,
): { readonly state: readonly number[]; readonly slope: readonly number[] } {
  const sum = (i: number, factor: (j: number) => number): number => H.reduce((so, row, j) => so + factor(j) * row[i], 0);
  return {
    state: b.map((weight, i) => theta * (weight + (1 - theta) * sum(i, (j) => theta ** j))),
    slope: b.map((weight, i) => weight + sum(i, (j) => (j + 1) * theta ** j - (j + 2) * theta ** (j + 1))),
  };
}

/** The residual goes through the step's matrix, as the stages do: what is stiff would multiply the error of u(θ) in it. */
export function residualEstimate(stage: Stage, { theta, weight }: NonNullable<RosenbrockTableau["residual"]>): Term {
  const { b, tableau, system, parameters, U, g, right, coupled, massive, inverse, solve } = stage;
  const { p, t, h } = parameters;
  const [rate, estimate] = [b.vector("rate"), b.vector("residual")];
  const { state, slope } = weightsAt(theta, tableau);
  combine(stage, g, state);
  b.evaluate(system.rhs, rate, g, p, b.plus(t, b.times(h, theta)));
  const change = (at: (vector: Slice) => ArrayArgument): Value => b.combination(slope, (i) => b.get(at(U(i))));
  if (coupled && massive) {
    b.each((at) => b.set(at(coupled), change(at)));
    timesMass(b, system.mass, coupled, massive);
  }
  b.each((at) => {
    const slopeAt = b.times(massive ? b.get(at(massive)) : change(at), inverse);
    b.set(at(right), b.times(b.operation("sub", slopeAt, b.get(at(rate))), weight));
  });
  solve(estimate, right);
  return (at) => at(estimate);
}

/** The one whose magnitude is larger, as a magnitude. */
export function largerOf(b: StepBuilder, x: Term, y: Term): Term {
  return (at) => b.operation("max", b.operation("abs", x(at)), b.operation("abs", y(at)));
}
