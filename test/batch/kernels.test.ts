/** Random functions and their derivatives, for many states at once: each as it is alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpuDevice } from "../../src/batch/cpu.ts";
import { kernelOf, parametersOf } from "../../src/batch/kernel.ts";
import { CannotBatch } from "../../src/errors.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import type { Program } from "../../src/program/ir.ts";
import { run } from "../derive/harness.ts";
import { randomConstants, randomFunction } from "../program/random.ts";
import { readRightHandSide } from "../program/read/harness.ts";

/** No multiple of the lanes, so that some of them have no trajectory. */
const COUNT = 8;
const wrt = ["u", "p", "t"];

/** Different for every trajectory, so that they part at branches. */
function rows(size: number, seed: number): Float64Array {
  return Float64Array.from({ length: COUNT * size }, (_, i) => Math.sin(1 + 0.7 * i + 3 * seed));
}

async function compare(program: Program, shared: readonly string[], message: string): Promise<void> {
  const kernel = kernelOf(program, shared);
  const arrays: Record<string, Float64Array> = {};
  parametersOf(kernel).forEach(
    ({ name, size }, k) => (arrays[name] = shared.includes(name) ? rows(size, k).slice(0, size) : rows(size, k)),
  );
  const given = Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data.slice()]));
  await cpuDevice.run(kernel, { count: COUNT, arrays });
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
      alone[name].forEach((x, i) => {
        const error = Math.abs(arrays[name][m * size + i] - x) / Math.max(1, Math.abs(x));
        expect(error, `${name}[${i}] of trajectory ${m}: ${arrays[name][m * size + i]}, alone ${x}\n${message}`).toBeLessThan(
          1e-11,
        );
      });
    }
  }
}

test("100 random functions, their jvps and vjps, with p shared and with p of each one's own", async () => {
  await fc.assert(
    fc.asyncProperty(randomFunction(), fc.boolean(), async ({ fn, body }, isShared) => {
      const program = readRightHandSide(fn, { constants: randomConstants });
      const shared = isShared ? ["p"] : [];
      for (const derived of [program, forward(program, { wrt }), reverse(program, { wrt })]) {
        try {
          await compare(derived, shared, body);
        } catch (error) {
          // Loops whose length the data decide have no derivative in memory of fixed size.
          if (!(error instanceof CannotBatch && derived.result)) throw error;
        }
      }
    }),
    { numRuns: 100 },
  );
});
