import { odeProblem } from "../src/problem/problem.ts";
import { sampleTimes, type NamedProblem } from "./named-problem.ts";
import { completed, type NoOptions } from "./options.ts";

/**
 * POLLU: 25 reactions of 20 air pollutants, stiff, with rates over fifteen decades. p: the 25 rate constants.
 *
 * J. G. Verwer, Gauss-Seidel iteration for stiff ODEs from chemical kinetics, SIAM J. Sci. Comput. 15 (1994), as in the Test Set for
 * IVP Solvers (Bari), whose end state the reference gives. The loss is that of arXiv 1812.01892: L = ½ Σ |u(t_i) - 1|² over
 * t_i = 0, 0.5, …, 60. The gradient spans 21 decades: compare k_j dL/dk_j.
 */
export function pollution(options: NoOptions = {}): NamedProblem<Float64Array, Float64Array> {
  completed("pollution", {}, options);
  return {
    problem: odeProblem({
      name: "pollution",
      rhs(du, u, k) {
        const r1 = k[0] * u[0];
        const r2 = k[1] * u[1] * u[3];
        const r3 = k[2] * u[4] * u[1];
        const r4 = k[3] * u[6];
        const r5 = k[4] * u[6];
        const r6 = k[5] * u[6] * u[5];
        const r7 = k[6] * u[8];
        const r8 = k[7] * u[8] * u[5];
        const r9 = k[8] * u[10] * u[1];
        const r10 = k[9] * u[10] * u[0];
        const r11 = k[10] * u[12];
        const r12 = k[11] * u[9] * u[1];
        const r13 = k[12] * u[13];
        const r14 = k[13] * u[0] * u[5];
        const r15 = k[14] * u[2];
        const r16 = k[15] * u[3];
        const r17 = k[16] * u[3];
        const r18 = k[17] * u[15];
        const r19 = k[18] * u[15];
        const r20 = k[19] * u[16] * u[5];
        const r21 = k[20] * u[18];
        const r22 = k[21] * u[18];
        const r23 = k[22] * u[0] * u[3];
        const r24 = k[23] * u[18] * u[0];
        const r25 = k[24] * u[19];
        du[0] = -r1 - r10 - r14 - r23 - r24 + r2 + r3 + r9 + r11 + r12 + r22 + r25;
        du[1] = -r2 - r3 - r9 - r12 + r1 + r21;
        du[2] = -r15 + r1 + r17 + r19 + r22;
        du[3] = -r2 - r16 - r17 - r23 + r15;
        du[4] = -r3 + 2 * r4 + r6 + r7 + r13 + r20;
        du[5] = -r6 - r8 - r14 - r20 + r3 + 2 * r18;
        du[6] = -r4 - r5 - r6 + r13;
        du[7] = r4 + r5 + r6 + r7;
        du[8] = -r7 - r8;
        du[9] = -r12 + r7 + r9;
        du[10] = -r9 - r10 + r8 + r11;
        du[11] = r9;
        du[12] = -r11 + r10;
        du[13] = -r13 + r12;
        du[14] = r14;
        du[15] = -r18 - r19 + r16;
        du[16] = -r20;
        du[17] = r20;
        du[18] = -r21 - r22 - r24 + r23 + r25;
        du[19] = -r25 + r24;
      },
      u0: new Float64Array([0, 0.2, 0, 0.04, 0, 0, 0.1, 0.3, 0.01, 0, 0, 0, 0, 0, 0, 0, 0.007, 0, 0, 0]),
      tspan: [0, 60],
      p: Float64Array.from(rates),
    }),
    loss: { at: sampleTimes(60, 0.5), of: distance },
    reference: { end, loss: 1142.52835690735, gradient: logarithmicGradient.map((value, j) => value / rates[j]) },
  };
}

/** ½ Σ |u - 1|² */
function distance(u: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < u.length; i++) sum += (u[i] - 1) ** 2;
  return 0.5 * sum;
}

const rates = [
  0.35, 26.6, 1.23e4, 8.6e-4, 8.2e-4, 1.5e4, 1.3e-4, 2.4e4, 1.65e4, 9e3, 0.022, 1.2e4, 1.88, 1.63e4, 4.8e6, 3.5e-4, 0.0175, 1e8,
  4.44e11, 1240, 2.1, 5.78, 0.0474, 1780, 3.12,
];

const end = new Float64Array([
  0.5646255480022769e-1, 0.1342484130422339, 0.4139734331099427e-8, 0.5523140207484359e-2, 0.2018977262302196e-6,
  0.1464541863493966e-6, 0.7784249118997964e-1, 0.3245075353396018, 0.7494013383880406e-2, 0.1622293157301561e-7,
  0.1135863833257075e-7, 0.2230505975721359e-2, 0.208716288279863e-3, 0.1396921016840158e-4, 0.8964884856898295e-2,
  0.4352846369330103e-17, 0.6899219696263405e-2, 0.1007803037365946e-3, 0.1772146513969984e-5, 0.5682943292316392e-4,
]);

/** k_j dL/dk_j, by solves at two tight tolerances that agree to the digits shown. */
const logarithmicGradient = new Float64Array([
  -0.42627747173, 0.43427752287, -1.91703253e-5, -0.14487917927, 0.06348956706, 0.06640722895, -0.005956982505, -0.18122668402,
  -0.03849434575, 0.03849054309, -0.013463114405, -1.938769851e-6, -0.001015190124, 0.11599223853, 3.537277086e-7, -2.77826856e-7,
  -1.618914186e-9, -2.777319251e-7, 2.777319255e-7, -0.001199412692, 8.696927154e-4, -0.004851223538, 0.00739148076,
  0.003980850032, -0.00394285177,
]);
