/** The step of all explicit Runge–Kutta methods, generated from the tableau. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import {
  denseParameters,
  isSmall,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
} from "../../step/builder.ts";
import { betweenProgram, type MatrixOfStep } from "../../step/between.ts";
import type { System } from "../../step/system.ts";
import { count } from "../../step/verdict.ts";
import { denseWeights, extraStages, type ExplicitMethod, type ExplicitTableau } from "./tableau.ts";

/**
 * Of the defect over the step: at the boundary of stability h J is as large as the inverse of this, and dense output of order seven or
 * eight errs by as much.
 */
const OF_DEFECT = 1 / 8;

const ofDefect: MatrixOfStep = ({ b, h }, error, right) => {
  const weight = b.times(h, OF_DEFECT);
  b.each((at) => b.set(at(error), b.times(b.get(at(right)), weight)));
};

export function explicitStep(method: ExplicitMethod, system: System): StepPrograms {
  const { tableau } = method;
  const { stages, error } = tableau;
  const extra = extraStages(tableau).length;
  const fsal = error !== undefined && error.length > stages.length + 1;
  const sizes = { memorySize: 0, workSize: Math.max(1, (stages.length + extra) * system.n) };
  const recordSize = (2 + denseWeights(tableau).length) * system.n;
  return {
    step: stepProgram(method, system, sizes, fsal),
    dense: denseProgram(method, system, sizes.workSize, recordSize),
    // Extra stages need not be stable where the others are: dense output of these alone errs as little as the step.
    ...(extra > 0 && { between: betweenProgram(method.name, system, sizes, recordSize, ofDefect, 0) }),
    ...sizes,
    factors: { offset: 0, size: 0 },
    stages: stages.length,
    recordSize,
    fsal,
    evaluations: { perStep: stages.length + Number(fsal), perDense: extra },
  };
}

/** Where the derivatives lie: the first stage, the others, the one at the step's end, the extra ones. */
export function columns(
  tableau: ExplicitTableau,
  n: number,
  { f, fNext, work }: Record<"f" | "fNext" | "work", Slice>,
): (i: number) => Slice {
  const end = tableau.stages.length + 1;
  return (i) => (i === 0 ? f : i === end ? fNext : { array: work.array, offset: (i < end ? i - 1 : i - 2) * n });
}

/** into = u + h Σ aᵢ kᵢ */
export function advance(b: StepBuilder, into: Slice, u: Slice, h: Value, a: readonly number[], k: (i: number) => Slice): void {
  const used = a.flatMap((weight, i) => (weight === 0 ? [] : [i]));
  // Of one term, h aᵢ is the same for all components.
  const single = used.length === 1 ? b.times(h, a[used[0]]) : undefined;
  b.each((at) => {
    const slope = single
      ? b.times(b.get(at(k(used[0]))), single)
      : b.times(
          b.combination(a, (i) => b.get(at(k(i)))),
          h,
        );
    b.set(at(into), b.plus(b.get(at(u)), slope));
  });
}

export function stageTime(b: StepBuilder, t: Value, h: Value, c: number): Value {
  return b.plus(t, b.times(h, c));
}

function stepProgram({ name, tableau }: ExplicitMethod, system: System, sizes: StepSizes, fsal: boolean): Program {
  const { stages, b: weights, error, coarseError } = tableau;
  const b = new StepBuilder(`${name}_step`, system, isSmall(system, stages.length + 1));
  const { u, uNext, f, fNext, work, p, atol, verdict, t, h, rtol } = stepParameters(b, system, sizes);
  const k = columns(tableau, system.n, { f, fNext, work });
  const g = b.vector("g");
  stages.forEach(({ c, a }, i) => {
    advance(b, g, u, h, a, k);
    b.evaluate(system.rhs, k(i + 1), g, p, stageTime(b, t, h, c));
  });
  advance(b, uNext, u, h, weights, k);
  if (fsal) b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
  count(b, verdict, "rhsCalls", stages.length + Number(fsal));
  // Without an estimate, all that is to judge is whether the state is finite: 0 · ∞ is not a number.
  const estimate = (of: readonly number[]) => (at: (vector: Slice) => Value) =>
    b.times(
      b.combination(of, (i) => at(k(i))),
      h,
    );
  const norm = error
    ? b.errorNorm(estimate(error), u, uNext, atol, rtol, coarseError && estimate(coarseError))
    : b.sum((at) => b.times(at(uNext), 0));
  return eliminate(b.finish(norm));
}

function denseProgram({ name, tableau }: ExplicitMethod, system: System, workSize: number, recordSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const given = denseParameters(b, system, workSize, recordSize);
  interpolated(b, system, tableau, given, columns(tableau, n, given));
  return eliminate(b.finish());
}

/** The record, of derivatives in these columns; those of extra stages are made. */
export function interpolated(
  b: StepBuilder,
  { n, rhs }: System,
  tableau: ExplicitTableau,
  { u, uNext, p, record, t, h }: ReturnType<typeof denseParameters>,
  k: (i: number) => Slice,
): void {
  const first = tableau.stages.length + 2;
  const g = b.vector("g");
  extraStages(tableau).forEach(({ c, a }, i) => {
    advance(b, g, u, h, a, k);
    b.evaluate(rhs, k(first + i), g, p, stageTime(b, t, h, c));
  });
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    denseWeights(tableau).forEach((weights, j) => {
      b.set(
        at(part(2 + j)),
        b.times(
          b.combination(weights, (i) => b.get(at(k(i)))),
          h,
        ),
      );
    });
  });
}
