/**
 * The adjoint of a step of an explicit Runge-Kutta method and its dense output. Stages are numbered as their derivatives are kept: the
 * step's start, the others, its end, and those made for dense output only. Stage i is gᵢ = u + h Σ aᵢⱼ kⱼ, kᵢ = f(gᵢ, t + cᵢ h); the end
 * is the stage whose weights are b.
 */
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { addingTo } from "../../src/passes/accumulating.ts";
import type { EnsembleBuilder } from "../../solvers/batch/ensemble-builder.ts";
import { denseWeights, type ExplicitTableau, type Stage } from "../../solvers/families/explicit/tableau.ts";
import { isSmall } from "../../solvers/step/builder.ts";
import type { System } from "../../solvers/step/system.ts";

/** What is kept of a step: the state and time of its start, its length, and the derivatives of its stages. */
export interface KeptStep {
  readonly u: ArrayArgument;
  readonly stages: ArrayArgument;
  readonly t: Value;
  readonly h: Value;
}

/** Builds the instructions of a step's adjoint. */
export class StepAdjoint {
  /** The number of stages. */
  readonly count: number;
  /** The index of the stage that is the step's end. */
  readonly end: number;
  private readonly stages: readonly Stage[];
  /** For each vector of the record after u and uNext, its weights over the stages. */
  private readonly dense: readonly (readonly number[])[];
  private readonly weights: ArrayDeclaration;
  private readonly times: ArrayDeclaration;
  private readonly stageBar: ArrayDeclaration;
  private readonly g: ArrayDeclaration;
  private readonly gBar: ArrayDeclaration;
  private readonly uBar: ArrayDeclaration;
  /** The cotangent of the derivative at the start of the step handled last, which is at the end of the step before it. */
  private readonly startBar: ArrayDeclaration;
  /** Whether components are written out one by one, as they are few. */
  private readonly isWrittenOut: boolean;

  /** `vjp` is (input u, input p, scalar t, input du_bar, output u_bar, output p_bar). */
  constructor(
    private readonly b: EnsembleBuilder,
    tableau: ExplicitTableau,
    private readonly system: Pick<System, "n" | "np" | "rhs">,
    private readonly vjp: Program,
    private readonly pBar: ArrayDeclaration,
  ) {
    const { n } = system;
    const extra = (tableau.dense && "polynomials" in tableau.dense && tableau.dense.extra) || [];
    this.stages = [{ c: 0, a: [] }, ...tableau.stages, { c: 1, a: tableau.b }, ...extra];
    this.count = this.stages.length;
    this.end = tableau.stages.length + 1;
    this.isWrittenOut = isSmall(system, this.end);
    this.dense = denseWeights(tableau);
    const weights = new Float64Array(this.count ** 2);
    this.stages.forEach(({ a }, i) => weights.set(a, i * this.count));
    this.weights = b.constantArray("weights", weights);
    this.times = b.constantArray(
      "stage_times",
      Float64Array.from(this.stages, ({ c }) => c),
    );
    this.stageBar = b.localArray("stage_bar", this.count * n);
    [this.g, this.gBar, this.uBar] = ["g", "g_bar", "u_bar"].map((name) => b.localArray(name, n));
    this.startBar = b.remembered("start_bar", n).array;
  }

  /** Writes the step's record: u, uNext and the vectors of dense output. */
  record(into: ArrayDeclaration, { u, stages, h }: KeptStep): void {
    const { b } = this;
    const { n } = this.system;
    const slope = (weights: readonly number[], c: Value): Value =>
      b.times(
        b.combination(weights, (j) => this.at(stages, this.indexOf(b.i32(j), c))),
        h,
      );
    this.components((c) => {
      this.put(into, 0, c, this.at(u, c));
      this.put(into, n, c, b.plus(this.at(u, c), slope(this.stages[this.end].a, c)));
      this.dense.forEach((weights, q) => this.put(into, (2 + q) * n, c, slope(weights, c)));
    });
  }

  /** The number of vectors of n in a step's record. */
  get vectors(): number {
    return 2 + this.dense.length;
  }

  /** Comes before the last step. */
  begin(): void {
    this.b.fill(this.startBar, this.b.f64(0));
  }

  /** Comes after the first step: takes the cotangent back through the derivative at its start, where the state is u. */
  finish(lambda: ArrayDeclaration, u: ArrayArgument, t: Value): void {
    const { b, g, gBar, startBar } = this;
    this.components((c) => b.store(g, c, this.at(u, c)));
    this.pullBack(t, whole(b, startBar));
    this.components((c) => b.store(lambda, c, b.plus(b.load(lambda, c), b.load(gBar, c))));
  }

  /**
   * Turns lambda, the cotangent of the step's end, into that of its start, but for what goes through the derivative there: that is
   * added with the end of the step before. `recordBar` holds the cotangents of the record's vectors.
   */
  overStep(lambda: ArrayDeclaration, recordBar: ArrayDeclaration, step: KeptStep): void {
    const { b, count, dense, end, stageBar, startBar, uBar } = this;
    const { n } = this.system;
    const bar = (q: number, c: Value): Value => b.load(recordBar, b.operation("i32.add", c, b.i32(q * n)));
    this.components((c) => {
      b.store(uBar, c, bar(0, c));
      b.store(lambda, c, b.plus(b.load(lambda, c), bar(1, c)));
      for (let j = 0; j < count; j++) {
        const ofDense = b.combination(
          dense.map((weights) => weights[j] ?? 0),
          (q) => bar(2 + q, c),
        );
        const own = b.times(ofDense, step.h);
        b.store(stageBar, this.indexOf(b.i32(j), c), j === end ? b.plus(own, b.load(startBar, c)) : own);
      }
    });
    // Written out it takes twice as long to compile, and on large right-hand sides more time to run.
    b.for(b.i32(count - 1), b.i32(0), -1, [], (i) => {
      this.throughStage(i, lambda, step);
      return [];
    });
    this.components((c) => {
      b.store(lambda, c, b.load(uBar, c));
      b.store(startBar, c, b.load(stageBar, c));
    });
  }

  private throughStage(i: Value, lambda: ArrayDeclaration, { u, stages, t, h }: KeptStep): void {
    const { b, g, gBar, uBar, stageBar } = this;
    this.components((c) => b.store(g, c, this.at(u, c)));
    this.before(i, (j, weight) => {
      const scaled = b.times(weight, h);
      this.components((c) => b.store(g, c, b.plus(b.load(g, c), b.times(scaled, this.at(stages, this.indexOf(j, c))))));
    });
    const time = b.plus(t, b.times(b.load(this.times, i), h));
    this.pullBack(time, { array: stageBar, offset: this.indexOf(i, b.i32(0)) });
    b.when(b.operation("i32.eq", i, b.i32(this.end)), () => {
      this.components((c) => b.store(gBar, c, b.plus(b.load(gBar, c), b.load(lambda, c))));
    });
    this.components((c) => b.store(uBar, c, b.plus(b.load(uBar, c), b.load(gBar, c))));
    this.before(i, (j, weight) => {
      const scaled = b.times(weight, h);
      this.components((c) => b.accumulate(stageBar, this.indexOf(j, c), b.times(scaled, b.load(gBar, c))));
    });
  }

  /** Takes a cotangent back through the right-hand side at g. */
  private pullBack(t: Value, cotangent: ArrayArgument): void {
    const { b, g, gBar, pBar } = this;
    const { np } = this.system;
    const [at, p, into] = [whole(b, g), b.slice(b.p), whole(b, gBar)];
    const adding = addingTo(this.vjp, "p_bar");
    if (adding) return void b.call(adding, [at, p, t, cotangent, into, whole(b, pBar)]);
    const step = b.localArray("p_step", np);
    b.call(this.vjp, [at, p, t, cotangent, into, whole(b, step)]);
    b.addTo({ array: pBar, offset: 0 }, { array: step, offset: 0 }, np);
  }

  /** Calls the body with each stage that stage i depends on, and its weight. */
  private before(i: Value, body: (j: Value, weight: Value) => void): void {
    const { b, count, weights } = this;
    const row = b.operation("i32.mul", i, b.i32(count));
    b.for(b.i32(0), i, 1, [], (j) => {
      body(j, b.load(weights, b.operation("i32.add", row, j)));
      return [];
    });
  }

  private components(body: (c: Value) => void): void {
    const { b } = this;
    const { n } = this.system;
    if (this.isWrittenOut) for (let c = 0; c < n; c++) body(b.i32(c));
    else
      b.for(b.i32(0), b.i32(n), 1, [], (c) => {
        body(c);
        return [];
      });
  }

  /** The index of component c of stage j. */
  private indexOf(j: Value, c: Value): Value {
    const { b } = this;
    return b.operation("i32.add", b.operation("i32.mul", j, b.i32(this.system.n)), c);
  }

  private at({ array, offset }: ArrayArgument, index: Value): Value {
    return this.b.load(array, this.b.operation("i32.add", offset, index));
  }

  private put(array: ArrayDeclaration, offset: number, c: Value, value: Value): void {
    this.b.store(array, this.b.operation("i32.add", c, this.b.i32(offset)), value);
  }
}

export function whole(b: EnsembleBuilder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
