/**
 * An implicit stage, z of d z = f(t, base + z), or d M z with a mass matrix, by simplified Newton iterations (Hairer, Wanner, Solving
 * Ordinary Differential Equations II, IV.8); or several that are found together, of d Σⱼ Kᵢⱼ M zⱼ = f(tᵢ, base + zᵢ): see coupling.ts.
 */
import type { ArrayArgument, Program, Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import { isMatrixFree, type Linearization } from "../step/factorized-system.ts";
import { errorScale, type Accuracy } from "../step/matrix-free.ts";
import { timesMass } from "../step/mass.ts";
import type { System } from "../step/system.ts";
import { count, say, status, verdict } from "../step/verdict.ts";
import { alone, type Coupling } from "./coupling.ts";
import { solveStages } from "./decoupled.ts";
import { eager, NewtonMatrix, type Patience } from "./matrix.ts";
import { newtonMemory } from "./memory.ts";
import { stageAdjoint } from "./stage-adjoint.ts";
import { stageOf, stageParameters } from "./stage-parameters.ts";

/** Of the tolerance, what may be left to iterate in any case. */
const MOST_SHARE = 0.03;
/** And where rounding leaves it. */
const MOST_ROUNDING = 0.2;
/** What rounding leaves to iterate (IV.8.10 and the code RADAU5). */
const ROUNDING = 10 * 2 ** -52;
/** Of what Newton's iterations may leave, what a Krylov method may (Hindmarsh et al., SUNDIALS, section 2.1). */
const KRYLOV_SHARE = 0.05;
/** Newton's iterations without a matrix: by how much less each unproved step is trusted. */
const DISTRUST = 2;
/** What iterations are expected to leave at least: that they ended at once before is not to say that they do where something new sets in. */
const LEAST_EXPECTED = 1e-3;
/** How the iterations stand. */
const standing = { going: 0, converged: 1, failed: 2 } as const;

/**
 * Of s stages, one by default: (input base[n], input p[np], input time[s], input d[1], input guess[sn], input u[n], input atol[n],
 * input rtol[1], inout memory, inout verdict, output z[sn]). It has a status of the verdict other than the first where it found no z, and
 * does nothing where it finds one. `u` is for the size of what is judged. Neither time nor d is differentiated.
 */
export function newtonStage(system: System, jacobian: Linearization, patience = eager, coupling = alone): Program {
  const inert = ["time", "d", "guess", "u", "atol", "rtol", "memory", "verdict"];
  const program = new NewtonStage(system, jacobian, patience, coupling).program();
  return { ...program, rules: { inert, vjp: (active) => stageAdjoint(system, jacobian, coupling, active) } };
}

class NewtonStage {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof stageParameters>;
  private readonly matrix: NewtonMatrix;
  private readonly times: readonly Value[];
  private readonly d: Value;
  private readonly rtol: Value;
  private readonly verdict: ArrayArgument;
  private readonly point: Slice;
  private readonly slope: Slice;
  private readonly change: Slice;

  constructor(
    private readonly system: System,
    private readonly jacobian: Linearization,
    private readonly patience: Patience,
    private readonly coupling: Coupling,
  ) {
    const { stages } = coupling;
    const b = (this.b = new StepBuilder("newton_stage", system, false));
    const given = (this.given = stageParameters(b, system, jacobian, coupling, "output"));
    [this.d, this.rtol] = [given.d, given.rtol].map((slice) => b.get(b.slice(slice)));
    this.times = Array.from({ length: stages }, (_, i) => b.load(given.time.array, b.i32(i)));
    this.verdict = b.slice(given.verdict);
    const kept = newtonMemory(given.memory, jacobian);
    this.matrix = new NewtonMatrix(b, jacobian, kept, given.p, this.verdict, patience, coupling);
    const ofStages = (name: string): Slice => ({ array: b.localArray(name, stages * system.n), offset: 0 });
    [this.point, this.slope, this.change] = ["point", "slope", "change"].map(ofStages);
  }

  /** Of a vector of all stages. */
  private stage(slice: Slice, i: number): Slice {
    return stageOf(slice, i, this.system.n);
  }

  private eachStage(body: (of: (slice: Slice) => Slice, i: number) => void): void {
    for (let i = 0; i < this.coupling.stages; i++) body((slice) => this.stage(slice, i), i);
  }

  /** Iterates, and where that fails once more from the guess, with a matrix that is made again where each iteration begins. */
  program(): Program {
    const { b } = this;
    const entryBefore = this.said("entry");
    this.beginAtGuess();
    b.while(
      [b.operation("i32.from_bool", this.isSound()), b.i32(0)],
      ([goes]) => b.operation("i32.ne", goes, b.i32(0)),
      ([, renewed]) => {
        const isFailed = b.operation("i32.eq", this.iterations(b.operation("i32.ne", renewed, b.i32(0))), b.i32(standing.failed));
        b.when(isFailed, () => {
          this.beginAtGuess();
          b.when(b.operation("i32.ne", renewed, b.i32(0)), () => this.giveUp(entryBefore));
        });
        return [b.operation("i32.from_bool", b.operation("bool.and", isFailed, this.isSound())), b.i32(1)];
      },
      [
        [0, 1],
        [0, 1],
      ],
    );
    return b.finish();
  }

  private said(name: "status" | "entry"): Value {
    return this.b.load(this.given.verdict.array, this.b.i32(verdict[name]));
  }

  private isSound(): Value {
    return this.b.operation("eq", this.said("status"), this.b.f64(status.judged));
  }

  private beginAtGuess(): void {
    const { b, given } = this;
    this.eachStage((of) => b.each((at) => b.set(at(of(given.z)), b.get(at(of(given.guess))))));
  }

  private toPoint(): void {
    const { b, given, point } = this;
    this.eachStage((of) => b.each((at) => b.set(at(of(point)), b.plus(b.get(at(given.base)), b.get(at(of(given.z)))))));
  }

  /** Where a new matrix did not help, an entry of the one before that was not finite is the likelier cause. */
  private giveUp(entryBefore: Value): void {
    const { b } = this;
    const entry = this.said("entry");
    say(b, this.verdict, "status", b.f64(status.notConverged));
    say(b, this.verdict, "entry", b.operation("select", b.operation("gt", entry, b.f64(0)), entry, entryBefore));
  }

  /** Returns how they ended. `isRenewed`: whether each of them has a matrix of its own. */
  private iterations(isRenewed: Value): Value {
    const { b, matrix, times, d } = this;
    const [end, t] = [this.stage(this.point, times.length - 1), times.at(-1)!];
    const kept = matrix.get("convergence");
    const { lag } = this.patience;
    const initial = (now: Value): Value => {
      if (this.system.mass && lag !== undefined) return b.f64(lag);
      // Of a matrix of its own nothing is known yet.
      return b.operation("select", isRenewed, b.f64(1), this.expected(kept, now));
    };
    const [, , ended] = b.while(
      [b.i32(0), b.f64(0), b.i32(standing.going)],
      ([, , state]) => b.operation("i32.eq", state, b.i32(standing.going)),
      ([k, before]) => {
        this.toPoint();
        b.when(isRenewed, () => matrix.linearize(end, t, d));
        matrix.follow(end, t, d);
        const now = this.iterate();
        return [b.operation("i32.add", k, b.i32(1)), now, this.stand(k, before, now, initial(now), isRenewed)];
      },
      [[0, this.patience.most], undefined, [standing.going, standing.failed]],
    );
    return ended;
  }

  /**
   * What is taken for θ / (1 − θ) before there are two changes. Iterations with one matrix go on shrinking the change as they did; those with
   * the derivative itself do so in proportion to it (P. Deuflhard, Newton Methods for Nonlinear Problems (2004), 2.1).
   */
  private expected(kept: Value, now: Value): Value {
    const { b } = this;
    if (!isMatrixFree(this.jacobian)) {
      // A step that solves one equation errs by what is left to iterate, and its estimate sees that.
      const least = this.patience.trusting ? 2 ** -42 : LEAST_EXPECTED;
      const lasting = b.operation("max", b.operation("pow", kept, b.f64(0.8)), b.f64(least));
      return this.patience.trusting ? lasting : b.operation("max", lasting, this.convergenceOfOtherD());
    }
    return b.operation("min", b.f64(1), b.operation("max", b.times(b.times(kept, DISTRUST), now), b.f64(LEAST_EXPECTED)));
  }

  /**
   * θ / (1 − θ) of a stretched change by a matrix with another d: where d − λ should divide, and d′ − λ does, θ is no more than
   * |d − d′| / (d + d′), from no stiffness to all.
   */
  private convergenceOfOtherD(): Value {
    const { b, matrix, d } = this;
    const made = matrix.get("d");
    const difference = b.operation("abs", b.operation("sub", made, d));
    const size = b.operation("abs", b.plus(made, d));
    return b.operation("div", difference, b.operation("sub", size, difference));
  }

  /** What is kept for the next stage of how a change shrank; what was but expected is trusted less. */
  private lesson(isFirst: Value, before: Value, now: Value, convergence: Value): Value {
    const { b } = this;
    if (!isMatrixFree(this.jacobian)) return convergence;
    const grown = b.times(this.matrix.get("convergence"), DISTRUST);
    return b.operation("select", isFirst, grown, b.operation("div", now, b.times(before, before)));
  }

  /** From the point; returns the size of the change. Of a matrix with another d, the change is stretched (Hindmarsh et al., as in matrix.ts). */
  private iterate(): Value {
    const { b, jacobian, coupling, given, matrix, d, slope, change } = this;
    this.residual();
    const { values, factors } = newtonMemory(given.memory, jacobian);
    const { isReached, iterations } = solveStages(b, jacobian, coupling, values, factors, change, slope, this.accuracy());
    count(b, this.verdict, "linearIterations", iterations);
    const made = matrix.get("d");
    const stretch = b.operation("div", b.times(made, 2), b.plus(made, d));
    this.eachStage((of) =>
      b.each((at) => {
        b.set(at(of(change)), b.times(stretch, b.get(at(of(change)))));
        b.set(at(of(given.z)), b.plus(b.get(at(of(given.z))), b.get(at(of(change)))));
      }),
    );
    count(b, this.verdict, "rhsCalls", coupling.stages);
    count(b, this.verdict, "linearSolves", coupling.pieces.length);
    count(b, this.verdict, "newtonIterations", 1);
    // What GMRES did not solve is no step to where the change would be small.
    return b.operation("select", isReached, this.size(), b.f64(Infinity));
  }

  /** Leaves it in the slopes; the change is overwritten. */
  private residual(): void {
    const { b, system, coupling, given, d, slope, change } = this;
    const sum = coupling.stages > 1 ? b.vector("sum") : given.z;
    this.eachStage((of, i) => {
      b.evaluate(system.rhs, of(slope), of(this.point), given.p, this.times[i]);
      if (coupling.stages > 1) {
        b.each((at) =>
          b.set(
            at(sum),
            b.combination(coupling.K[i], (j) => b.get(at(this.stage(given.z, j)))),
          ),
        );
      }
      const moved = timesMass(b, system.mass, sum, of(change));
      b.each((at) => b.set(at(of(slope)), b.operation("sub", b.get(at(of(slope))), b.times(d, b.get(at(moved))))));
    });
  }

  /** Of systems that are solved by iterations: a part of what Newton's may leave, as a residual. */
  private accuracy(): Accuracy | undefined {
    const { b, jacobian, system, given, point, d, rtol } = this;
    if (!isMatrixFree(jacobian)) return undefined;
    const scaling = errorScale(b, system.n, [given.u, point], { atol: given.atol, rtol });
    return { ...scaling, tolerance: b.times(b.times(b.operation("abs", d), this.enough()), KRYLOV_SHARE) };
  }

  /** Of the change, in units of the tolerance; all components count. */
  private size(): Value {
    const { b, system, coupling, given, rtol, point, change } = this;
    let squares = b.f64(0);
    this.eachStage((of) => {
      const ofStage = b.sum((at) => {
        const largest = b.operation("max", b.operation("abs", at(given.u)), b.operation("abs", at(of(point))));
        const ratio = b.operation("div", at(of(change)), b.plus(at(given.atol), b.times(rtol, largest)));
        return b.times(ratio, ratio);
      });
      squares = b.plus(squares, ofStage);
    });
    return b.operation("sqrt", b.times(squares, 1 / (coupling.stages * system.n)));
  }

  /** What may be left to iterate, in units of the tolerance. */
  private enough(): Value {
    const { b, rtol } = this;
    const { share, power } = this.patience;
    const part = b.operation("min", b.f64(MOST_SHARE), b.times(b.operation("pow", rtol, b.f64(power)), share));
    return b.operation("max", part, b.operation("div", b.f64(ROUNDING), rtol));
  }

  /**
   * How the iterations stand after the k-th, with a change of size `now` after one of size `before`; `initial`: what is taken for
   * θ / (1 − θ) before there are two. With a matrix of its own for each the change may grow first: it shrinks the faster later on.
   */
  private stand(k: Value, before: Value, now: Value, initial: Value, isRenewed: Value): Value {
    const { b, matrix } = this;
    const [one, last] = [b.f64(1), b.i32(this.patience.most - 1)];
    const enough = this.enough();
    const isFirst = b.operation("i32.eq", k, b.i32(0));
    const theta = b.operation("select", isFirst, b.f64(0), b.operation("div", now, before));
    const rest = b.operation("sub", one, theta);
    const convergence = b.operation("select", isFirst, initial, b.operation("div", theta, rest));
    const shrinks = b.operation("lt", theta, one);
    const isSmall = b.operation("bool.and", shrinks, b.operation("le", b.times(convergence, now), enough));
    // What does not shrink as it would with a matrix of its own is what rounding makes of the equations: shorter steps would leave no less.
    const lasts = b.operation("bool.and", b.operation("ge", theta, b.f64(1 / 2)), b.operation("le", now, b.f64(MOST_ROUNDING)));
    const isThere = b.operation("bool.or", isSmall, b.operation("bool.and", isRenewed, lasts));
    // At this pace, when no more may be taken.
    const left = b.operation("pow", theta, b.toF64(b.operation("i32.sub", last, k)));
    const isNear = b.operation("le", b.times(left, b.operation("div", now, rest)), enough);
    const isOnTheWay = b.operation("bool.and", shrinks, b.operation("bool.or", isFirst, isNear));
    const mayCome = b.operation("bool.or", isRenewed, isOnTheWay);
    const isFinite = b.operation("lt", now, b.f64(Infinity));
    const goesOn = b.operation("bool.and", b.operation("bool.and", mayCome, isFinite), b.operation("i32.lt", k, last));
    matrix.set("slowest", b.operation("max", matrix.get("slowest"), theta));
    // Where each iteration has a matrix of its own, they shrink the change as none of these matrices alone would.
    const isTelling = b.operation("bool.and", isThere, b.operation("bool.not", isRenewed));
    b.when(isTelling, () => matrix.set("convergence", this.lesson(isFirst, before, now, convergence)));
    const otherwise = b.operation("i32.select", goesOn, b.i32(standing.going), b.i32(standing.failed));
    return b.operation("i32.select", isThere, b.i32(standing.converged), otherwise);
  }
}
