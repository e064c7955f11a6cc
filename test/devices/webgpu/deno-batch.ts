/** Run by Deno: a batch on its own WebGPU, with nothing that all trajectories share but settings. */
import { ndarray, odeProblem, solveBatch } from "../../../index.ts";

const decay = odeProblem({ rhs: (u: number[]) => [-u[0]], u0: [1], tspan: [0, 1] });
const { u, precision } = await solveBatch(decay, { u0: ndarray(Float64Array.of(1, 2), [2, 1]), device: "webgpu" });
process.stdout.write(JSON.stringify([u.get(0, 0, 0), u.get(1, 0, 0), precision]));
