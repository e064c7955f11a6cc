/**
 * Coefficients: W. Kahan, R.-C. Li, Composition constants for raising the orders of unconventional schemes for ordinary differential
 * equations, Math. Comp. 66 (1997) 1089–1099, s17odr8a; with more digits in E. Hairer, C. Lubich, G. Wanner, Geometric Numerical
 * Integration, 2nd ed. (2006), V.3.2, equation (3.11).
 */
import { symplectic } from "../families/symplectic/family.ts";
import type { SymplecticMethod } from "../families/symplectic/tableau.ts";
import { fixedStep, type FixedStepOptions } from "../step/fixed-step.ts";

const half = [
  0.13020248308889008, 0.5611629817751084, -0.3894749626448473, 0.1588419065551556, -0.39590389413323757, 0.1845396409783157,
  0.25837438768632204, 0.2950117236093103,
];
const weights = [...half, -0.6055085338300345, ...half.toReversed()];

/**
 * A symmetric composition of 17 steps of Verlet's method, order 8, symplectic, with steps of fixed length `dt` (in units of t): for
 * problems stated as `rhs: { position, velocity }`, long and to many digits. 17 calls of `velocity` a step. Dense output of order 7, for
 * which the derivatives within the step are taken when it is asked for. Throws {@link MissingStepSize} without `dt`.
 */
export function kahanLi8(options: FixedStepOptions): SymplecticMethod {
  return { name: "kahanLi8", order: 8, family: symplectic, tableau: { weights }, dt: fixedStep("kahanLi8", options) };
}
