/** Ends the process, so many milliseconds after the start of a batch as the argument says, while the GPU is at work. */
import { ndarray, odeProblem, rk4, solveBatch } from "../../../../index.ts";
import { openDevice } from "../../../../src/devices/webgpu/device.ts";

const problem = odeProblem({ rhs: (u: number[]) => [Math.sin(u[0])], u0: [1], tspan: [0, 1] });
const rows = Float64Array.from({ length: 20_000 }, (_, m) => m / 20_000);
await openDevice();
void solveBatch(problem, { u0: ndarray(rows, [rows.length, 1]), solver: rk4({ dt: 1e-4 }), device: "webgpu" }).then(() =>
  console.log("done"),
);
setTimeout(() => process.exit(0), Number(process.argv[2]));
