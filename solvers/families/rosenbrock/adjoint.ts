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
  const { system } = parts;
  const { n, np } = system;
  const { gamma, b: weights } = method.tableau;
  const alongStage = parts.vjpOfTangent();
  const small = isSmall(system, 10 * weights.length);
  const b = new StepBuilder(`${method.name}_adjoint`, system, small);
  const parameters = adjointParameters(b, parts);
  const { work, p, lambda, bar, gradient, h } = parameters;
  const U = stages(work, system);
  const inverse = b.operation("div", b.f64(1), h);
  const { solve, defect } = transposedSystem(b, small, parts, parameters, b.times(inverse, 1 / gamma));
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
  const vectors = { states, w, g, right, zero, curvature, sum, massive, drift, pBar, total };
  const stage: Stage = { b, small, method, parts, interpolated, parameters, U, inverse, solve, pull, alongStage, ...vectors };
  for (let j = weights.length - 1; j >= 0; j--) takeBack(stage, j);
  b.each((at) => b.set(at(lambda), b.plus(b.get(at(total)), b.load(defect.array, b.i32(0)))));
  if (interpolated) b.fill(bar.array, b.f64(0));
  return eliminate(b.finish());
}

/**
 * Solves with Wᵀ. The `defect` is zero; no number where an entry of J is infinite or none, which the step counts as a zero that has no
 * derivative.
 */
function transposedSystem(
  b: StepBuilder,
  small: boolean,
  { system: { jacobian: given } }: AdjointParts,
  { u, p, t, factors, kept }: Parameters,
  diagonal: Value,
): { readonly solve: (x: Slice, right: Slice) => void; readonly defect: Slice } {
  const jacobian = given!;
  const values = { array: b.localArray("jacobian", jacobian.pattern.rowIndices.length), offset: 0 };
  const transposed = { ...jacobian, transposed: !jacobian.transposed };
  const defect = { array: b.localArray("defect", 1), offset: 0 };
  b.store(defect.array, b.i32(0), b.f64(0));
  const linearize = (): void => {
    b.evaluate(jacobian.values, values, u, p, t);
    const zeros = b.for(b.i32(0), b.i32(values.array.size), 1, [b.f64(0)], (i, [sum]) => [
      b.plus(sum, b.times(b.load(values.array, i), 0)),
    ]);
    b.store(defect.array, b.i32(0), zeros[0]);
  };
  if (small) {
    linearize();
    return { solve: smallSystem(b, transposed, values, diagonal).solve, defect };
  }
  // A forward step that is written out leaves none.
  const ofStep = factors.array.size > 0 ? factors : { array: b.localArray("factors", sizeOfFactors(jacobian)), offset: 0 };
  b.when(b.operation("i32.eq", kept, b.i32(0)), () => {
    linearize();
    factorize(b, jacobian, values, diagonal, ofStep);
  });
  return { solve: (x, right) => solveBy(b, transposed, values, ofStep, x, right), defect };
}

type Parameters = ReturnType<typeof adjointParameters>;

/** What the stages of an adjoint share. */
interface Stage {
  readonly b: StepBuilder;
  readonly small: boolean;
  readonly method: RosenbrockMethod;
  readonly parts: AdjointParts;
  readonly interpolated: boolean;
  readonly parameters: Parameters;
  readonly U: (i: number) => Slice;
  /** 1 / h. */
  readonly inverse: Value;
  readonly solve: (x: Slice, right: Slice) => void;
  readonly pull: ReturnType<typeof pullback>;
  readonly alongStage: Program;
  /** Of each stage the cotangent of gᵢ, and wᵢ. */
  readonly states: readonly Slice[];
  readonly w: readonly Slice[];
  readonly g: Slice;
  readonly right: Slice;
  readonly zero: Slice;
  /** The gradients of wᵢ times the derivative of f along a stage: by the state and the parameters. */
  readonly curvature: Slice;
  readonly pBar: Slice;
  /** With a mass matrix: what later stages add, before and after its transpose is applied. */
  readonly sum?: Slice;
  readonly massive?: Slice;
  /** h dᵢ */
  readonly drift: Slice;
  /** The cotangent of u. */
  readonly total: Slice;
}

/** Takes stage j back, after those behind it. */
function takeBack(stage: Stage, j: number): void {
  const { b, method, parts, interpolated, parameters, U, inverse, states, w, g, right, sum, massive } = stage;
  const { a, C, c, b: weights, H } = method.tableau;
  const { u, lambda, bar, t, h } = parameters;
  const { system } = parts;
  const later = weights.map((_, i) => i).filter((i) => i > j);
  const direct: readonly Term[] = [
    [weights[j], lambda],
    ...(interpolated ? centred(H) : []).map((row, q): Term => [row[j], part(bar, 2 + q, system.n)]),
    ...later.map((i): Term => [a[i][j], states[i]]),
  ];
  const coupled = later.map((i): Term => [C[i][j], w[i]]);
  if (sum && massive) {
    b.each((at) => b.set(at(sum), sumOf(b, coupled, at)));
    timesMass(b, system.mass, sum, massive, true);
  }
  const ofLater = (at: (vector: Slice) => ArrayArgument): Value => (massive ? b.get(at(massive)) : sumOf(b, coupled, at));
  b.each((at) => b.set(at(right), b.plus(sumOf(b, direct, at), b.times(ofLater(at), inverse))));
  stage.solve(w[j], right);
  if (j > 0) {
    const terms = a[j].map((x, i): Term => [x, U(i)]);
    b.each((at) => b.set(at(g), b.plus(b.get(at(u)), sumOf(b, terms, at))));
    stage.pull(states[j], g, b.plus(t, b.times(h, c[j])), w[j]);
  }
  addCurvature(stage, j);
}

/** Adds what stage j takes back through J(u) and ∂f/∂t(u), and through where it was evaluated. */
function addCurvature(stage: Stage, j: number): void {
  const { b, small, method, parts, parameters, U, alongStage, states, w, zero, curvature, pBar, drift, total } = stage;
  const { u, p, gradient, t, h } = parameters;
  b.store(drift.array, b.i32(0), b.times(h, method.tableau.d[j]));
  // The first stage's f(u) is taken at the same point, so its vjp comes with the tangent's.
  const seeds = [b.slice(j === 0 ? w[j] : zero), b.slice(w[j])];
  const results = [curvature, ...(parts.wrtP ? [pBar] : [])].map((x) => b.slice(x));
  invoke(b, small, alongStage, [b.slice(u), b.slice(p), t, b.slice(U(j)), b.slice(drift), ...seeds, ...results]);
  if (parts.wrtP) b.addTo(gradient, pBar, parts.system.np);
  b.each((at) => {
    const sum = b.plus(b.get(at(total)), b.get(at(curvature)));
    b.set(at(total), j > 0 ? b.plus(sum, b.get(at(states[j]))) : sum);
  });
}
