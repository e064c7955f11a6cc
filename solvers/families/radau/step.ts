/** The step of all Radau methods, made from the nodes (Hairer, Wanner, Solving Ordinary Differential Equations II, IV.8). */
import { eliminate } from "../../../src/passes/eliminate.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import type { Coupling } from "../../newton/coupling.ts";
import { solveByFirstPart } from "../../newton/decoupled.ts";
import { NewtonMatrix, thorough, type Patience } from "../../newton/matrix.ts";
import { newtonMemory, newtonMemorySize } from "../../newton/memory.ts";
import { newtonStage } from "../../newton/stage.ts";
import { stageOf } from "../../newton/stage-parameters.ts";
import {
  copy,
  denseParameters,
  StepBuilder,
  stepParameters,
  type Slice,
  type StepPrograms,
  type StepSizes,
} from "../../step/builder.ts";
import { MissingJacobian } from "../../step/errors.ts";
import { betweenProgram } from "../../step/between.ts";
import type { Jacobian } from "../../step/factorized-system.ts";
import { timesMass } from "../../step/mass.ts";
import type { System } from "../../step/system.ts";
import { count, say, status, verdict as numberOf } from "../../step/verdict.ts";
import { basis, coefficientsOf, type Coefficients } from "./coefficients.ts";
import type { RadauMethod } from "./tableau.ts";

/** So many times as long as the one before, a step begins its iterations without it: polynomials grow fast outside of theirs. */
const LONGEST_STRETCH = 8;

/** `work` holds the zᵢ; `cache` is what Newton's iterations keep, and `memory` holds the length and the zᵢ of the step before. */
export function radauStep(method: RadauMethod, system: System): StepPrograms {
  const { n, jacobian } = system;
  if (!jacobian) throw new MissingJacobian(method.name);
  const { nodes, errorOrder } = method.tableau;
  const s = nodes.length;
  const { coupling } = coefficientsOf(nodes);
  const sizes = { memorySize: 1 + s * n, workSize: s * n, cacheSize: newtonMemorySize(jacobian, coupling) };
  const recordSize = (1 + s) * n;
  return {
    step: new RadauStep(method, system, jacobian, sizes).program(),
    dense: denseProgram(method, system, sizes.workSize, recordSize),
    between: betweenProgram(method.name, system, sizes, recordSize, ({ b, cache }, x, right) =>
      solveByFirstPart(b, jacobian, coupling, newtonMemory(cache, jacobian).factors, x, right),
    ),
    ...sizes,
    factors: { offset: 0, size: 0 },
    stages: s,
    recordSize,
    fsal: false,
    evaluations: { perStep: s, perDense: 0 },
    firstOrder: errorOrder - 1,
  };
}

class RadauStep {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof stepParameters>;
  private readonly nodes: readonly number[];
  private readonly coefficients: Coefficients;
  private readonly coupling: Coupling;
  private readonly patience: Patience;

  constructor(
    method: RadauMethod,
    private readonly system: System,
    private readonly jacobian: Jacobian,
    sizes: StepSizes,
  ) {
    this.b = new StepBuilder(`${method.name}_step`, system, false);
    this.given = stepParameters(this.b, system, sizes);
    this.nodes = method.tableau.nodes;
    this.coefficients = coefficientsOf(this.nodes);
    this.coupling = this.coefficients.coupling;
    this.patience = thorough(method.order, method.tableau.errorOrder);
  }

  program(): Program {
    const { b, given, nodes, jacobian, coupling } = this;
    const { u, uNext, work, verdict, t, h } = given;
    const d = b.operation("div", b.f64(1), h);
    const matrix = new NewtonMatrix(b, jacobian, newtonMemory(given.cache, jacobian), given.p, verdict, this.patience, coupling);
    say(b, verdict, "status", b.f64(status.judged));
    matrix.prepare(u, t, d);
    const z = this.solve(d);
    const end = this.stage(z, nodes.length - 1);
    b.each((at) => b.set(at(uNext), b.plus(b.get(at(u)), b.get(at(end)))));
    copy(b, b.slice(work), b.slice(z), z.array.size);
    this.moveOn(z);
    const isSound = b.operation("eq", b.load(verdict.array, b.i32(numberOf.status)), b.f64(status.judged));
    const [norm] = b.if(
      isSound,
      () => [this.error(z, matrix.get("d"))],
      () => [b.f64(Infinity)],
    );
    return eliminate(b.finish(norm));
  }

  private stage(slice: Slice, i: number): Slice {
    return stageOf(slice, i, this.system.n);
  }

  /** The zᵢ. */
  private solve(d: Value): Slice {
    const { b, system, jacobian, given, nodes, coupling } = this;
    const { u, p, atol, cache, verdict, t, h, rtol } = given;
    const vector = (name: string, size: number): Slice => ({ array: b.localArray(name, size), offset: 0 });
    const [guess, z] = ["guess", "z"].map((name) => vector(name, nodes.length * system.n));
    const [times, divisor, tolerance] = [vector("times", nodes.length), vector("d", 1), vector("tolerance", 1)];
    nodes.forEach((c, i) => b.store(times.array, b.i32(i), b.plus(t, b.times(h, c))));
    b.set(b.slice(divisor), d);
    b.set(b.slice(tolerance), rtol);
    this.extrapolate(guess);
    const arrays = [u, p, times, divisor, guess, u, atol, tolerance, cache].map((x) => b.slice(x));
    b.call(newtonStage(system, jacobian, this.patience, coupling), [...arrays, verdict, b.slice(z)]);
    return z;
  }

  /** The polynomial of the step before, where there was one, is what iterations begin with. */
  private extrapolate(guess: Slice): void {
    const { b, given, nodes } = this;
    const { memory, h } = given;
    const ratio = b.operation("div", h, b.load(memory.array, b.i32(0)));
    const serves = b.operation("lt", b.operation("abs", ratio), b.f64(LONGEST_STRETCH));
    b.when(
      serves,
      () => {
        const last = nodes.length - 1;
        const weights = nodes.map((c) => {
          const x = b.plus(b.f64(1), b.times(ratio, c));
          return nodes.map((_, j) => {
            const there = basis([0, ...nodes], j + 1).reduceRight<Value>((sum, a) => b.plus(b.times(sum, x), b.f64(a)), b.f64(0));
            return j === last ? b.operation("sub", there, b.f64(1)) : there;
          });
        });
        b.each((at) =>
          weights.forEach((row, i) => {
            const terms = row.map((weight, j) => b.times(weight, b.get(at(this.stage({ ...memory, offset: 1 }, j)))));
            b.set(
              at(this.stage(guess, i)),
              terms.reduce((x, y) => b.plus(x, y)),
            );
          }),
        );
      },
      () => b.fill(guess.array, b.f64(0)),
    );
  }

  /** The memory of the step's end. */
  private moveOn(z: Slice): void {
    const { b, given } = this;
    const { memoryNext, h } = given;
    b.set(b.slice(memoryNext), h);
    copy(b, b.slice({ ...memoryNext, offset: 1 }), b.slice(z), z.array.size);
  }

  /**
   * By the embedded method (IV.8.19), with the matrix as it was made for d; where that has the step rejected, once more with the
   * derivative at what it errs by (IV.8.20), as what decays within the step counts too much in the first. Returns its norm.
   */
  private error(z: Slice, d: Value): Value {
    const { b, system, jacobian, given, coefficients, coupling } = this;
    const { u, uNext, f, p, cache, atol, verdict, t, h, rtol } = given;
    const [moved, right, error, scratch] = ["moved", "right", "error", "scratch"].map((name) => b.vector(name));
    b.each((at) => {
      const sum = b.combination(coefficients.error, (i) => b.get(at(this.stage(z, i))));
      b.set(at(moved), b.times(b.times(d, coefficients.gamma), sum));
    });
    const massive = timesMass(b, system.mass, moved, scratch);
    const share = b.times(d, h);
    const judge = (slope: Slice): Value => {
      b.each((at) => b.set(at(right), b.plus(b.times(share, b.get(at(slope))), b.get(at(massive)))));
      solveByFirstPart(b, jacobian, coupling, newtonMemory(cache, jacobian).factors, error, right);
      count(b, verdict, "linearSolves", 1);
      return b.errorNorm((at) => at(error), u, uNext, atol, rtol);
    };
    const norm = judge(f);
    const [tempered] = b.if(
      b.operation("lt", norm, b.f64(1)),
      () => [norm],
      () => {
        const [there, slope] = ["there", "slope"].map((name) => b.vector(name));
        b.each((at) => b.set(at(there), b.plus(b.get(at(u)), b.get(at(error)))));
        b.evaluate(system.rhs, slope, there, p, t);
        count(b, verdict, "rhsCalls", 1);
        return [judge(slope)];
      },
    );
    return tempered;
  }
}

/** The collocation polynomial. */
function denseProgram({ name, tableau: { nodes } }: RadauMethod, system: System, workSize: number, recordSize: number): Program {
  const { n } = system;
  const b = new StepBuilder(`${name}_dense`, system, false);
  const { u, uNext, work, record } = denseParameters(b, system, workSize, recordSize);
  b.each((at) => {
    b.set(at(stageOf(record, 0, n)), b.get(at(u)));
    b.set(at(stageOf(record, 1, n)), b.get(at(uNext)));
    coefficientsOf(nodes).dense.forEach((weights, j) =>
      b.set(
        at(stageOf(record, 2 + j, n)),
        b.combination(weights, (i) => b.get(at(stageOf(work, i, n)))),
      ),
    );
  });
  return eliminate(b.finish());
}
