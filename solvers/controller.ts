/** Step size control. Errors are scaled: one is what the tolerances allow. */

const SAFETY = Math.log(0.9);
const SMALLEST_FACTOR = 0.2;

/** Factors by which a step of length h changes after an error. */
export interface Controller {
  /** For the step after an accepted one. */
  accept(error: number, h: number): number;
  /** For another try of a rejected one. */
  reject(error: number): number;
}

/**
 * A proportional–integral controller with the exponents 0.7/order and 0.4/order: smooth steps where stability limits them
 * (K. Gustafsson, Control-theoretic techniques for stepsize selection in explicit Runge–Kutta methods, ACM TOMS 17 (1991)
 * 533–554).
 */
export class ProportionalIntegral implements Controller {
  private static readonly leastError = Math.log(1e-4);
  private static readonly largestFactor = 10;
  private readonly proportional: number;
  private readonly integral: number;
  /** Logarithm of the last accepted error. */
  private last = ProportionalIntegral.leastError;
  private rejected = false;

  constructor(order: number) {
    this.proportional = 0.7 / order;
    this.integral = 0.4 / order;
  }

  accept(error: number): number {
    const logarithm = Math.log(error);
    const factor = Math.exp(SAFETY - this.proportional * logarithm + this.integral * this.last);
    this.last = Math.max(logarithm, ProportionalIntegral.leastError);
    const largest = this.rejected ? 1 : ProportionalIntegral.largestFactor;
    this.rejected = false;
    return clamp(factor, largest);
  }

  reject(error: number): number {
    this.rejected = true;
    return clamp(Math.exp(SAFETY - this.proportional * Math.log(error)), 1);
  }
}

/**
 * A predictive controller, which lets the trend of the error go on (K. Gustafsson, Control-theoretic techniques for stepsize
 * selection in implicit Runge–Kutta methods, ACM TOMS 20 (1994) 496–517; constants of RODAS in Hairer, Wanner, Solving
 * Ordinary Differential Equations II, IV.8).
 */
export class Predictive implements Controller {
  private static readonly leastError = Math.log(1e-2);
  private static readonly largestFactor = 6;
  private readonly exponent: number;
  private last: { readonly logarithm: number; readonly h: number } | undefined;
  private rejected = false;

  constructor(order: number) {
    this.exponent = 1 / order;
  }

  accept(error: number, h: number): number {
    const logarithm = Math.log(error);
    let factor = Math.exp(SAFETY - this.exponent * logarithm);
    if (this.last) {
      const predicted = (h / this.last.h) * Math.exp(SAFETY + this.exponent * (this.last.logarithm - 2 * logarithm));
      factor = Math.min(factor, predicted);
    }
    this.last = { logarithm: Math.max(logarithm, Predictive.leastError), h };
    const largest = this.rejected ? 1 : Predictive.largestFactor;
    this.rejected = false;
    return clamp(factor, largest);
  }

  reject(error: number): number {
    this.rejected = true;
    return clamp(Math.exp(SAFETY - this.exponent * Math.log(error)), 1);
  }
}

function clamp(factor: number, largest: number): number {
  return Math.min(largest, Math.max(SMALLEST_FACTOR, factor));
}
