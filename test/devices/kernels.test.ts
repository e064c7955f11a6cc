/** Random functions and their derivatives, for many states at once: each as it is alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cpuDevice } from "../../src/devices/cpu.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { randomConstants, randomFunction } from "../ir/random.ts";
import { readRightHandSide } from "../read/harness.ts";
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

test.each([
  [
    "stores, sums and fills in branches",
    (du: Float64Array, u: Float64Array, p: Float64Array) => {
      const a = new Float64Array(100);
      for (let i = 0; i < 100; i++) a[i] = p[i % 4] * i;
      if (u[0] > 0) {
        for (let i = 0; i < 100; i++) a[i] = Math.sin(u[1] * i);
      } else if (u[1] > 0) {
        for (let i = 0; i < 100; i++) a[i] += u[0] * i;
      }
      if (u[2] > 0) a.fill(u[3]);
      for (let j = 0; j < 4; j++) {
        let sum = 0;
        for (let i = j; i < 100; i += 4) sum += a[i];
        du[j] = sum;
      }
    },
  ],
  [
    "stores in loops of different lengths, and to different places",
    (du: Float64Array, u: Float64Array, p: Float64Array) => {
      const a = new Float64Array(100);
      let x = Math.abs(u[0]);
      let n = 0;
      while (x < 5 && n < 90) {
        a[n] = x + p[0];
        a[99 - n] += x;
        x += 0.1 + Math.abs(u[1]);
        n++;
      }
      for (let j = 0; j < 4; j++) {
        let sum = 0;
        for (let i = j; i < 100; i += 4) sum += a[i];
        du[j] = sum + n;
      }
    },
  ],
])("%s count for their own lanes only", async (_, fn) => {
  const program = readRightHandSide(fn);
  for (const derived of [program, forward(program, { wrt })]) {
    expect(await largestError(derived, cpuDevice, ["p"])).toBeLessThan(1e-12);
  }
});
