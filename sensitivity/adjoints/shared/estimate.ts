/**
 * The facts that methods estimate their cost from, and what their estimates share. Estimates rank methods: their constants are measured
 * on the named problems, and need not tell time better than that.
 */

/** What is known of a task before its gradient is computed. */
export interface TaskFacts {
  readonly n: number;
  readonly np: number;
  /** The number of derivatives asked for. */
  readonly directions: number;
  /** The number of times of the loss's sum. */
  readonly lossTimes: number;
  /** The number of steps tried by the forward solve. */
  readonly steps: number;
  /** Whether the method that reaches the end solves linear systems. */
  readonly implicit: boolean;
  /** The number of right-hand sides in a step of that method. */
  readonly stages: number;
  /** The number of entries in the factors of a step's matrix. */
  readonly factors: number;
  /** The bytes that the discrete adjoint may keep. */
  readonly memoryBudget: number;
  /** Nanoseconds. */
  readonly cost: {
    readonly step: number;
    /** A step that carries a tangent along. */
    readonly guarded: number;
    readonly rhs: number;
    /** (∂f/∂u)ᵀ v, and (∂f/∂p)ᵀ v, which is 0 where it is not asked for. */
    readonly vjp: { readonly u: number; readonly p: number };
  };
}

/** What a gradient would cost. */
export interface Estimate {
  readonly nanoseconds: number;
  /** The largest number of bytes kept of the solve at a time. */
  readonly bytes: number;
}

/** The bytes of a number. */
export const NUMBER = 8;

/** The nanoseconds of saving a state for the loss: once, and for each component. */
const SAVE = { once: 20, each: 1 };

/** The nanoseconds of the forward solve. */
export function forwardTime({ steps, cost, lossTimes, n }: TaskFacts): number {
  return steps * cost.step + lossTimes * (SAVE.once + SAVE.each * n);
}

/** The nanoseconds of looking up the forward solution at a time. */
export function lookUpTime({ n }: TaskFacts): number {
  return 250 + 3 * n;
}
