import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

/**
 * A ring modulator, which mixes a signal of 1 kHz with one of 10 kHz by four diodes: 15 states (voltages 0 to 6, currents 7 to 14),
 * stiff and oscillating. p: the capacity between the diodes, their reverse current, and its exponent by volt.
 *
 * E. H. Horneber (1976), as in the Test Set for IVP Solvers (Bari) with Cs = 2e-12; SI units. The loss is the output voltage, of the
 * second component, at the end. The reference is the end state of Rodas5P and Kvaerno5 at tight tolerances, which agree to the digits given,
 * and with the Test Set's.
 */
export function ringModulator(options: NoOptions = {}): NamedProblem<Float64Array, Float64Array> {
  completed("ringModulator", {}, options);
  return {
    problem: odeProblem({
      name: "ringModulator",
      rhs(du, u, [cs, reverse, exponent], t) {
        const diode = (voltage: number): number => reverse * (Math.exp(exponent * voltage) - 1);
        const signal = 0.5 * Math.sin(2e3 * Math.PI * t);
        const carrier = 2 * Math.sin(2e4 * Math.PI * t);
        const q1 = diode(u[2] - u[4] - u[6] - carrier);
        const q2 = diode(-u[3] + u[5] - u[6] - carrier);
        const q3 = diode(u[3] + u[4] + u[6] + carrier);
        const q4 = diode(-u[2] - u[5] + u[6] + carrier);
        du[0] = (u[7] - 0.5 * u[9] + 0.5 * u[10] + u[13] - u[0] / 25e3) / 1.6e-8;
        du[1] = (u[8] - 0.5 * u[11] + 0.5 * u[12] + u[14] - u[1] / 25e3) / 1.6e-8;
        du[2] = (u[9] - q1 + q4) / cs;
        du[3] = (-u[10] + q2 - q3) / cs;
        du[4] = (u[11] + q1 - q3) / cs;
        du[5] = (-u[12] - q2 + q4) / cs;
        du[6] = (-u[6] / 50 + q1 + q2 - q3 - q4) / 1e-8;
        du[7] = -u[0] / 4.45;
        du[8] = -u[1] / 4.45;
        du[9] = (0.5 * u[0] - u[2] - 17.3 * u[9]) / 5e-4;
        du[10] = (-0.5 * u[0] + u[3] - 17.3 * u[10]) / 5e-4;
        du[11] = (0.5 * u[1] - u[4] - 17.3 * u[11]) / 5e-4;
        du[12] = (-0.5 * u[1] + u[5] - 17.3 * u[12]) / 5e-4;
        du[13] = (-u[0] + signal - (50 + 36.3) * u[13]) / 2e-3;
        du[14] = (-u[1] - (600 + 36.3) * u[14]) / 2e-3;
      },
      u0: new Float64Array(15),
      tspan: [0, 1e-3],
      p: new Float64Array([2e-12, 40.67286402e-9, 17.7493332]),
    }),
    loss: { final: (u) => u[1] },
    reference: { end },
  };
}

const end = new Float64Array([
  -0.02339057358, -0.007367485485, 0.25829567, -0.40644657, -0.40394557, 0.26079668, 0.110676186127, 2.93990434e-7,
  -2.84002993e-8, 7.26719826e-4, 7.9294872e-4, -7.2552835e-4, -7.941402e-4, 7.088495417e-5, 2.39005907e-5,
]);
