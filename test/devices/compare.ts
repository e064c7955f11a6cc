/** A program on a device, for a batch of different inputs, against itself for one after the other. */
import { expect } from "vitest";
import type { BatchDevice } from "../../src/devices/device.ts";
import { kernelOf, parametersOf } from "../../src/devices/kernel.ts";
import type { Program } from "../../src/ir/ir.ts";
import { run } from "../derive/harness.ts";

/** No multiple of the lanes, so that some of them have no trajectory. */
const COUNT = 8;

/** Different for every trajectory, so that they part at branches. */
function rows(size: number, seed: number): Float64Array {
  return Float64Array.from({ length: COUNT * size }, (_, i) => Math.fround(Math.sin(1 + 0.7 * i + 3 * seed)));
}

/** The largest error, relative to the trajectory's largest number or one. */
export async function largestError(program: Program, device: BatchDevice, shared: readonly string[]): Promise<number> {
  const kernel = kernelOf(program, shared);
  const arrays: Record<string, Float64Array> = {};
  parametersOf(kernel).forEach(
    ({ name, size }, k) => (arrays[name] = shared.includes(name) ? rows(size, k).slice(0, size) : rows(size, k)),
  );
  const given = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data.slice()]));
  await device.run(kernel, { count: COUNT, arrays });
  let error = 0;
  for (let m = 0; m < COUNT; m++) {
    const alone: Record<string, Float64Array> = {};
    const scalars: Record<string, number> = {};
    for (const parameter of program.parameters) {
      const name = parameter.kind === "array" ? parameter.array.name : parameter.name;
      const size = parameter.kind === "array" ? parameter.array.size : 1;
      const own = shared.includes(name) ? given[name].slice() : given[name].slice(m * size, (m + 1) * size);
      if (parameter.kind === "array") alone[name] = own;
      else scalars[name] = own[0];
    }
    run(program, alone, scalars, "javascript");
    for (const { name, size, role } of parametersOf(kernel)) {
      if (role === "input") continue;
      const scale = alone[name].reduce((largest, x) => Math.max(largest, Math.abs(x)), 1);
      alone[name].forEach((x, i) => {
        const found = arrays[name][m * size + i];
        expect(Number.isFinite(found), `${name}[${i}] of trajectory ${m} is ${found}, alone ${x}`).toBe(Number.isFinite(x));
        if (Number.isFinite(x)) error = Math.max(error, Math.abs(found - x) / scale);
      });
    }
  }
  return error;
}
