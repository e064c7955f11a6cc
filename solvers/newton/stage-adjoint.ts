/**
 * The adjoint of a stage is that of its equation, whatever the iterations went through: with W = d I − J(base + z), or d M − J,
 *
 *   λ = W⁻ᵀ z̄,   base̅ += Jᵀ λ,   p̄ += (∂f/∂p)ᵀ λ,
 *
 * and of several stages that are found together W = d K ⊗ M − diag(J(base + zᵢ)), which falls into no pieces, as the J are of many points.
 */
import { InternalError } from "../../src/core/errors.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { isProgram, type ArrayArgument, type Program, type Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import { factorize, isMatrixFree, sizeOfFactors, sizeOfValues, solveBy, type Linearization } from "../step/factorized-system.ts";
import { linearizeAt } from "../step/linearization.ts";
import { errorScale, type Accuracy } from "../step/matrix-free.ts";
import type { System } from "../step/system.ts";
import { status, verdict } from "../step/verdict.ts";
import { coupledJacobian, spread, type Coupling } from "./coupling.ts";
import { stageOf, stageParameters } from "./stage-parameters.ts";

/** See Rules: (the stage's parameters, input z_bar, inout gradients of base and of p where they are active). */
export function stageAdjoint(system: System, jacobian: Linearization, coupling: Coupling, active: readonly string[]): Program {
  const { rhs, n, np } = system;
  if (!isProgram(rhs)) throw new InternalError("a stage with a function of the host cannot be derived");
  const b = new StepBuilder("newton_stage_vjp", system, false);
  const given = stageParameters(b, system, jacobian, coupling, "input");
  const { base, p, time, d, u, atol, rtol, verdict: said, z } = given;
  const zBar = b.vectorParameter("z_bar", "input", z.array.size);
  const sizes: Record<string, number> = { base: n, p: np };
  const gradients = active.map((name) => b.vectorParameter(`${name}_bar`, "inout", sizes[name]));
  const [point, lambda] = ["point", "lambda"].map((name): Slice => ({ array: b.localArray(name, z.array.size), offset: 0 }));
  const stages = Array.from({ length: coupling.stages }, (_, i) => ({
    of: (slice: Slice): Slice => stageOf(slice, i, n),
    t: b.load(time.array, b.i32(i)),
  }));
  for (const { of } of stages) b.each((at) => b.set(at(of(point)), b.plus(b.get(at(base)), b.get(at(of(z))))));
  const units = { atol, rtol: b.get(b.slice(rtol)) };
  const scaling = isMatrixFree(jacobian) ? errorScale(b, n, [u, point], units) : undefined;
  // Units of cotangents are the reciprocals of the state's.
  const accuracy = scaling && { scale: scaling.unit, unit: scaling.scale };
  const evaluate = (i: number, values: Slice): void => linearizeAt(b, jacobian, values, stages[i].of(point), p, stages[i].t);
  const regular = solveTransposed(b, jacobian, coupling, b.get(b.slice(d)), { x: lambda, right: zBar, evaluate, accuracy });
  // Of what has no inverse, or was not found, there is no derivative.
  const isFound = b.operation("eq", b.load(said.array, b.i32(verdict.status)), b.f64(status.judged));
  const isSound = b.operation("bool.and", regular, isFound);
  const wrt = active.map((name) => (name === "base" ? "u" : name));
  const pullback = reverse(rhs, { wrt });
  const parts = gradients.map(({ array }) => ({ array: b.localArray("part", array.size), offset: 0 }));
  for (const { of, t } of stages) {
    b.each((at) => b.set(at(of(lambda)), b.operation("select", isSound, b.get(at(of(lambda))), b.f64(NaN))));
    const args: readonly (ArrayArgument | Value)[] = [
      b.slice(of(point)),
      b.slice(p),
      t,
      ...[of(lambda), ...parts].map((x) => b.slice(x)),
    ];
    b.call(pullback, args);
    gradients.forEach((gradient, k) => b.addTo(gradient, parts[k], gradient.array.size));
  }
  return b.finish();
}

interface Transposed {
  readonly x: Slice;
  readonly right: Slice;
  /** The values of J where the i-th stage is. */
  readonly evaluate: (i: number, values: Slice) => void;
  readonly accuracy?: Accuracy;
}

/** x of Wᵀ x = right; returns whether it was found. */
function solveTransposed(
  b: StepBuilder,
  jacobian: Linearization,
  { stages, K }: Coupling,
  d: Value,
  { x, right, evaluate, accuracy }: Transposed,
): Value {
  const count = sizeOfValues(jacobian);
  const values = { array: b.localArray("values", stages * count), offset: 0 };
  for (let i = 0; i < stages; i++) evaluate(i, stageOf(values, i, count));
  const solve = (matrix: Linearization, entries: Slice, into: Slice, from: Slice): Value => {
    const factors = { array: b.localArray("factors", sizeOfFactors(matrix)), offset: 0 };
    const regular = factorize(b, matrix, entries, d, factors);
    const transposed = { ...matrix, transposed: !matrix.transposed };
    const { isReached } = solveBy(b, transposed, entries, factors, into, from, accuracy);
    return b.operation("bool.and", regular, isReached);
  };
  if (stages === 1 || isMatrixFree(jacobian)) return solve(jacobian, values, x, right);
  const coupled = coupledJacobian(jacobian, K);
  const entries = spread(b, coupled, (i) => stageOf(values, i, count), stages);
  // Its components have their stages side by side.
  const n = jacobian.pattern.columns;
  const [theirs, found] = ["theirs", "found"].map((name): Slice => ({ array: b.localArray(name, stages * n), offset: 0 }));
  const eachPlace = (body: (stage: (slice: Slice) => ArrayArgument, place: (slice: Slice) => ArrayArgument) => void): void =>
    b.range(0, n, (c) => {
      for (let i = 0; i < stages; i++) {
        const place = b.operation("i32.add", b.operation("i32.mul", c, b.i32(stages)), b.i32(i));
        body(
          (slice) => b.element(stageOf(slice, i, n), c),
          (slice) => b.element(slice, place),
        );
      }
    });
  eachPlace((stage, place) => b.set(place(theirs), b.get(stage(right))));
  const isFound = solve({ ...coupled, values: jacobian.values }, entries, found, theirs);
  eachPlace((stage, place) => b.set(stage(x), b.get(place(found))));
  return isFound;
}
