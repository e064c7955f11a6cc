/** The posterior density of a model's parameters, of numbers without bounds. */
import { isObject } from "../../src/core/options/check.ts";
import { shown } from "../../src/core/options/kinds.ts";
import type { FreeParameters } from "../parameters/free.ts";
import { BadParameter } from "../parameters/errors.ts";
import { priorOf, type Prior, type PriorSpec } from "../parameters/prior.ts";
import type { Misfit } from "../objective/misfit.ts";

/** A density to be sampled from. */
export interface Target {
  readonly size: number;
  /** The logarithm of the density but for a constant, −Infinity where it is zero, with its gradient. */
  logDensity(z: Float64Array): Promise<LogDensity>;
}

export interface LogDensity {
  readonly value: number;
  readonly gradient: Float64Array;
}

/**
 * The posterior of z: the parameters on their scales, and behind them the logarithms of the standard deviations that are fitted, whose
 * density is 1 / sigma where no prior is given (H. Jeffreys, Theory of Probability, 1961, section 3.1).
 */
export class Posterior implements Target {
  readonly size: number;

  constructor(
    private readonly misfit: Misfit,
    private readonly free: FreeParameters,
    private readonly sigmas: readonly string[],
    private readonly sigmaPriors: Readonly<Record<string, Prior>>,
  ) {
    this.size = free.list.length + sigmas.length;
  }

  /** Parameters and standard deviations of z, in the order of their names. */
  valuesAt(z: Float64Array): Float64Array {
    const k = this.free.list.length;
    return Float64Array.from([...this.free.valuesAt(z.subarray(0, k)), ...z.subarray(k).map(Math.exp)]);
  }

  async logDensity(z: Float64Array): Promise<LogDensity> {
    const k = this.free.list.length;
    const x = z.slice(0, k);
    const sigma = Object.fromEntries(this.sigmas.map((name, i) => [name, Math.exp(z[k + i])]));
    const { value, gradient, byLogSigma } = await this.misfit.density(x, sigma);
    if (value === Infinity) return { value: -Infinity, gradient: new Float64Array(z.length) };
    let log = -value;
    const slope = new Float64Array(z.length);
    const values = this.free.valuesAt(x);
    // The density of x is that of the parameters times how much of them a unit of x holds.
    this.free.list.forEach(({ scale, lower, upper }, j) => {
      log += Math.log(Math.abs(scale.slope(values[j], lower, upper)));
      slope[j] = scale.bend(values[j], lower, upper) - gradient[j];
    });
    this.sigmas.forEach((name, i) => {
      slope[k + i] = -byLogSigma[name];
      const prior = this.sigmaPriors[name]?.at(sigma[name]);
      if (!prior) return;
      log += z[k + i] - prior.residual ** 2 / 2;
      slope[k + i] += 1 - prior.residual * prior.slope * sigma[name];
    });
    return { value: log, gradient: slope };
  }
}

/** Throws {@link BadParameter}. */
export function priorsOf(names: readonly string[], given: Readonly<Record<string, PriorSpec>> = {}): Record<string, Prior> {
  if (!isObject(given)) {
    throw new BadParameter(`sample: sigma is ${shown(given)}, but must be priors by name: { prey: { lognormal: [-1, 1] } }.`);
  }
  return Object.fromEntries(
    Object.entries(given).map(([name, spec]) => {
      if (names.includes(name)) return [name, priorOf(`sigma.${name}`, spec, 1)];
      throw new BadParameter(
        `sample: sigma.${name} is a prior, but ${names.length === 0 ? "no standard deviation is fitted" : `what is fitted is that of ${names.join(", ")}`}.`,
      );
    }),
  );
}
