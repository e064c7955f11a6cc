/**
 * What methods estimate their cost from, and what their estimates share. Estimates rank methods: constants are measured on
 * the named problems, in nanoseconds, and need not tell time better than that.
 */

/** What is known of a task before its gradient is computed. Times in nanoseconds. */
export interface TaskFacts {
  readonly n: number;
  readonly np: number;
  /** Derivatives asked for. */
  readonly directions: number;
  /** Times of the loss's sum. */
  readonly lossTimes: number;
  /** Steps tried by the forward solve. */
  readonly steps: number;
  /** The method that reaches the end solves linear systems. */
  readonly implicit: boolean;
  /** Of that method: right-hand sides in a step. */
  readonly stages: number;
  /** Of that method: numbers in the factors of a step's matrix. */
  readonly factors: number;
  /** Bytes that the discrete adjoint may keep. */
  readonly memoryBudget: number;
  readonly cost: {
    /** A step of that method, and one that carries a tangent along. */
    readonly step: number;
    readonly guarded: number;
    readonly rhs: number;
    /** (∂f/∂u)ᵀ v, and (∂f/∂p)ᵀ v where it is wanted (otherwise 0). */
    readonly vjp: { readonly u: number; readonly p: number };
  };
}

export interface Estimate {
  readonly nanoseconds: number;
  /** Kept of the solve, at most at a time. */
  readonly bytes: number;
}

/** Bytes of a number. */
export const NUMBER = 8;

/** Saving a state for the loss. */
const SAVE = { once: 20, each: 1 };

/** The forward solve. */
export function forwardTime({ steps, cost, lossTimes, n }: TaskFacts): number {
  return steps * cost.step + lossTimes * (SAVE.once + SAVE.each * n);
}

/** Looking up the forward solution from a way back. */
export function lookUpTime({ n }: TaskFacts): number {
  return 250 + 3 * n;
}
