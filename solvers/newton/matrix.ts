/**
 * The matrix of Newton iterations, d I − J, or d M − J, or that of stages that are found together: when J is evaluated and when the matrix is factorized (Hairer, Wanner, Solving Ordinary
 * Differential Equations II, IV.8; Hindmarsh et al., SUNDIALS, ACM TOMS 31 (2005) 363–396, section 2.1).
 */
import type { ArrayArgument, Value } from "../../src/ir/ir.ts";
import type { Slice, StepBuilder } from "../step/builder.ts";
import { isMatrixFree, type Linearization } from "../step/factorized-system.ts";
import { evaluateJacobian } from "../step/linearization.ts";
import { count, say, status } from "../step/verdict.ts";
import { alone, type Coupling } from "./coupling.ts";
import { factorizeStages, sizeOfStageFactors } from "./decoupled.ts";
import type { NewtonMemory } from "./memory.ts";

/** What makes it worth a new matrix, or another iteration. */
export interface Patience {
  /** Where iterations shrink the change by less than this each time, the next step gets a new Jacobian; so does one for which it is so old. */
  readonly slowest: number;
  readonly oldest: number;
  /** Iterations. */
  readonly most: number;
  /** What may be left to iterate, of the tolerance: share · rtol^power. */
  readonly share: number;
  readonly power: number;
  /**
   * With a mass matrix, so many times the first change may be left to iterate, whatever steps before have shown (the code IDA): algebraic
   * components that lag behind would be taken for an error of each step. Absent: what they have shown counts.
   */
  readonly lag?: number;
  /** Whether convergence is expected whatever d the matrix was made with (the code CVODE). */
  readonly trusting?: true;
}

/** Of steps of several stages, which share the matrix (the code RADAU5, which lets iterations leave ten times as much). */
export const eager: Patience = { slowest: 0.1, oldest: 20, most: 10, share: 0.1, power: 1 / 2 };
/** Of steps that solve one equation each, so that a matrix costs as much as many of them (the code CVODE). */
export const patient: Patience = { slowest: 0.3, oldest: 50, most: 10, share: 0.01, power: 0, lag: 20, trusting: true };
/**
 * Of stages that are found together, of a method of order p whose error estimate is one of h^q: a step errs by the power (p + 1)/q of the
 * tolerance, and what is left to iterate should not be seen in that.
 */
export const thorough = (p: number, q: number): Patience => ({ ...eager, most: 15, share: 0.03, power: (p + 1) / q - 1 });

/** A matrix is made again for a d that is another one by more than this part of it. */
const MOST_CHANGE = 0.3;
/** Factors of so few numbers, those of twenty unknowns, are made in less time than a matrix with another d costs iterations. */
const FEW_FACTORS = 20 * 21;

export class NewtonMatrix {
  constructor(
    private readonly b: StepBuilder,
    private readonly jacobian: Linearization,
    private readonly memory: NewtonMemory,
    private readonly p: Slice,
    private readonly verdict: ArrayArgument,
    private readonly patience: Patience,
    private readonly coupling: Coupling = alone,
  ) {}

  get(name: Exclude<keyof NewtonMemory, "values" | "factors">): Value {
    return this.b.get(this.b.slice(this.memory[name]));
  }

  set(name: Exclude<keyof NewtonMemory, "values" | "factors">, value: Value | number): void {
    const { b } = this;
    b.set(b.slice(this.memory[name]), typeof value === "number" ? b.f64(value) : value);
  }

  /** For a step from u at t. */
  prepare(u: Slice, t: Value, d: Value): void {
    const { b } = this;
    if (isMatrixFree(this.jacobian))
      return b.when(b.operation("eq", this.get("isThere"), b.f64(0)), () => this.linearize(u, t, d));
    const isFurther = b.operation("ne", this.get("time"), t);
    this.set("age", b.plus(this.get("age"), b.operation("select", isFurther, b.f64(1), b.f64(0))));
    this.set("time", t);
    const older = (most: number): Value => b.operation("gt", this.get("age"), b.f64(most));
    const isSlow = b.operation("bool.and", older(0), b.operation("gt", this.get("slowest"), b.f64(this.patience.slowest)));
    const isMissing = b.operation("eq", this.get("isThere"), b.f64(0));
    const change = b.operation("abs", b.operation("sub", b.operation("div", this.get("d"), d), b.f64(1)));
    b.when(
      b.operation("bool.or", isMissing, b.operation("bool.or", isSlow, older(this.patience.oldest))),
      () => this.linearize(u, t, d),
      () => b.when(b.operation("gt", change, b.f64(this.mostChange())), () => this.factorize(d)),
    );
  }

  private mostChange(): number {
    const { jacobian, coupling, patience } = this;
    return !patience.trusting && sizeOfStageFactors(jacobian, coupling) <= FEW_FACTORS ? 0 : MOST_CHANGE;
  }

  /** For an iteration at u and t: where no matrix is formed, a new place costs nothing. */
  follow(u: Slice, t: Value, d: Value): void {
    const { b, jacobian, memory, p } = this;
    if (!isMatrixFree(jacobian)) return;
    evaluateJacobian(b, jacobian, memory.values, u, p, t);
    this.factorize(d);
  }

  /** J at u and t, and the matrix with it. */
  linearize(u: Slice, t: Value, d: Value): void {
    const { b, jacobian, memory, p, verdict } = this;
    say(b, verdict, "entry", evaluateJacobian(b, jacobian, memory.values, u, p, t));
    if (!isMatrixFree(jacobian)) count(b, verdict, "jacobians", 1);
    this.set("age", 0);
    this.set("slowest", 0);
    this.set("convergence", 1);
    this.factorize(d);
  }

  private factorize(d: Value): void {
    const { b, jacobian, coupling, memory, verdict } = this;
    const regular = factorizeStages(b, jacobian, coupling, memory.values, d, memory.factors);
    if (!isMatrixFree(jacobian)) count(b, verdict, "factorizations", 1);
    say(b, verdict, "status", b.operation("select", regular, b.f64(status.judged), b.f64(status.singular)));
    this.set("d", d);
    this.set("isThere", 1);
  }
}
