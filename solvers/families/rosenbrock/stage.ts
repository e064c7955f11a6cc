/** A stage of a Rosenbrock step. */
import type { ArrayArgument, Value } from "../../../src/ir/ir.ts";
import type { Slice, StepBuilder, stepParameters } from "../../step/builder.ts";
import { timesMass } from "../../step/mass.ts";
import type { System } from "../../step/system.ts";
import type { RosenbrockMethod } from "./tableau.ts";

/** What the stages of a step share. */
export interface Stage {
  readonly b: StepBuilder;
  readonly tableau: RosenbrockMethod["tableau"];
  readonly system: System;
  readonly parameters: ReturnType<typeof stepParameters>;
  readonly U: (i: number) => Slice;
  /** Where a stage is evaluated, and the right-hand side of its equation. */
  readonly g: Slice;
  readonly right: Slice;
  /** With a mass matrix: what earlier stages add to it, before and after that is applied. */
  readonly coupled?: Slice;
  readonly massive?: Slice;
  readonly timeDerivative: Slice;
  /** 1 / h. */
  readonly inverse: Value;
  readonly solve: (x: Slice, right: Slice) => void;
}

/** into = u + Σ weightⱼ Uⱼ */
export function combine({ b, parameters: { u }, U }: Stage, into: Slice, weights: readonly number[]): void {
  b.each((at) =>
    b.set(
      at(into),
      b.plus(
        b.get(at(u)),
        b.combination(weights, (j) => b.get(at(U(j)))),
      ),
    ),
  );
}

/** Uᵢ, by those before. */
export function takeStage(stage: Stage, i: number): void {
  const { b, tableau, system, parameters, U, g, right, coupled, massive, timeDerivative, inverse } = stage;
  const { a, C, c, d } = tableau;
  const { f, p, t, h } = parameters;
  const earlier = (at: (vector: Slice) => ArrayArgument): Value => b.combination(C[i], (j) => b.get(at(U(j))));
  if (i > 0) {
    combine(stage, g, a[i]);
    b.evaluate(system.rhs, U(i), g, p, b.plus(t, b.times(h, c[i])));
  }
  if (coupled && massive && i > 0) {
    b.each((at) => b.set(at(coupled), earlier(at)));
    timesMass(b, system.mass, coupled, massive);
  }
  const drift = system.timeDerivative && d[i] !== 0 ? b.times(h, d[i]) : undefined;
  b.each((at) => {
    let sum = b.get(at(i === 0 ? f : U(i)));
    if (i > 0) sum = b.plus(sum, b.times(massive ? b.get(at(massive)) : earlier(at), inverse));
    if (drift) sum = b.plus(sum, b.times(b.get(at(timeDerivative)), drift));
    b.set(at(right), sum);
  });
  stage.solve(U(i), right);
}
