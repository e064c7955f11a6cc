/** Step size control, written into a program. Errors are scaled: one is what the tolerances allow. */
import type { Builder } from "../../src/ir/builder.ts";
import type { Program, Value } from "../../src/ir/ir.ts";
import { integral, pi, predictive as predicted, type StepController } from "./controllers.ts";
import type { Method } from "./method.ts";

export interface Memory {
  /** What the controller remembers: see {@link Controller}. */
  readonly remembered: readonly Value[];
  /** A bool: was a try rejected since the last step? */
  readonly rejected: Value;
  /** What the step says of the next one: see `factor` in verdict.ts. */
  readonly proposed: () => Value;
}

/** Factors by which a step of length h changes after an error. */
export interface Controller {
  /** Of the error, by which a rule of the user's is told how it shrinks; absent where the method chooses the lengths itself. */
  readonly order?: number;
  /** What it remembers of the last steps, as it is before the first one. */
  readonly remembered: readonly number[];
  /** For the step after an accepted one; and what to remember. */
  accept(b: Builder, error: Value, h: Value, memory: Memory): { factor: Value; remembered: readonly Value[] };
  /** For another try of a rejected one. */
  reject(b: Builder, error: Value, proposed: () => Value): Value;
}

/** What a user may say of how steps are judged and chosen. */
export interface StepControl {
  /** A value, or a program (error, previous, ratio, k) -> factor. */
  readonly controller?: StepController | Program;
  /** What the scaled errors of components amount to: see `errorNorm` of StepBuilder. */
  readonly norm?: Norm;
  /** Indices of components that no step may leave negative. */
  readonly positive?: readonly number[];
}

/** "max", or a program (input errors[n]) -> norm. */
export type Norm = "max" | Program;

/** The controller of a method's steps: that which was asked for, or its family's. */
export function controllerOf(method: Method): Controller {
  const own = method.family.controller(method);
  const asked = method.control?.controller;
  if (asked === undefined || own.order === undefined) return own;
  return "beta" in asked ? filtered(asked, own.order) : stated(asked, own.order);
}

/** The default of explicit methods. */
export function proportionalIntegral(order: number): Controller {
  return filtered(pi(), order);
}

/** The default of implicit methods. */
export function predictive(order: number): Controller {
  return filtered(predicted(), order);
}

/** See controllers.ts. It remembers the logarithms of the errors before, and the lengths of those steps: zero where there were none. */
function filtered(by: StepController, order: number): Controller {
  const { beta, alpha, gain, leastError, firstError, capped } = by;
  const past = Math.max(beta.length - 1, alpha.length);
  const leastLogarithm = Math.log(leastError);
  const ofLengths = firstError === undefined ? past : 0;
  return {
    order,
    remembered: [...new Array(past).fill(Math.log(firstError ?? 1)), ...new Array(ofLengths).fill(0)],
    accept(b, error, h, { remembered, rejected }) {
      const logarithm = b.operation("log", error);
      const logarithms = [logarithm, ...remembered.slice(0, past)];
      const lengths = [h, ...remembered.slice(past)];
      const simple = (): Value => powerOf(b, Math.log(by.safety), [-1 / order], [logarithm]);
      const filter = (): Value => {
        const exponents = beta.map((x) => -x / order);
        const ofErrors = powerOf(b, Math.log(gain), exponents, logarithms);
        const ofRatios = alpha.map((x, i) => power(b, b.operation("div", lengths[i], lengths[i + 1]), -x));
        const factor = ofRatios.reduce((product, x) => b.operation("mul", x, product), ofErrors);
        return capped ? b.operation("min", simple(), factor) : factor;
      };
      const [factor] =
        ofLengths === 0
          ? [filter()]
          : b.if(
              b.operation("ne", lengths[ofLengths], b.f64(0)),
              () => [filter()],
              () => [simple()],
            );
      const kept = b.operation("max", logarithm, b.f64(leastLogarithm));
      return {
        factor: clamp(b, factor, by.minFactor, b.operation("select", rejected, b.f64(1), b.f64(by.maxFactor))),
        remembered: [...[kept, ...logarithms.slice(1)].slice(0, past), ...lengths.slice(0, ofLengths)],
      };
    },
    reject: (b, error) => retried(b, error, by, order),
  };
}

/** By a rule of the user's, of this error, the one before (1 where there was none), the ratio of their steps' lengths (1), and the order. */
function stated(rule: Program, order: number): Controller {
  const limits = integral();
  return {
    order,
    remembered: [1, 0],
    accept(b, error, h, { remembered: [previous, length], rejected }) {
      const [ratio] = b.if(
        b.operation("ne", length, b.f64(0)),
        () => [b.operation("div", h, length)],
        () => [b.f64(1)],
      );
      const factor = b.call(rule, [error, previous, ratio, b.f64(order)])!;
      const most = b.operation("select", rejected, b.f64(1), b.f64(limits.maxFactor));
      return { factor: clamp(b, factor, limits.minFactor, most), remembered: [error, h] };
    },
    reject: (b, error) => retried(b, error, limits, order),
  };
}

/** For methods that choose their steps themselves. */
export const asProposed: Controller = {
  remembered: [],
  accept: (_b, _error, _h, { proposed }) => ({ factor: proposed(), remembered: [] }),
  // A step that thought itself good crosses a switch, where its order is lost.
  reject: (b, error, proposed) =>
    b.operation("min", proposed(), clamp(b, b.operation("div", b.f64(0.9), b.operation("sqrt", error)), 0.2, b.f64(1))),
};

function retried(b: Builder, error: Value, { safety, retry, minFactor }: StepController, order: number): Value {
  const factor = powerOf(b, Math.log(safety), [-retry / order], [b.operation("log", error)]);
  return clamp(b, factor, minFactor, b.f64(1));
}

/** exp(constant + Σ exponentᵢ logarithmᵢ) */
function powerOf(b: Builder, constant: number, exponents: readonly number[], logarithms: readonly Value[]): Value {
  const sum = exponents.reduce(
    (so, exponent, i) => b.operation("add", so, b.operation("mul", b.f64(exponent), logarithms[i])),
    b.f64(constant),
  );
  return b.operation("exp", sum);
}

/** Of a positive number. */
function power(b: Builder, x: Value, exponent: number): Value {
  return exponent === 1 ? x : powerOf(b, 0, [exponent], [b.operation("log", x)]);
}

function clamp(b: Builder, factor: Value, least: number, largest: Value): Value {
  return b.operation("min", largest, b.operation("max", b.f64(least), factor));
}
