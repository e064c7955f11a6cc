/**
 * Runs small batches one after the other, as many as the argument says, and prints a line of JSON: after half of them and at
 * the end, the bytes of memory that is resident and that the engine's heap holds, and how many buffers the device made and destroyed.
 */
import { ndarray, odeProblem, solveBatch } from "../../../../index.ts";
import { openDevice } from "../../../../src/devices/webgpu/device.ts";

const count = Number(process.argv[2]);
const { device } = await openDevice();
const buffers = { made: 0, destroyed: 0 };
const create = device.createBuffer.bind(device);
device.createBuffer = (descriptor) => {
  buffers.made++;
  const buffer = create(descriptor);
  const destroy = buffer.destroy.bind(buffer);
  buffer.destroy = () => {
    buffers.destroyed++;
    destroy();
  };
  return buffer;
};

const problem = odeProblem({ rhs: (u: number[], p: number[]) => [-p[0] * u[0] ** 2], u0: [1], p: [1], tspan: [0, 1] });
const rows = Float64Array.from({ length: 32 }, (_, m) => 1 + m / 32);

async function run(batches: number): Promise<void> {
  for (let i = 0; i < batches; i++) await solveBatch(problem, { u0: ndarray(rows, [32, 1]), saveat: 0.5, device: "webgpu" });
}

/** Memory that garbage holds is not counted. */
async function state(): Promise<Record<string, number>> {
  for (let i = 0; i < 3; i++) {
    globalThis.gc!();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, heap: heapUsed + external, ...buffers };
}

const half = Math.ceil(count / 2);
await run(half);
const before = await state();
await run(count - half);
console.log(JSON.stringify({ before, after: await state() }));
