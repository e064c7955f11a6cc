/** Random functions and their derivatives on the GPU: as they are in f64, to the rounding of f32. */
import fc from "fast-check";
import { expect } from "vitest";
import { forward } from "../../../src/derive/forward.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { webgpuDevice } from "../../../src/devices/webgpu/webgpu.ts";
import { largestError } from "../compare.ts";
import { randomConstants, randomFunction } from "../../ir/random.ts";
import { readRightHandSide } from "../../read/harness.ts";
import { gpuTest } from "./adapter.ts";

const wrt = ["u", "p", "t"];

gpuTest(
  "12 random functions, their jvps and vjps, with p shared and with p of each one's own",
  async () => {
    await fc.assert(
      fc.asyncProperty(randomFunction(), fc.boolean(), async ({ fn, body }, isShared) => {
        const program = readRightHandSide(fn, { constants: randomConstants });
        for (const derived of [program, forward(program, { wrt }), reverse(program, { wrt })]) {
          // Loops whose length the data decide have no derivative in memory of fixed size.
          if (derived.result) continue;
          expect(await largestError(derived, webgpuDevice, isShared ? ["p"] : []), body).toBeLessThan(1e-4);
        }
      }),
      { numRuns: 12 },
    );
  },
  60_000,
);
