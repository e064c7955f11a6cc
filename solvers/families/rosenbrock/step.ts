/** The step of all Rosenbrock methods, generated from the tableau. */
import { MissingJacobian } from "../../step/errors.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import {
  denseParameters,
  isSmall,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
  type Term,
} from "../../step/builder.ts";
import type { System } from "../../step/system.ts";
import { centred } from "../../step/dense-form.ts";
import { evaluateJacobian, zeroInfinities } from "../../step/linearization.ts";
import { betweenProgram } from "../../step/between.ts";
import { calledSystem, sizeOfFactors, smallSystem, solveBy, type Jacobian } from "../../step/factorized-system.ts";
import { count, say, status } from "../../step/verdict.ts";
import { largerOf, residualEstimate } from "./residual.ts";
import { combine, takeStage, type Stage } from "./stage.ts";
import type { RosenbrockMethod } from "./tableau.ts";

/**
 * `work` holds the stages U and, where systems are solved by calls, the factors of W. `memory` is for further tries of a step: whether
 * f has been linearized where it begins, ∂f/∂t and the values of the Jacobian there.
 */
export function rosenbrockStep(method: RosenbrockMethod, system: System): StepPrograms {
  const { n, jacobian } = system;
  if (!jacobian) throw new MissingJacobian(method.name);
  const { b, H } = method.tableau;
  const factors = { offset: b.length * n, size: isSmall(system, b.length) ? 0 : sizeOfFactors(jacobian) };
  const sizes = { memorySize: 1 + n + nonzeros(jacobian), workSize: factors.offset + factors.size };
  const recordSize = (2 + H.length) * n;
  return {
    step: stepProgram(method, system, jacobian, sizes),
    dense: denseProgram(method, system, sizes.workSize, recordSize),
    between: betweenProgram(method.name, system, sizes, recordSize, (step, x, right) => {
      const { b, memory, work, h } = step;
      const { jacobian: values } = linearization(memory, system);
      const ofStep = { array: work.array, offset: factors.offset };
      if (factors.size > 0) solveBy(b, jacobian, values, ofStep, x, right);
      else smallSystem(b, jacobian, values, b.operation("div", b.f64(1 / method.tableau.gamma), h)).solve(x, right);
    }),
    ...sizes,
    factors,
    stages: b.length,
    recordSize,
    fsal: false,
    evaluations: { perStep: b.length - 1 + (method.tableau.residual ? 1 : 0), perDense: 0 },
  };
}

function nonzeros({ pattern }: Jacobian): number {
  return pattern.rowIndices.length;
}

/** In `work`. */
export function stages({ array }: Slice, { n }: System): (i: number) => Slice {
  return (i) => ({ array, offset: i * n });
}

/** In `memory`. The first number is 0, or 1 where the others are there. */
function linearization({ array }: Slice, { n }: System): Record<"isThere" | "timeDerivative" | "jacobian", Slice> {
  const from = (offset: number): Slice => ({ array, offset });
  return { isThere: from(0), timeDerivative: from(1), jacobian: from(1 + n) };
}

/** The linearization at u and t; returns what the verdict says of its entries. (input u, inout memory, input p, t) -> entry */
function linearizeProgram({ name }: RosenbrockMethod, system: System, jacobian: Jacobian, memorySize: number): Program {
  const b = new StepBuilder(`${name}_linearize`, system, false);
  const u = b.vectorParameter("u", "input");
  const memory = b.vectorParameter("memory", "inout", memorySize);
  const p = b.vectorParameter("p", "input", system.np);
  const t = b.scalarParameter("t");
  const { jacobian: values, timeDerivative } = linearization(memory, system);
  let entry = evaluateJacobian(b, jacobian, values, u, p, t);
  if (system.timeDerivative) {
    b.evaluate(system.timeDerivative, timeDerivative, u, p, t);
    entry = zeroInfinities(b, timeDerivative, system.n, nonzeros(jacobian), entry);
  }
  return eliminate(b.finish(entry));
}

function stepProgram(method: RosenbrockMethod, system: System, jacobian: Jacobian, sizes: StepSizes): Program {
  const { name, tableau } = method;
  const { gamma, b: weights, error } = tableau;
  const small = isSmall(system, weights.length);
  const b = new StepBuilder(`${name}_step`, system, small);
  const parameters = stepParameters(b, system, sizes);
  const { u, uNext, memory, memoryNext, work, p, atol, verdict: said, t, h, rtol } = parameters;
  const U = stages(work, system);
  const { isThere, timeDerivative, jacobian: values } = linearization(memory, system);
  const linearize = linearizeProgram(method, system, jacobian, sizes.memorySize);
  const first = (slice: Slice): ArrayArgument => b.element(slice, b.i32(0));
  b.when(b.operation("eq", b.get(first(isThere)), b.f64(0)), () => {
    say(b, said, "entry", b.call(linearize, [b.slice(u), b.slice(memory), b.slice(p), t])!);
    b.set(first(isThere), b.f64(1));
    count(b, said, "jacobians", 1);
  });
  b.set(first(memoryNext), b.f64(0));
  const [g, right] = [b.vector("g"), b.vector("right")];
  const [coupled, massive] = system.mass ? [b.vector("coupled"), b.vector("massive")] : [];
  const inverse = b.operation("div", b.f64(1), h);
  const diagonal = b.times(inverse, 1 / gamma);
  const { regular, solve } = small
    ? smallSystem(b, jacobian, values, diagonal)
    : calledSystem(b, jacobian, values, diagonal, { array: work.array, offset: weights.length * system.n });
  count(b, said, "factorizations", 1);
  say(b, said, "status", b.operation("select", regular, b.f64(status.judged), b.f64(status.singular)));
  const stage: Stage = { b, tableau, system, parameters, U, g, right, coupled, massive, timeDerivative, inverse, solve };
  const norm = b.if(
    regular,
    () => {
      weights.forEach((_, i) => takeStage(stage, i));
      const residual = tableau.residual && residualEstimate(stage, tableau.residual);
      count(b, said, "rhsCalls", weights.length - (residual ? 0 : 1));
      count(b, said, "linearSolves", weights.length + (residual ? 1 : 0));
      combine(stage, uNext, weights);
      const embedded: Term = (at) => b.combination(error, (i) => at(U(i)));
      return [b.errorNorm(residual ? largerOf(b, embedded, residual) : embedded, u, uNext, atol, rtol)];
    },
    () => [b.f64(Infinity)],
  )[0];
  return eliminate(b.finish(norm));
}

function denseProgram(method: RosenbrockMethod, system: System, workSize: number, recordSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${method.name}_dense`, system, false);
  const { u, uNext, work, record } = denseParameters(b, system, workSize, recordSize);
  const U = stages(work, system);
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    centred(method.tableau.H).forEach((weights, j) => {
      const q: Value = b.combination(weights, (i) => b.get(at(U(i))));
      b.set(at(part(2 + j)), q);
    });
  });
  return eliminate(b.finish());
}
