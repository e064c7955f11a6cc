import { odeProblem } from "../src/problem/problem.ts";
import { sampleTimes, type NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

/** Amounts of the drug, and the response. */
export interface PkpdState {
  /** At the site of dosing. */
  gut: number;
  central: number;
  peripheral: number;
  peripheral2: number;
  response: number;
}

export interface PkpdParameters {
  /** Rate of absorption. */
  Ka1: number;
  /** Clearance. */
  CL: number;
  /** Volumes of the central and the peripheral compartments. */
  Vc: number;
  Vp: number;
  Vp2: number;
  /** Clearances between them. */
  Q: number;
  Q2: number;
  /** Turnover of the response. */
  Kin: number;
  Kout: number;
  /** Inhibition of its production: half-maximal concentration, maximum, Hill's exponent. */
  IC50: number;
  IMAX: number;
  gamma: number;
  /** Saturable elimination (Michaelis and Menten). */
  Vmax: number;
  Km: number;
}

/**
 * A drug in three compartments, given every 24 hours, that inhibits the production of a response: five states, fourteen parameters,
 * not stiff, with events.
 *
 * The fourth problem of C. Rackauckas et al., A comparison of automatic differentiation and continuous sensitivity analysis,
 * arXiv 1812.01892. The loss: L = ½ Σ |u(t_i) - 1|² over t_i = 0, 0.5, …, 50, samples at 24 and 48 taken before the dose. The
 * dose due at the end, t = 240, is given no more. The reference was computed by the tangent equations (Vern7 and Tsit5), the
 * discrete and a continuous adjoint, which agree to the digits given, in steps graded towards t = 0: there the derivative by gamma
 * has a singularity, t log t.
 */
export function pkpd(options: NoOptions = {}): NamedProblem<PkpdState, PkpdParameters> {
  completed("pkpd", {}, options);
  return {
    problem: odeProblem({
      name: "pkpd",
      rhs(du, u, p) {
        const concentration = u.central / p.Vc;
        const elimination = (p.CL + p.Vmax / (p.Km + concentration)) * concentration;
        const toPeripheral = p.Q * concentration - (p.Q * u.peripheral) / p.Vp;
        const toPeripheral2 = p.Q2 * concentration - (p.Q2 * u.peripheral2) / p.Vp2;
        const effect = concentration ** p.gamma;
        du.gut = -p.Ka1 * u.gut;
        du.central = p.Ka1 * u.gut - elimination - toPeripheral - toPeripheral2;
        du.peripheral = toPeripheral;
        du.peripheral2 = toPeripheral2;
        du.response = p.Kin * (1 - (p.IMAX * effect) / (p.IC50 ** p.gamma + effect)) - p.Kout * u.response;
      },
      // At a concentration of zero the power has no derivative with respect to its exponent.
      u0: { gut: 100, central: TRACE, peripheral: TRACE, peripheral2: TRACE, response: 5 },
      tspan: [0, 240],
      p: {
        Ka1: 1,
        CL: 1,
        Vc: 20,
        Q: 2,
        Vp: 10,
        Kin: 10,
        Kout: 2,
        IC50: 2,
        IMAX: 1,
        gamma: 1,
        Vmax: 0,
        Km: 2,
        Q2: 0.5,
        Vp2: 100,
      },
      events: {
        at: sampleTimes(240, 24).subarray(1),
        apply(u) {
          u.gut += 100;
        },
      },
    }),
    loss: {
      at: sampleTimes(50, 0.5),
      of: (u) =>
        0.5 *
        ((u.gut - 1) ** 2 + (u.central - 1) ** 2 + (u.peripheral - 1) ** 2 + (u.peripheral2 - 1) ** 2 + (u.response - 1) ** 2),
    },
    reference: { end, loss: 200131.947733675, gradient: answers },
  };
}

const TRACE = Number.EPSILON;

const end: PkpdState = {
  gut: 3.77513454442e-9,
  central: 42.4206784324,
  peripheral: 25.3137914802,
  peripheral2: 215.312013195,
  response: 2.40751916535,
};

const answers: PkpdParameters = {
  Ka1: 6095.2572971636,
  CL: -143793.642611237,
  Vc: 6193.20771050627,
  Q: -1540.5305182519,
  Vp: -61.442271013035,
  Kin: 37.461882165018,
  Kout: -189.510364058881,
  IC50: 86.675893102438,
  IMAX: -345.642246862804,
  gamma: 13.77921994601,
  Vmax: -31820.5132021238,
  // Vmax is zero.
  Km: 0,
  Q2: 43166.1646227187,
  Vp2: 22.152416225911,
};
