import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed } from "./options.ts";

export interface HodgkinHuxleyState {
  /** Millivolts, of the membrane against its rest at -65. */
  v: number;
  /** Activation and inactivation of sodium, activation of potassium. */
  m: number;
  h: number;
  n: number;
}

export interface HodgkinHuxleyParameters {
  /** Conductances, mS/cm². */
  gNa: number;
  gK: number;
  gL: number;
  /** Microamperes/cm², from outside. */
  current: number;
}

export const hodgkinHuxleyDefaults = { tEnd: 50 };

/**
 * A squid's giant axon that fires under a constant current: four states, four parameters, mildly stiff. Times in milliseconds.
 *
 * A. L. Hodgkin, A. F. Huxley, A quantitative description of membrane current and its application to conduction and excitation in nerve,
 * J. Physiology 117 (1952), equations (26) and table 3, with voltages counted from outside as today, at a rest of -65 mV (C = 1 µF/cm²; sodium,
 * potassium and leak reverse at 50, -77 and -54.387 mV). The loss is the voltage at the end. The reference is by Vern7 and Tsit5 at tight
 * tolerances, which agree to the digits given.
 */
export function hodgkinHuxley(
  options: Partial<typeof hodgkinHuxleyDefaults> = {},
): NamedProblem<HodgkinHuxleyState, HodgkinHuxleyParameters> {
  const { tEnd } = completed("hodgkinHuxley", hodgkinHuxleyDefaults, options);
  return {
    problem: odeProblem({
      name: "hodgkinHuxley",
      rhs(du, u, p) {
        // x/(1 - e^-x), whose value at 0 is 1.
        const rate = (x: number): number => (Math.abs(x) < 1e-6 ? 1 + x / 2 : x / (1 - Math.exp(-x)));
        const { v, m, h, n } = u;
        const sodium = p.gNa * m ** 3 * h * (v - 50);
        const potassium = p.gK * n ** 4 * (v + 77);
        const leak = p.gL * (v + 54.387);
        du.v = p.current - sodium - potassium - leak;
        du.m = rate((v + 40) / 10) * (1 - m) - 4 * Math.exp(-(v + 65) / 18) * m;
        du.h = 0.07 * Math.exp(-(v + 65) / 20) * (1 - h) - h / (1 + Math.exp(-(v + 35) / 10));
        du.n = 0.1 * rate((v + 55) / 10) * (1 - n) - 0.125 * Math.exp(-(v + 65) / 80) * n;
      },
      u0: { v: -65, m: 0.053, h: 0.596, n: 0.318 },
      tspan: [0, tEnd],
      p: { gNa: 120, gK: 36, gL: 0.3, current: 10 },
    }),
    loss: { final: (u) => u.v },
    reference: tEnd === 50 ? { end, loss: end.v, gradient } : undefined,
  };
}

const end = { v: -73.7748354668, m: 0.01757662063, h: 0.22883709471, n: 0.59450832362 };

const gradient = { gNa: 0.2367012768, gK: -1.1440623774, gL: -7.2886899227, current: 2.4797090894 };
