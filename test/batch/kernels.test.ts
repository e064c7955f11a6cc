/** Random functions and their derivatives, for many states at once: each as it is alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpuDevice } from "../../src/batch/cpu.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { randomConstants, randomFunction } from "../program/random.ts";
import { readRightHandSide } from "../program/read/harness.ts";
import { largestError } from "./compare.ts";

const wrt = ["u", "p", "t"];

test("100 random functions, their jvps and vjps, with p shared and with p of each one's own", async () => {
  await fc.assert(
    fc.asyncProperty(randomFunction(), fc.boolean(), async ({ fn, body }, isShared) => {
      const program = readRightHandSide(fn, { constants: randomConstants });
      for (const derived of [program, forward(program, { wrt }), reverse(program, { wrt })]) {
        // Loops whose length the data decide have no derivative in memory of fixed size.
        if (derived.result) continue;
        expect(await largestError(derived, cpuDevice, isShared ? ["p"] : []), body).toBeLessThan(1e-11);
      }
    }),
    { numRuns: 100 },
  );
});
