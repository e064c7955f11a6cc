/** The step of all diagonally implicit Runge–Kutta methods, generated from the tableau. */
import { MassMatrixRefused } from "../../step/errors.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { eager, NewtonMatrix } from "../../newton/matrix.ts";
import { newtonMemory, newtonMemorySize } from "../../newton/memory.ts";
import { linearizationOf } from "../../newton/krylov.ts";
import { newtonStage } from "../../newton/stage.ts";
import {
  denseParameters,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
} from "../../step/builder.ts";
import { isMatrixFree, solveBy, type Linearization } from "../../step/factorized-system.ts";
import { errorScale } from "../../step/matrix-free.ts";
import type { System } from "../../step/system.ts";
import { factorizedConstraints, slopeAt, slopeProgram, type MassSystem } from "../../step/algebraic.ts";
import { timesMass } from "../../step/mass.ts";
import { count, say, status, verdict as numberOf } from "../../step/verdict.ts";
import { additiveOf, explicitStages, type Additive } from "./additive.ts";
import { predictor } from "./predictor.ts";
import type { SdirkMethod } from "./tableau.ts";

/** Of the tolerance, how well an error estimate is solved for where that is by iterations. */
const ESTIMATE_SHARE = 0.05;

/**
 * `work` holds h kᵢ of the stages, behind them h k̂ᵢ where the right-hand side is taken in parts; `cache` is what Newton's iterations keep. With a mass matrix the derivative that steps hand on, and that
 * dense output takes, is u', which f is not.
 */
export function sdirkStep(method: SdirkMethod, system: System): StepPrograms {
  const { n } = system;
  const additive = additiveOf(method, system);
  const jacobian = linearizationOf(method, additive?.stiff ?? system);
  if (system.mass && !isStifflyAccurate(method)) {
    throw new MassMatrixRefused(
      method.name,
      "its steps end at none of their stages, so algebraic equations would not hold there",
    );
  }
  const { b, a } = method.tableau;
  const sizes = { memorySize: 0, workSize: (additive ? 2 : 1) * b.length * n, cacheSize: newtonMemorySize(jacobian) };
  // It is that of the implicit half alone.
  const correction = additive ? undefined : method.tableau.correction;
  const recordSize = (correction ? 5 : 4) * n;
  return {
    step: stepProgram(method, system, jacobian, sizes, additive),
    dense: denseProgram(method, correction, system, sizes.workSize, recordSize, additive !== undefined),
    ...sizes,
    factors: { offset: 0, size: 0 },
    // Its adjoint computes them again; dense output may need them.
    stages: additive ? 2 * b.length : correction ? b.length : 0,
    recordSize,
    fsal: !additive && isStifflyAccurate(method),
    slope: system.mass && slopeProgram(system as MassSystem),
    evaluations: { perStep: a.length, perDense: 0 },
  };
}

/** Its last stage is the step's end. */
function isStifflyAccurate({ tableau: { a, b } }: SdirkMethod): boolean {
  return b.every((weight, i) => weight === a.at(-1)![i]);
}

function stepProgram(
  method: SdirkMethod,
  system: System,
  jacobian: Linearization,
  sizes: StepSizes,
  additive: Additive | undefined,
): Program {
  const { name, tableau } = method;
  const { a, c, b: weights } = tableau;
  const gamma = a.at(-1)!.at(-1)!;
  const { n } = system;
  const b = new StepBuilder(`${name}_step`, system, false);
  const parameters = stepParameters(b, system, sizes);
  const { u, uNext, f, work, cache, p, atol, verdict, t, h, rtol } = parameters;
  const K = (i: number): Slice => ({ array: work.array, offset: i * n });
  const explicit = additive && explicitStages(b, additive, (i) => K(weights.length + i), p, h);
  const [base, guess, z] = [b.vector("base"), b.vector("guess"), b.vector("z")];
  const [time, divisor, tolerance] = ["time", "d", "tolerance"].map((of): Slice => ({ array: b.localArray(of, 1), offset: 0 }));
  const d = b.operation("div", b.f64(1 / gamma), h);
  b.set(b.slice(divisor), d);
  b.set(b.slice(tolerance), rtol);
  const kept = newtonMemory(cache, jacobian);
  const matrix = new NewtonMatrix(b, jacobian, kept, p, verdict, eager);
  say(b, verdict, "status", b.f64(status.judged));
  matrix.prepare(u, t, d);
  const solveStage = newtonStage(additive?.stiff ?? system, jacobian);
  /** `others`: the weights of the explicit stages, where there are some. */
  const sumOfStages = (row: readonly number[], others: readonly number[], into: Slice): void =>
    b.each((at) => {
      const sum = b.combination(row, (j) => b.get(at(K(j))));
      b.set(at(into), b.plus(b.get(at(u)), explicit ? b.plus(sum, explicit.sum(others, at)) : sum));
    });

  a.forEach((row, i) => {
    if (row[i] === 0) {
      b.each((at) => b.set(at(K(i)), b.times(h, b.get(at(f)))));
      return explicit?.takeFrom(K(i), i, u, t);
    }
    sumOfStages(row.slice(0, i), additive?.half.a[i] ?? [], base);
    const begin = i > 0 ? predictor(c, i) : undefined;
    b.each((at) => {
      const slope = begin ? b.combination(begin, (j) => b.get(at(K(j)))) : b.times(h, b.get(at(f)));
      b.set(at(guess), b.times(slope, gamma));
    });
    b.set(b.slice(time), b.plus(t, b.times(h, c[i])));
    const arrays = [base, p, time, divisor, guess, u, atol, tolerance, cache].map((x) => b.slice(x));
    b.call(solveStage, [...arrays, verdict, b.slice(z)]);
    b.each((at) => b.set(at(K(i)), b.times(b.get(at(z)), 1 / gamma)));
    explicit?.take(i, base, z, b.get(b.slice(time)));
  });
  if (explicit) count(b, verdict, "rhsCalls", a.length);
  if (!explicit && isStifflyAccurate(method)) endAtStage(b, parameters, base, z, d);
  else sumOfStages(weights, weights, uNext);

  const isSound = b.operation("eq", b.load(verdict.array, b.i32(numberOf.status)), b.f64(status.judged));
  const judged = (): [Value] => [errorOf({ b, method, system, jacobian, parameters, K, explicit, guess, matrix, kept })];
  const [norm] = b.if(isSound, judged, () => [b.f64(Infinity)]);
  return eliminate(b.finish(norm));
}

/** The derivative by the equation, not by f, which would magnify what the iterations left (Hairer, Wanner II, IV.8). */
function endAtStage(b: StepBuilder, { uNext, fNext }: Solved["parameters"], base: Slice, z: Slice, d: Value): void {
  b.each((at) => {
    b.set(at(uNext), b.plus(b.get(at(base)), b.get(at(z))));
    b.set(at(fNext), b.times(d, b.get(at(z))));
  });
}

/** A step whose stages are solved. */
interface Solved {
  readonly b: StepBuilder;
  readonly method: SdirkMethod;
  readonly system: System;
  readonly jacobian: Linearization;
  readonly parameters: ReturnType<typeof stepParameters>;
  /** h kᵢ */
  readonly K: (i: number) => Slice;
  /** Where the right-hand side is taken in parts. */
  readonly explicit: ReturnType<typeof explicitStages> | undefined;
  /** What is not needed any more. */
  readonly guess: Slice;
  readonly matrix: NewtonMatrix;
  readonly kept: ReturnType<typeof newtonMemory>;
}

/** The norm of its error; zero where the tableau has no estimate and the end is a number. */
function errorOf({ b, method: { tableau }, system, jacobian, parameters, K, explicit, guess, matrix, kept }: Solved): Value {
  const own = explicit && tableau.explicit?.error;
  const [error, filtered] = own ? [own, true] : [tableau.error, tableau.filtered];
  const { u, uNext, p, atol, verdict, t, h, rtol } = parameters;
  if (!error) return b.sum((at) => b.times(at(uNext), 0));
  const estimate = b.vector("estimate");
  b.each((at) => {
    const implicit = b.combination(error, (j) => b.get(at(K(j))));
    b.set(at(estimate), explicit ? b.plus(implicit, explicit.sum(error, at)) : implicit);
  });
  if (!filtered && !system.mass) return b.errorNorm((at) => at(estimate), u, uNext, atol, rtol);
  const bounded = b.vector("bounded");
  if (!filtered) {
    // What the algebraic equations make of the error of the rest: stages know derivatives of those components to their own order only.
    const constraints = factorizedConstraints(b, system as MassSystem, uNext, p, b.plus(t, h));
    constraints.solve(bounded, timesMass(b, system.mass, estimate, guess));
    return b.errorNorm((at) => at(bounded), u, uNext, atol, rtol);
  }
  b.each((at) => b.set(at(estimate), b.times(matrix.get("d"), b.get(at(estimate)))));
  const massive = timesMass(b, system.mass, estimate, guess);
  const scaling = isMatrixFree(jacobian) ? errorScale(b, system.n, [u, uNext], { atol, rtol }) : undefined;
  const accuracy = scaling && { ...scaling, tolerance: b.times(b.operation("abs", matrix.get("d")), ESTIMATE_SHARE) };
  solveBy(b, jacobian, kept.values, kept.factors, bounded, massive, accuracy);
  count(b, verdict, "linearSolves", 1);
  return b.errorNorm((at) => at(bounded), u, uNext, atol, rtol);
}

/** Σ dᵢ h kᵢ */
function correctionAt(
  b: StepBuilder,
  correction: readonly number[],
  { array }: Slice,
  n: number,
  at: (vector: Slice) => ArrayArgument,
): Value {
  return b.combination(correction, (i) => b.get(at({ array, offset: i * n })));
}

/**
 * Stages know the derivatives of algebraic components to their own order only. So those at the ends are taken from the equations, and the
 * correction counts for what M has, and through the equations for the others.
 */
function massiveDense(
  b: StepBuilder,
  system: MassSystem,
  correction: readonly number[] | undefined,
  { u, uNext, work, p }: Record<"u" | "uNext" | "work" | "p", Slice>,
  t: Value,
  h: Value,
): { slopes: readonly [Slice, Slice]; correction?: Slice } {
  const [slope, slopeNext] = [b.vector("slope"), b.vector("slope_next")];
  slopeAt(b, system, slope, u, p, t);
  const constraints = slopeAt(b, system, slopeNext, uNext, p, b.plus(t, h));
  if (!correction) return { slopes: [slope, slopeNext] };
  const [sum, massive, more] = [b.vector("sum"), b.vector("massive"), b.vector("more")];
  b.each((at) => b.set(at(sum), correctionAt(b, correction, work, system.n, at)));
  timesMass(b, system.mass, sum, massive);
  constraints.solve(more, massive);
  return { slopes: [slope, slopeNext], correction: more };
}

/**
 * h times the slopes at both ends of the cubic through a step's ends and two of its stages, where the right-hand side is taken in parts: a stiff
 * function's value at the end of a step, which no equation was solved for, magnifies its errors, and so do the kᵢ made of it, but not the stages.
 */
function slopesOfStages(
  { tableau: { a, c, explicit } }: SdirkMethod,
  b: StepBuilder,
  { u, uNext, work }: DenseSlices,
  n: number,
) {
  const nearest = (to: number, others: readonly number[]): number =>
    others.reduce((best, i) => (Math.abs(c[i] - to) < Math.abs(c[best] - to) ? i : best));
  const inner = c.flatMap((time, i) => (time > 0 && time < 1 ? [i] : []));
  const first = nearest(1 / 3, inner);
  const chosen = [first, nearest(2 / 3, inner.filter((i) => i !== first))]; // prettier-ignore
  const nodes = [0, ...chosen.map((i) => c[i]), 1];
  const slopes = [0, 1].map((x) => nodes.map((_, k) => lagrangeSlope(nodes, k, x)));
  const stages = c.length;
  return (at: (vector: Slice) => ArrayArgument): readonly [Value, Value] => {
    const K = (i: number): Value => b.get(at({ array: work.array, offset: i * n }));
    const states = chosen.map((i) => {
      const implicit = b.combination(a[i].slice(0, i + 1), K);
      return b.plus(
        b.get(at(u)),
        b.plus(
          implicit,
          b.combination(explicit!.a[i], (j) => K(stages + j)),
        ),
      );
    });
    const values = [b.get(at(u)), ...states, b.get(at(uNext))];
    const [rise, fall] = slopes.map((weights) => b.combination(weights, (k) => values[k]));
    return [rise, fall];
  };
}

type DenseSlices = Record<"u" | "uNext" | "work", Slice>;

/** The derivative at x of the polynomial that is 1 at node k and 0 at the others. */
function lagrangeSlope(nodes: readonly number[], k: number, x: number): number {
  const others = nodes.filter((_, j) => j !== k);
  const scale = others.reduce((product, node) => product * (nodes[k] - node), 1);
  return (
    others.reduce((sum, _, i) => sum + others.reduce((product, node, j) => (j === i ? product : product * (x - node)), 1), 0) /
    scale
  );
}

/** The cubic through both ends with the slopes there, and a correction to it. */
function denseProgram(
  method: SdirkMethod,
  correction: readonly number[] | undefined,
  system: System,
  workSize: number,
  recordSize: number,
  isAdditive: boolean,
): Program {
  const { n } = system;
  const b = new StepBuilder(`${method.name}_dense`, system, false);
  const { u, uNext, f, fNext, work, p, record, t, h } = denseParameters(b, system, workSize, recordSize);
  const ofMass = system.mass && massiveDense(b, system as MassSystem, correction, { u, uNext, work, p }, t, h);
  const [slope, slopeNext] = ofMass?.slopes ?? [f, fNext];
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  const ofStages = isAdditive ? slopesOfStages(method, b, { u, uNext, work }, n) : undefined;
  b.each((at) => {
    const [from, to] = [b.get(at(u)), b.get(at(uNext))];
    const chord = b.operation("sub", to, from);
    const [rise, fall] = ofStages?.(at) ?? [b.times(h, b.get(at(slope))), b.times(h, b.get(at(slopeNext)))];
    b.set(at(part(0)), from);
    b.set(at(part(1)), to);
    const bend = b.times(b.operation("sub", rise, fall), 1 / 2);
    b.set(at(part(3)), b.operation("sub", chord, b.times(b.plus(rise, fall), 1 / 2)));
    if (!correction) return b.set(at(part(2)), bend);
    const more = ofMass?.correction ? b.get(at(ofMass.correction)) : correctionAt(b, correction, work, n, at);
    const quarter = b.times(more, 1 / 4);
    b.set(at(part(2)), b.plus(bend, quarter));
    b.set(at(part(4)), b.times(quarter, -1));
  });
  return eliminate(b.finish());
}
