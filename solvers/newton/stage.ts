/**
 * An implicit stage, z of d z = f(t, base + z), or d M z with a mass matrix, by simplified Newton iterations (Hairer, Wanner, Solving Ordinary Differential
 * Equations II, IV.8). Its adjoint is that of the equation, whatever the iterations went through: with W = d I − J(base + z), or d M − J,
 *
 *   λ = W⁻ᵀ z̄,   base̅ += Jᵀ λ,   p̄ += (∂f/∂p)ᵀ λ.
 */
import { InternalError } from "../../src/core/errors.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { isProgram, type ArrayArgument, type Program, type Value } from "../../src/ir/ir.ts";
import { StepBuilder, type Slice } from "../step/builder.ts";
import { factorize, isMatrixFree, sizeOfValues, solveBy, type Linearization } from "../step/factorized-system.ts";
import { linearizeAt } from "../step/linearization.ts";
import { errorScale, type Accuracy } from "../step/matrix-free.ts";
import { timesMass } from "../step/mass.ts";
import type { System } from "../step/system.ts";
import { count, say, status, verdict, VERDICT_SIZE } from "../step/verdict.ts";
import { eager, NewtonMatrix, type Patience } from "./matrix.ts";
import { newtonMemory, newtonMemorySize } from "./memory.ts";

const MOST_ITERATIONS = 10;
/** What rounding leaves to iterate (IV.8.10 and the code RADAU5). */
const ROUNDING = 10 * 2 ** -52;
/** Of what Newton's iterations may leave, what a Krylov method may (Hindmarsh et al., SUNDIALS, section 2.1). */
const KRYLOV_SHARE = 0.05;
/** Newton's iterations without a matrix: by how much less each unproved step is trusted, and what they are expected to leave at least. */
const DISTRUST = 2;
const LEAST_EXPECTED = 1e-3;
/** How the iterations stand. */
const standing = { going: 0, converged: 1, failed: 2 } as const;

/**
 * (input base[n], input p[np], input time[1], input d[1], input guess[n], input u[n], input atol[n], input rtol[1], inout memory,
 * inout verdict, output z[n]). It has a status of the verdict other than the first where it found no z, and does nothing where it finds
 * one. `u` is for the size of what is judged. Neither time nor d is differentiated.
 */
export function newtonStage(system: System, jacobian: Linearization, patience = eager): Program {
  const inert = ["time", "d", "guess", "u", "atol", "rtol", "memory", "verdict"];
  const program = new NewtonStage(system, jacobian, patience).program();
  return { ...program, rules: { inert, vjp: (active) => adjoint(system, jacobian, active) } };
}

class NewtonStage {
  private readonly b: StepBuilder;
  private readonly given: ReturnType<typeof parameters>;
  private readonly matrix: NewtonMatrix;
  private readonly t: Value;
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
  ) {
    const b = (this.b = new StepBuilder("newton_stage", system, false));
    const given = (this.given = parameters(b, system, jacobian, "output"));
    [this.t, this.d, this.rtol] = [given.time, given.d, given.rtol].map((slice) => b.get(b.slice(slice)));
    this.verdict = b.slice(given.verdict);
    this.matrix = new NewtonMatrix(b, jacobian, newtonMemory(given.memory, jacobian), given.p, this.verdict, patience);
    [this.point, this.slope, this.change] = ["point", "slope", "change"].map((name) => b.vector(name));
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
    b.each((at) => b.set(at(given.z), b.get(at(given.guess))));
  }

  private toPoint(): void {
    const { b, given, point } = this;
    b.each((at) => b.set(at(point), b.plus(b.get(at(given.base)), b.get(at(given.z)))));
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
    const { b, matrix, point, t, d } = this;
    const kept = matrix.get("convergence");
    const { lag } = this.patience;
    const initial = (now: Value): Value => {
      if (this.system.mass && lag !== undefined) return b.f64(lag);
      // Of a matrix of its own nothing is known yet.
      return b.operation("select", isRenewed, b.f64(1), this.expected(kept, now));
    };
    const [, , end] = b.while(
      [b.i32(0), b.f64(0), b.i32(standing.going)],
      ([, , state]) => b.operation("i32.eq", state, b.i32(standing.going)),
      ([k, before]) => {
        this.toPoint();
        b.when(isRenewed, () => matrix.linearize(point, t, d));
        matrix.follow(point, t, d);
        const now = this.iterate();
        return [b.operation("i32.add", k, b.i32(1)), now, this.stand(k, before, now, initial(now), isRenewed)];
      },
      [[0, MOST_ITERATIONS], undefined, [standing.going, standing.failed]],
    );
    return end;
  }

  /**
   * What is taken for θ / (1 − θ) before there are two changes. Iterations with one matrix go on shrinking the change as they did; those with
   * the derivative itself do so in proportion to it (P. Deuflhard, Newton Methods for Nonlinear Problems (2004), 2.1).
   */
  private expected(kept: Value, now: Value): Value {
    const { b } = this;
    if (!isMatrixFree(this.jacobian)) return b.operation("pow", b.operation("max", kept, b.f64(2 ** -52)), b.f64(0.8));
    return b.operation("min", b.f64(1), b.operation("max", b.times(b.times(kept, DISTRUST), now), b.f64(LEAST_EXPECTED)));
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
    const { b, system, jacobian, given, matrix, t, d, point, slope, change } = this;
    const { p, z } = given;
    const { values, factors } = newtonMemory(given.memory, jacobian);
    b.evaluate(system.rhs, slope, point, p, t);
    const moved = timesMass(b, system.mass, z, change);
    b.each((at) => b.set(at(slope), b.operation("sub", b.get(at(slope)), b.times(d, b.get(at(moved))))));
    const { isReached, iterations } = solveBy(b, jacobian, values, factors, change, slope, this.accuracy());
    count(b, this.verdict, "linearIterations", iterations);
    const made = matrix.get("d");
    const stretch = b.operation("div", b.times(made, 2), b.plus(made, d));
    b.each((at) => {
      b.set(at(change), b.times(stretch, b.get(at(change))));
      b.set(at(z), b.plus(b.get(at(z)), b.get(at(change))));
    });
    for (const counter of ["rhsCalls", "linearSolves", "newtonIterations"] as const) count(b, this.verdict, counter, 1);
    // What GMRES did not solve is no step to where the change would be small.
    return b.operation("select", isReached, this.size(), b.f64(Infinity));
  }

  /** Of systems that are solved by iterations: a part of what Newton's may leave, as a residual. */
  private accuracy(): Accuracy | undefined {
    const { b, jacobian, system, given, point, d, rtol } = this;
    if (!isMatrixFree(jacobian)) return undefined;
    const scale = errorScale(b, system.n, [given.u, point], { atol: given.atol, rtol });
    return { scale, tolerance: b.times(b.times(b.operation("abs", d), this.enough()), KRYLOV_SHARE) };
  }

  /** Of the change, in units of the tolerance; all components count. */
  private size(): Value {
    const { b, system, given, rtol, point, change } = this;
    const squares = b.sum((at) => {
      const largest = b.operation("max", b.operation("abs", at(given.u)), b.operation("abs", at(point)));
      const ratio = b.operation("div", at(change), b.plus(at(given.atol), b.times(rtol, largest)));
      return b.times(ratio, ratio);
    });
    return b.operation("sqrt", b.times(squares, 1 / system.n));
  }

  /** What may be left to iterate, in units of the tolerance. */
  private enough(): Value {
    const { b, rtol } = this;
    const { share, tightens } = this.patience;
    const part = tightens ? b.operation("min", b.f64(share), b.operation("sqrt", rtol)) : b.f64(share);
    return b.operation("max", part, b.operation("div", b.f64(ROUNDING), rtol));
  }

  /**
   * How the iterations stand after the k-th, with a change of size `now` after one of size `before`; `initial`: what is taken for
   * θ / (1 − θ) before there are two. With a matrix of its own for each the change may grow first: it shrinks the faster later on.
   */
  private stand(k: Value, before: Value, now: Value, initial: Value, isRenewed: Value): Value {
    const { b, matrix } = this;
    const [one, last] = [b.f64(1), b.i32(MOST_ITERATIONS - 1)];
    const enough = this.enough();
    const isFirst = b.operation("i32.eq", k, b.i32(0));
    const theta = b.operation("select", isFirst, b.f64(0), b.operation("div", now, before));
    const rest = b.operation("sub", one, theta);
    const convergence = b.operation("select", isFirst, initial, b.operation("div", theta, rest));
    const shrinks = b.operation("lt", theta, one);
    const isThere = b.operation("bool.and", shrinks, b.operation("le", b.times(convergence, now), enough));
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

function parameters(b: StepBuilder, { np }: System, jacobian: Linearization, result: "input" | "output") {
  const own = result === "output" ? "inout" : "input";
  return {
    base: b.vectorParameter("base", "input"),
    p: b.vectorParameter("p", "input", np),
    time: b.vectorParameter("time", "input", 1),
    d: b.vectorParameter("d", "input", 1),
    guess: b.vectorParameter("guess", "input"),
    u: b.vectorParameter("u", "input"),
    atol: b.vectorParameter("atol", "input"),
    rtol: b.vectorParameter("rtol", "input", 1),
    memory: b.vectorParameter("memory", own, newtonMemorySize(jacobian)),
    verdict: b.vectorParameter("verdict", own, VERDICT_SIZE),
    z: b.vectorParameter("z", result),
  };
}

/** See Rules: (the stage's parameters, input z_bar, inout gradients of base and of p where they are active). */
function adjoint(system: System, jacobian: Linearization, active: readonly string[]): Program {
  const { rhs, n, np } = system;
  if (!isProgram(rhs)) throw new InternalError("a stage with a function of the host cannot be derived");
  const b = new StepBuilder("newton_stage_vjp", system, false);
  const { base, p, time, d, u, atol, rtol, verdict: said, z } = parameters(b, system, jacobian, "input");
  const zBar = b.vectorParameter("z_bar", "input");
  const sizes: Record<string, number> = { base: n, p: np };
  const gradients = active.map((name) => b.vectorParameter(`${name}_bar`, "inout", sizes[name]));
  const [point, lambda] = [b.vector("point"), b.vector("lambda")];
  const values = { array: b.localArray("values", sizeOfValues(jacobian)), offset: 0 };
  const factors = { array: b.localArray("factors", newtonMemorySize(jacobian)), offset: 0 };
  const t = b.get(b.slice(time));
  b.each((at) => b.set(at(point), b.plus(b.get(at(base)), b.get(at(z)))));
  linearizeAt(b, jacobian, values, point, p, t);
  const regular = factorize(b, jacobian, values, b.get(b.slice(d)), factors);
  const transposed = { ...jacobian, transposed: !jacobian.transposed };
  const units = { atol, rtol: b.get(b.slice(rtol)) };
  const accuracy = isMatrixFree(jacobian) ? { scale: errorScale(b, n, [u, point], units, true) } : undefined;
  const { isReached } = solveBy(b, transposed, values, factors, lambda, zBar, accuracy);
  // Of what has no inverse, or was not found, there is no derivative.
  const isFound = b.operation("eq", b.load(said.array, b.i32(verdict.status)), b.f64(status.judged));
  const isSound = b.operation("bool.and", b.operation("bool.and", regular, isReached), isFound);
  b.each((at) => b.set(at(lambda), b.operation("select", isSound, b.get(at(lambda)), b.f64(NaN))));
  const wrt = active.map((name) => (name === "base" ? "u" : name));
  const parts = gradients.map(({ array }) => ({ array: b.localArray("part", array.size), offset: 0 }));
  const pullback: readonly (ArrayArgument | Value)[] = [
    b.slice(point),
    b.slice(p),
    t,
    ...[lambda, ...parts].map((x) => b.slice(x)),
  ];
  b.call(reverse(rhs, { wrt }), pullback);
  gradients.forEach((gradient, k) => b.addTo(gradient, parts[k], gradient.array.size));
  return b.finish();
}
