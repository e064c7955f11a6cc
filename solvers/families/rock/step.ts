/** The step of stabilised methods of orthogonal polynomials: see tableau.ts. */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { StepBuilder, stepParameters, type Slice, type StepPrograms } from "../../step/builder.ts";
import { MissingJacobian } from "../../step/errors.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import type { System } from "../../step/system.ts";
import { count, say, status } from "../../step/verdict.ts";
import { boundedRadius, boundedSteps, BOUND_SIZES } from "../stabilized/bounded-steps.ts";
import { recurrenceOf } from "./recurrences.ts";
import type { RockMethod, RockTableau } from "./tableau.ts";

export function rockStep(method: RockMethod, system: System): StepPrograms {
  const { jacobian } = system;
  if (!jacobian) throw new MissingJacobian(method.name);
  const [{ degree, finishing }] = method.tableau.polynomials;
  const least = degree + finishing.b.length;
  return boundedSteps(method.name, system, stepProgram(method, system, jacobian), least);
}

type Parameters = ReturnType<typeof stepParameters>;

function stepProgram({ name, tableau }: RockMethod, system: System, jacobian: Jacobian): Program {
  const { polynomials, reach, offset } = tableau;
  const degrees = polynomials.map(({ degree }) => degree);
  const last = polynomials[0].finishing.b.length;
  const b = new StepBuilder(`${name}_step`, system, false);
  const parameters = stepParameters(b, system, BOUND_SIZES);
  const { u, uNext, atol, verdict: said, h, rtol } = parameters;
  const radius = boundedRadius(b, system, jacobian, parameters);

  const reached = b.times(b.plus(b.times(b.operation("abs", h), radius), b.f64(offset)), 1 / reach);
  const exact = b.plus(b.f64(1), b.operation("floor", b.operation("sqrt", reached)));
  const wanted = b.operation("sub", exact, b.f64(last));
  const fits = b.operation("le", wanted, b.f64(degrees.at(-1)!));
  say(b, said, "status", b.operation("select", fits, b.f64(status.judged), b.f64(status.tooManyStages)));
  const table = b.constantArray("degrees", Int32Array.from(degrees));
  // The smallest that suffices.
  const [which] = b.for(b.i32(degrees.length - 2), b.i32(-1), -1, [b.i32(degrees.length - 1)], (k, [so]) => [
    b.operation("i32.select", b.operation("ge", b.toF64(b.load(table, k)), wanted), k, so),
  ]);
  const chosen = b.operation("i32.select", fits, which, b.i32(0));
  const degree = b.load(table, chosen);
  const stages = recurrence(b, tableau, system, parameters, { chosen, degree });
  const estimate = finish(b, tableau, system, parameters, { chosen, ...stages });
  count(b, said, "rhsCalls", b.plus(b.toF64(degree), b.f64(last)));
  const norm = b.errorNorm(estimate, u, uNext, atol, rtol);
  return eliminate(b.finish(b.operation("select", fits, norm, b.f64(Infinity))));
}

/** Yₘ, and its time, for the degree m. To the largest degree, not to m: adjoints keep what a loop of known length computes. */
function recurrence(
  b: StepBuilder,
  { polynomials }: RockTableau,
  system: System,
  { u, f, p, t, h }: Parameters,
  { chosen, degree }: { readonly chosen: Value; readonly degree: Value },
): { readonly state: Slice; readonly at: Value } {
  const each = polynomials.map(recurrenceOf);
  const starts = Int32Array.from(each, (_, k) => each.slice(0, k).reduce((sum, { length }) => sum + length, 0));
  const numbers = b.constantArray("recurrences", Float64Array.from(each.flatMap((some) => [...some])));
  const largest = polynomials.at(-1)!.degree;
  const start = b.load(b.constantArray("starts", starts), chosen);
  const [now, before, slope] = ["now", "before", "slope"].map((of) => b.vector(of));
  const first = b.times(h, b.load(numbers, start));
  b.each((at) => {
    b.set(at(before), b.get(at(u)));
    b.set(at(now), b.plus(b.get(at(u)), b.times(first, b.get(at(f)))));
  });
  const following = (mu: Value, kappa: Value, current: Value, older: Value, derivative: Value): Value => {
    const states = b.plus(current, b.times(kappa, b.operation("sub", current, older)));
    return b.plus(states, b.times(b.times(h, mu), derivative));
  };
  const [end] = b.for(b.i32(2), b.i32(largest + 1), 1, [b.plus(t, first), t], (j, [time, timeBefore]) => {
    const goes = b.operation("i32.le", j, degree);
    // Within the table also where it does not go on.
    const at = b.operation("i32.select", goes, b.operation("i32.add", start, pairOf(b, j)), b.i32(0));
    const [mu, kappa] = [b.load(numbers, at), b.load(numbers, b.operation("i32.add", at, b.i32(1)))];
    b.when(goes, () => {
      b.evaluate(system.rhs, slope, now, p, time);
      b.each((component) => {
        const [current, older] = [b.get(component(now)), b.get(component(before))];
        b.set(component(before), current);
        b.set(component(now), following(mu, kappa, current, older, b.get(component(slope))));
      });
    });
    const next = following(mu, kappa, time, timeBefore, b.f64(1));
    return [b.operation("select", goes, next, time), b.operation("select", goes, time, timeBefore)];
  });
  return { state: now, at: end };
}

/** Where the pair of j lies behind μ₁. */
function pairOf(b: StepBuilder, j: Value): Value {
  return b.operation("i32.sub", b.operation("i32.mul", j, b.i32(2)), b.i32(3));
}

/** The stages from Yₘ on, and the state and slope at the step's end; returns the error estimate. */
function finish(
  b: StepBuilder,
  { polynomials }: RockTableau,
  system: System,
  { uNext, fNext, p, t, h }: Parameters,
  { chosen, state, at: time }: { readonly chosen: Value; readonly state: Slice; readonly at: Value },
): (at: (vector: Slice) => Value) => Value {
  const { a, b: weights, error } = polynomials[0].finishing;
  const rows = polynomials.map(({ finishing }) => [...finishing.a.flat(), ...finishing.b, ...finishing.error]);
  const numbers = b.constantArray("finishing", Float64Array.from(rows.flat()));
  const row = b.operation("i32.mul", chosen, b.i32(rows[0].length));
  let taken = 0;
  const next = (length: number): Value[] =>
    Array.from({ length }, () => b.times(h, b.load(numbers, b.operation("i32.add", row, b.i32(taken++)))));
  const slopes = weights.map((_, i) => b.vector(`finishing${i}`));
  const stage = b.vector("stage");
  const combination = (factors: readonly Value[], of: (i: number) => Value, initial: Value): Value =>
    factors.reduce((sum, factor, i) => b.plus(sum, b.times(factor, of(i))), initial);
  b.evaluate(system.rhs, slopes[0], state, p, time);
  a.forEach(({ length }, i) => {
    const factors = next(length);
    b.each((at) =>
      b.set(
        at(stage),
        combination(factors, (j) => b.get(at(slopes[j])), b.get(at(state))),
      ),
    );
    b.evaluate(
      system.rhs,
      slopes[i + 1],
      stage,
      p,
      combination(factors, () => b.f64(1), time),
    );
  });
  const factors = next(weights.length);
  b.each((at) =>
    b.set(
      at(uNext),
      combination(factors, (j) => b.get(at(slopes[j])), b.get(at(state))),
    ),
  );
  b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
  const errors = next(error.length);
  return (at) => combination(errors, (j) => at([...slopes, fNext][j]), b.f64(0));
}
