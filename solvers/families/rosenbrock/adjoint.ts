/**
 * The adjoint of a Rosenbrock step (Zhang and Sandu 2014, "FATODE: a library for forward, adjoint, and tangent linear integration
 * of ODEs", section 4; step sizes are not differentiated). With W = I/(γh) − J(u), a stage
 *
 *   W Uᵢ = f(gᵢ) + Σ (Cᵢⱼ/h) Uⱼ + h dᵢ ∂f/∂t(u),   gᵢ = u + Σ aᵢⱼ Uⱼ,
 *
 * (with a mass matrix: M/(γh), and M before the sum), has the adjoint wᵢ = W⁻ᵀ Ūᵢ, and J(u) Uᵢ + h dᵢ ∂f/∂t(u) is the derivative of f along (Uᵢ, h dᵢ), whose own gradient, times wᵢ, is
 * the reverse of a forward program: exact second derivatives.
 */
import { isSmall, StepBuilder, type Slice } from "../../step/builder.ts";
import { centred } from "../../step/dense-form.ts";
import { stages } from "./step.ts";
import { timesMass } from "../../step/mass.ts";
import { factorize, sizeOfFactors, smallSystem, solveBy } from "../../step/factorized-system.ts";
import type { RosenbrockMethod } from "./tableau.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { ArrayArgument, Program, Value } from "../../../src/ir/ir.ts";
import { adjointParameters, invoke, part, pullback, sumOf, type AdjointParts, type Term } from "../../step/adjoint.ts";

export function rosenbrockAdjoint(method: RosenbrockMethod, parts: AdjointParts, interpolated: boolean): Program {
  const { system, wrtP } = parts;
  const alongStage = parts.vjpOfTangent();
  const { n, np } = system;
  const jacobian = system.jacobian!;
  const { gamma, a, C, c, d, b: weights, H } = method.tableau;
  const small = isSmall(system, 10 * weights.length);
  const b = new StepBuilder(`${method.name}_adjoint`, system, small);
  const { u, work, p, lambda, bar, gradient, factors, t, h, kept } = adjointParameters(b, parts);
  const U = stages(work, system);
  const inverse = b.operation("div", b.f64(1), h);
  const values = { array: b.localArray("jacobian", jacobian.pattern.rowIndices.length), offset: 0 };
  const diagonal = b.times(inverse, 1 / gamma);
  const transposed = { ...jacobian, transposed: !jacobian.transposed };
  // Zero; no number where an entry of J is infinite or none, which the step counts as a zero that has no derivative.
  const defect = { array: b.localArray("defect", 1), offset: 0 };
  b.store(defect.array, b.i32(0), b.f64(0));
  const linearize = (): void => {
    b.evaluate(jacobian.values, values, u, p, t);
    const zeros = b.for(b.i32(0), b.i32(values.array.size), 1, [b.f64(0)], (i, [sum]) => [
      b.plus(sum, b.times(b.load(values.array, i), 0)),
    ]);
    b.store(defect.array, b.i32(0), zeros[0]);
  };
  let solve: (x: Slice, right: Slice) => void;
  if (small) {
    linearize();
    solve = smallSystem(b, transposed, values, diagonal).solve;
  } else {
    // A forward step that is written out leaves none.
    const ofStep = factors.array.size > 0 ? factors : { array: b.localArray("factors", sizeOfFactors(jacobian)), offset: 0 };
    const make = (): void => {
      linearize();
      factorize(b, jacobian, values, diagonal, ofStep);
    };
    b.when(b.operation("i32.eq", kept, b.i32(0)), make);
    solve = (x, right) => solveBy(b, transposed, values, ofStep, x, right);
  }
  const pull = pullback(b, small, parts, p, gradient);
  const states = weights.map((_, i) => b.vector(`g${i}_bar`));
  const w = weights.map((_, i) => b.vector(`w${i}`));
  const [g, right, zero, curvature] = [b.vector("g"), b.vector("right"), b.vector("zero"), b.vector("curvature")];
  const [sum, massive] = system.mass ? [b.vector("sum"), b.vector("massive")] : [];
  const drift = { array: b.localArray("drift", 1), offset: 0 };
  const pBar = { array: b.localArray("stage_p_bar", np), offset: 0 };
  b.fill(zero.array, b.f64(0));
  if (interpolated) b.each((at) => b.set(at(lambda), b.plus(b.get(at(lambda)), b.get(at(part(bar, 1, n))))));
  const total = b.vector("total");
  b.each((at) => b.set(at(total), interpolated ? b.plus(b.get(at(lambda)), b.get(at(bar))) : b.get(at(lambda))));

  for (let j = weights.length - 1; j >= 0; j--) {
    const later = weights.map((_, i) => i).filter((i) => i > j);
    const direct: readonly Term[] = [
      [weights[j], lambda],
      ...(interpolated ? centred(H) : []).map((row, q): Term => [row[j], part(bar, 2 + q, n)]),
      ...later.map((i): Term => [a[i][j], states[i]]),
    ];
    const coupled = later.map((i): Term => [C[i][j], w[i]]);
    if (sum && massive) {
      b.each((at) => b.set(at(sum), sumOf(b, coupled, at)));
      timesMass(b, system.mass, sum, massive, true);
    }
    const ofLater = (at: (vector: Slice) => ArrayArgument): Value => (massive ? b.get(at(massive)) : sumOf(b, coupled, at));
    b.each((at) => b.set(at(right), b.plus(sumOf(b, direct, at), b.times(ofLater(at), inverse))));
    solve(w[j], right);
    if (j > 0) {
      b.each((at) =>
        b.set(
          at(g),
          b.plus(
            b.get(at(u)),
            sumOf(
              b,
              a[j].map((x, i): Term => [x, U(i)]),
              at,
            ),
          ),
        ),
      );
      pull(states[j], g, b.plus(t, b.times(h, c[j])), w[j]);
    }
    b.store(drift.array, b.i32(0), b.times(h, d[j]));
    // The first stage's f(u) is taken at the same point, so its vjp comes with the tangent's.
    const seeds = [b.slice(j === 0 ? w[j] : zero), b.slice(w[j])];
    const results = [curvature, ...(wrtP ? [pBar] : [])].map((x) => b.slice(x));
    invoke(b, small, alongStage, [b.slice(u), b.slice(p), t, b.slice(U(j)), b.slice(drift), ...seeds, ...results]);
    if (wrtP) b.addTo(gradient, pBar, np);
    b.each((at) => {
      const sum = b.plus(b.get(at(total)), b.get(at(curvature)));
      b.set(at(total), j > 0 ? b.plus(sum, b.get(at(states[j]))) : sum);
    });
  }
  b.each((at) => b.set(at(lambda), b.plus(b.get(at(total)), b.load(defect.array, b.i32(0)))));
  if (interpolated) b.fill(bar.array, b.f64(0));
  return eliminate(b.finish());
}
