import fc from "fast-check";
import { test } from "vitest";
import { randomConstants, randomFunction } from "./random.ts";
import { agree } from "./read/agree.ts";

test("random functions compute, compiled, what they compute plainly", () => {
  fc.assert(
    fc.property(randomFunction(), ({ fn }) => {
      agree(fn, { constants: randomConstants, tolerance: 1e-11 });
    }),
    { numRuns: 300 },
  );
});
