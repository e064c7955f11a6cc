/** The step of all Rosenbrock methods, generated from the tableau. */
import { MissingJacobian } from "../../../src/core/errors.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { denseParameters, isSmall, StepBuilder, stepParameters, type Slice, type StepPrograms } from "../step.ts";
import type { System } from "../system.ts";
import { calledSystem, sizeOfFactors, smallSystem, type Jacobian } from "./factorized.ts";
import type { RosenbrockMethod } from "./tableau.ts";

/** `work` holds the stages U, ∂f/∂t, the values of the Jacobian and, where systems are solved by calls, the factors of W. */
export function rosenbrockStep(method: RosenbrockMethod, system: System): StepPrograms {
  const { n, jacobian } = system;
  if (!jacobian) throw new MissingJacobian(method.name);
  const { b, H } = method.tableau;
  const offset = (b.length + 1) * n + nonzeros(jacobian);
  const factors = { offset, size: isSmall(system, b.length) ? 0 : sizeOfFactors(jacobian) };
  const workSize = offset + factors.size;
  const recordSize = (2 + H.length) * n;
  return {
    step: stepProgram(method, system, jacobian, workSize),
    dense: denseProgram(method, system, workSize, recordSize),
    linearize: linearizeProgram(method, system, jacobian, workSize),
    workSize,
    factors,
    stages: b.length,
    recordSize,
    fsal: false,
    rhsCalls: { perStep: b.length - 1, perDense: 0 },
    linearSolvesPerStep: b.length,
  };
}

function nonzeros({ pattern }: Jacobian): number {
  return pattern.rowIndices.length;
}

export function parts(work: Slice, { tableau }: RosenbrockMethod, { n }: System) {
  const part = (i: number): Slice => ({ array: work.array, offset: i * n });
  return { U: part, timeDerivative: part(tableau.b.length), jacobian: part(tableau.b.length + 1) };
}

/**
 * Where the derivative of f is infinite or no number, as that of a root at zero is, its entries count as zeros: the step is explicit
 * in them, and its error is judged like any other's. Returns 0, or 1 + the place of the first of those entries: by the Jacobian's
 * pattern, after it by the components of ∂f/∂t.
 */
function linearizeProgram(method: RosenbrockMethod, system: System, jacobian: Jacobian, workSize: number): Program {
  const b = new StepBuilder(`${method.name}_linearize`, system, false);
  const u = b.vectorParameter("u", "input");
  const work = b.vectorParameter("work", "inout", workSize);
  const p = b.vectorParameter("p", "input", system.np);
  const t = b.scalarParameter("t");
  const into = parts(work, method, system);
  const clean = (slice: Slice, size: number, place: number, before: Value): Value =>
    b.for(b.i32(0), b.i32(size), 1, [before], (i, [first]) => {
      const at = b.element(slice, i);
      const isFinite = b.operation("lt", b.operation("abs", b.get(at)), b.f64(Infinity));
      b.when(
        isFinite,
        () => {},
        () => b.set(at, b.f64(0)),
      );
      const keeps = b.operation("bool.or", isFinite, b.operation("gt", first, b.f64(0)));
      return [b.operation("select", keeps, first, b.plus(b.toF64(i), b.f64(1 + place)))];
    })[0];
  b.evaluate(jacobian.values, into.jacobian, u, p, t);
  let first = clean(into.jacobian, nonzeros(jacobian), 0, b.f64(0));
  if (system.timeDerivative) {
    b.evaluate(system.timeDerivative, into.timeDerivative, u, p, t);
    first = clean(into.timeDerivative, system.n, nonzeros(jacobian), first);
  }
  return eliminate(b.finish(first));
}

function stepProgram(method: RosenbrockMethod, system: System, jacobian: Jacobian, workSize: number): Program {
  const { name, tableau } = method;
  const { gamma, a, C, c, d, b: weights, error } = tableau;
  const small = isSmall(system, weights.length);
  const b = new StepBuilder(`${name}_step`, system, small);
  const { u, uNext, f, work, p, atol, t, h, rtol } = stepParameters(b, system, workSize);
  const { U, timeDerivative, jacobian: values } = parts(work, method, system);
  const [g, right] = [b.vector("g"), b.vector("right")];
  const inverse = b.operation("div", b.f64(1), h);
  const diagonal = b.times(inverse, 1 / gamma);
  const { regular, solve } = small
    ? smallSystem(b, jacobian, values, diagonal)
    : calledSystem(b, jacobian, values, diagonal, { array: work.array, offset: values.offset + nonzeros(jacobian) });

  const stage = (i: number): void => {
    if (i > 0) {
      b.each((at) =>
        b.set(
          at(g),
          b.plus(
            b.get(at(u)),
            b.combination(a[i], (j) => b.get(at(U(j)))),
          ),
        ),
      );
      b.evaluate(system.rhs, U(i), g, p, b.plus(t, b.times(h, c[i])));
    }
    const drift = system.timeDerivative && d[i] !== 0 ? b.times(h, d[i]) : undefined;
    b.each((at) => {
      let sum = b.get(at(i === 0 ? f : U(i)));
      if (i > 0)
        sum = b.plus(
          sum,
          b.times(
            b.combination(C[i], (j) => b.get(at(U(j)))),
            inverse,
          ),
        );
      if (drift) sum = b.plus(sum, b.times(b.get(at(timeDerivative)), drift));
      b.set(at(right), sum);
    });
    solve(U(i), right);
  };

  const norm = b.if(
    regular,
    () => {
      weights.forEach((_, i) => stage(i));
      b.each((at) =>
        b.set(
          at(uNext),
          b.plus(
            b.get(at(u)),
            b.combination(weights, (i) => b.get(at(U(i)))),
          ),
        ),
      );
      return [b.errorNorm((at) => b.combination(error, (i) => at(U(i))), u, uNext, atol, rtol)];
    },
    () => [b.f64(-1)],
  )[0];
  return eliminate(b.finish(norm));
}

function denseProgram(method: RosenbrockMethod, system: System, workSize: number, recordSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${method.name}_dense`, system, false);
  const { u, uNext, work, record } = denseParameters(b, system, workSize, recordSize);
  const { U } = parts(work, method, system);
  const part = (i: number): Slice => ({ array: record.array, offset: i * n });
  b.each((at) => {
    b.set(at(part(0)), b.get(at(u)));
    b.set(at(part(1)), b.get(at(uNext)));
    method.tableau.H.forEach((weights, j) => {
      const q: Value = b.combination(weights, (i) => b.get(at(U(i))));
      b.set(at(part(2 + j)), q);
    });
  });
  return eliminate(b.finish());
}
