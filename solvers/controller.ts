/**
 * Step size control by a proportional–integral controller (K. Gustafsson, Control-theoretic techniques for stepsize
 * selection in explicit Runge–Kutta methods, ACM TOMS 17 (1991) 533–554), with the exponents 0.7/k and 0.4/k.
 */
const SAFETY = Math.log(0.9);
const SMALLEST_FACTOR = 0.2;
const LARGEST_FACTOR = 10;
/** The error that the first step is taken to follow, and the least that any step is taken to have made. */
const LEAST_ERROR = Math.log(1e-4);

export class Controller {
  private readonly proportional: number;
  private readonly integral: number;
  /** Logarithm of the last accepted error. */
  private last = LEAST_ERROR;
  private rejected = false;

  constructor(order: number) {
    this.proportional = 0.7 / order;
    this.integral = 0.4 / order;
  }

  /** The factor for the step after an accepted one. It does not grow right after a rejection. */
  accept(error: number): number {
    const logarithm = Math.log(error);
    const factor = Math.exp(SAFETY - this.proportional * logarithm + this.integral * this.last);
    this.last = Math.max(logarithm, LEAST_ERROR);
    const largest = this.rejected ? 1 : LARGEST_FACTOR;
    this.rejected = false;
    return Math.min(largest, Math.max(SMALLEST_FACTOR, factor));
  }

  /** The factor for another try of a rejected step. */
  reject(error: number): number {
    this.rejected = true;
    return Math.max(SMALLEST_FACTOR, Math.exp(SAFETY - this.proportional * Math.log(error)));
  }
}
