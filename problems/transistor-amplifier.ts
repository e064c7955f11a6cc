import { odeProblem } from "../src/problem/problem.ts";
import type { NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

export interface TransistorAmplifierParameters {
  /** Voltage of the supply. */
  Ub: number;
  /** Thermal voltage. */
  UF: number;
  alpha: number;
  beta: number;
  /** Resistance at the input, and the other ones. */
  R0: number;
  R: number;
}

/** Capacities. */
const [C1, C2, C3, C4, C5] = [1e-6, 2e-6, 3e-6, 4e-6, 5e-6];

/**
 * An amplifier with two transistors: voltages at eight nodes, which five capacitors couple by a matrix of rank five that is not diagonal.
 * Index 1, stiff.
 *
 * E. Hairer, C. Lubich, M. Roche, The numerical solution of differential-algebraic systems by Runge-Kutta methods (1989), as in the Test
 * Set for IVP Solvers (Bari), "Transistor amplifier", whose end state at t = 0.2 the reference gives. The loss is the voltage at the
 * output at the end.
 */
export function transistorAmplifier(options: NoOptions = {}): NamedProblem<Float64Array, TransistorAmplifierParameters> {
  completed("transistorAmplifier", {}, options);
  const end = new Float64Array([
    -0.5562145012262709e-2, 0.3006522471903042e1, 0.2849958788608128e1, 0.2926422536206241e1, 0.2704617865010554e1,
    0.2761837778393145e1, 0.4770927631616772e1, 0.1236995868091548e1,
  ]);
  return {
    problem: odeProblem({
      name: "transistorAmplifier",
      rhs(du, u, { Ub, UF, alpha, beta, R0, R }, t) {
        const input = 0.1 * Math.sin(200 * Math.PI * t);
        const first = beta * (Math.exp((u[1] - u[2]) / UF) - 1);
        const second = beta * (Math.exp((u[4] - u[5]) / UF) - 1);
        du[0] = (u[0] - input) / R0;
        du[1] = (2 * u[1] - Ub) / R + (1 - alpha) * first;
        du[2] = u[2] / R - first;
        du[3] = (u[3] - Ub) / R + alpha * first;
        du[4] = (2 * u[4] - Ub) / R + (1 - alpha) * second;
        du[5] = u[5] / R - second;
        du[6] = (u[6] - Ub) / R + alpha * second;
        du[7] = u[7] / R;
      },
      u0: new Float64Array([0, 3, 3, 6, 3, 3, 6, 0]),
      tspan: [0, 0.2],
      p: { Ub: 6, UF: 0.026, alpha: 0.99, beta: 1e-6, R0: 1000, R: 9000 },
      massMatrix: {
        rows: [0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 6, 6, 7, 7],
        columns: [0, 1, 0, 1, 2, 3, 4, 3, 4, 5, 6, 7, 6, 7],
        values: [-C1, C1, C1, -C1, -C2, -C3, C3, C3, -C3, -C4, -C5, C5, C5, -C5],
      },
    }),
    loss: { final: (u) => u[7] },
    reference: { end, loss: end[7] },
  };
}
