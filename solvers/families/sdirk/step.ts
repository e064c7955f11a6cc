/** The step of all diagonally implicit Runge–Kutta methods, generated from the tableau. */
import { MassMatrixRefused } from "../../step/errors.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { eager, NewtonMatrix } from "../../newton/matrix.ts";
import { newtonMemory, newtonMemorySize } from "../../newton/memory.ts";
import { linearizationOf } from "../../newton/krylov.ts";
import { newtonStage } from "../../newton/stage.ts";
import { StepBuilder, stepParameters, type Slice, type StepPrograms, type StepSizes } from "../../step/builder.ts";
import { betweenProgram, type TakenStep } from "../../step/between.ts";
import { isMatrixFree, solveBy, type Linearization } from "../../step/factorized-system.ts";
import { errorScale, type Accuracy } from "../../step/matrix-free.ts";
import type { System } from "../../step/system.ts";
import { factorizedConstraints, slopeProgram, type MassSystem } from "../../step/algebraic.ts";
import { timesMass } from "../../step/mass.ts";
import { count, say, status, verdict as numberOf } from "../../step/verdict.ts";
import { additiveOf, explicitStages, type Additive } from "./additive.ts";
import { denseProgram } from "./dense.ts";
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
    between: betweenProgram(method.name, system, sizes, recordSize, (taken, x, right) => {
      const { values, factors, d } = newtonMemory(taken.cache, jacobian);
      solveBy(taken.b, jacobian, values, factors, x, right, accuracyOf(system, jacobian, taken.b.get(taken.b.slice(d)), taken));
    }),
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
  const accuracy = accuracyOf(system, jacobian, matrix.get("d"), { b, ...parameters });
  solveBy(b, jacobian, kept.values, kept.factors, bounded, massive, accuracy);
  count(b, verdict, "linearSolves", 1);
  return b.errorNorm((at) => at(bounded), u, uNext, atol, rtol);
}

/** How well estimates are solved for, where that is by iterations. */
function accuracyOf({ n }: System, jacobian: Linearization, d: Value, taken: TakenStep): Accuracy | undefined {
  const { b, u, uNext } = taken;
  if (!isMatrixFree(jacobian)) return undefined;
  return { ...errorScale(b, n, [u, uNext], taken), tolerance: b.times(b.operation("abs", d), ESTIMATE_SHARE) };
}
