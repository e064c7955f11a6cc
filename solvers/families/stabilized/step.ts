/**
 * The step of Runge–Kutta–Chebyshev methods of order 2 (B. P. Sommeijer, L. F. Shampine, J. G. Verwer, RKC: An explicit solver for
 * parabolic PDEs, J. Comput. Appl. Math. 88 (1998) 315–326, section 2):
 *
 *   Y₁ = u + μ̃₁ h f,   Yⱼ = (1 − μⱼ − νⱼ) u + μⱼ Yⱼ₋₁ + νⱼ Yⱼ₋₂ + μ̃ⱼ h f(Yⱼ₋₁) + γ̃ⱼ h f,   u₁ = Yₛ,
 *
 * with coefficients made of the Chebyshev polynomials Tⱼ and their derivatives at w₀ = 1 + ε / s².
 */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { StepBuilder, stepParameters, type Slice, type StepPrograms } from "../../step/builder.ts";
import { MissingJacobian } from "../../step/errors.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import type { System } from "../../step/system.ts";
import { count, say, status } from "../../step/verdict.ts";
import { boundedRadius, boundedSteps, BOUND_SIZES } from "./bounded-steps.ts";
import type { StabilizedMethod } from "./tableau.ts";

export function stabilizedStep(method: StabilizedMethod, system: System): StepPrograms {
  const { jacobian } = system;
  if (!jacobian) throw new MissingJacobian(method.name);
  return boundedSteps(method.name, system, stepProgram(method, system, jacobian), 2);
}

/** Tⱼ, Tⱼ′ and Tⱼ″ at w₀ and, before each, those of j − 1. */
type Chebyshev = readonly [t: Value, tBefore: Value, d: Value, dBefore: Value, dd: Value, ddBefore: Value];

function firstChebyshev(b: StepBuilder, w0: Value): Chebyshev {
  const [zero, one] = [b.f64(0), b.f64(1)];
  return [w0, one, one, zero, zero, zero];
}

function nextChebyshev(b: StepBuilder, w0: Value, [t, tBefore, d, dBefore, dd, ddBefore]: Chebyshev): Chebyshev {
  const minus = (x: Value, y: Value): Value => b.operation("sub", x, y);
  const twice = b.times(w0, 2);
  return [
    minus(b.times(twice, t), tBefore),
    t,
    minus(b.plus(b.times(t, 2), b.times(twice, d)), dBefore),
    d,
    minus(b.plus(b.times(d, 4), b.times(twice, dd)), ddBefore),
    dd,
  ];
}

function stepProgram({ name, tableau }: StabilizedMethod, system: System, jacobian: Jacobian): Program {
  const { reach, mostStages } = tableau;
  const b = new StepBuilder(`${name}_step`, system, false);
  const parameters = stepParameters(b, system, BOUND_SIZES);
  const { u, uNext, f, fNext, p, atol, verdict: said, t, h, rtol } = parameters;
  const radius = boundedRadius(b, system, jacobian, parameters);

  const wanted = b.plus(b.f64(1), b.times(b.times(b.operation("abs", h), radius), 1 / reach));
  const exact = b.plus(b.f64(1), b.operation("floor", b.operation("sqrt", wanted)));
  const fits = b.operation("le", exact, b.f64(mostStages));
  say(b, said, "status", b.operation("select", fits, b.f64(status.judged), b.f64(status.tooManyStages)));
  const stages = b.operation("max", b.f64(2), b.operation("select", fits, exact, b.f64(2)));
  const end = takeStages(b, tableau, system, parameters, stages);
  b.each((at) => b.set(at(uNext), b.get(at(end))));
  b.evaluate(system.rhs, fNext, uNext, p, b.plus(t, h));
  count(b, said, "rhsCalls", stages);
  const estimate = (at: (vector: Slice) => Value): Value =>
    b.plus(b.times(b.operation("sub", at(u), at(uNext)), 0.8), b.times(b.times(b.plus(at(f), at(fNext)), h), 0.4));
  const norm = b.errorNorm(estimate, u, uNext, atol, rtol);
  return eliminate(b.finish(b.operation("select", fits, norm, b.f64(Infinity))));
}

/** Yₛ, for s `stages`. To the most stages, not to s: adjoints keep what a loop of known length computes. */
function takeStages(
  b: StepBuilder,
  { damping, mostStages }: StabilizedMethod["tableau"],
  system: System,
  { u, f, p, t, h }: Record<"u" | "f" | "p", Slice> & Record<"t" | "h", Value>,
  stages: Value,
): Slice {
  const s = b.operation("i32.from_f64", stages);
  const minus = (x: Value, y: Value): Value => b.operation("sub", x, y);
  const ratio = (x: Value, y: Value): Value => b.operation("div", x, y);
  const one = b.f64(1);
  const w0 = b.plus(one, ratio(b.f64(damping), b.times(stages, stages)));
  const [from, to] = [b.i32(2), b.i32(mostStages + 1)];
  const w1 = b.for(from, to, 1, [...firstChebyshev(b, w0), one], (j, carried) => {
    const next = nextChebyshev(b, w0, carried.slice(0, 6) as unknown as Chebyshev);
    return [...next, b.operation("select", b.operation("i32.eq", j, s), ratio(next[2], next[4]), carried[6])];
  })[6];

  const b1 = ratio(b.f64(1 / 4), b.times(w0, w0));
  const [now, before, slope] = ["now", "before", "slope"].map((of) => b.vector(of));
  const first = b.times(h, b.times(b1, w1));
  b.each((at) => {
    b.set(at(before), b.get(at(u)));
    b.set(at(now), b.plus(b.get(at(u)), b.times(first, b.get(at(f)))));
  });
  const a = (weight: Value, t: Value): Value => minus(one, b.times(weight, t));
  const initial = [...firstChebyshev(b, w0), b1, b1, a(b1, w0), b.times(b1, w1)];
  b.for(from, to, 1, initial, (j, carried) => {
    const next = nextChebyshev(b, w0, carried.slice(0, 6) as unknown as Chebyshev);
    const [weightOne, weightTwo, aOne, cOne] = carried.slice(6);
    const weight = ratio(next[4], b.times(next[2], next[2]));
    const mu = ratio(b.times(b.times(weight, w0), 2), weightOne);
    const nu = b.operation("neg", ratio(weight, weightTwo));
    const muTilde = b.times(h, ratio(b.times(b.times(weight, w1), 2), weightOne));
    const gammaTilde = b.operation("neg", b.times(aOne, muTilde));
    const rest = minus(minus(one, mu), nu);
    b.when(b.operation("i32.le", j, s), () => {
      b.evaluate(system.rhs, slope, now, p, b.plus(t, b.times(h, cOne)));
      b.each((at) => {
        const [current, older] = [b.get(at(now)), b.get(at(before))];
        const states = b.plus(b.plus(b.times(rest, b.get(at(u))), b.times(mu, current)), b.times(nu, older));
        const slopes = b.plus(b.times(muTilde, b.get(at(slope))), b.times(gammaTilde, b.get(at(f))));
        b.set(at(before), current);
        b.set(at(now), b.plus(states, slopes));
      });
    });
    return [...next, weight, weightOne, a(weight, next[0]), b.times(w1, ratio(next[4], next[2]))];
  });
  return now;
}
