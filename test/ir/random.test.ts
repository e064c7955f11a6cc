import { transformSync } from "esbuild";
import fc from "fast-check";
import { test } from "vitest";
import { randomConstants, randomFunction, type RandomFunction } from "./random.ts";
import { agree } from "../read/agree.ts";

const setting = { constants: randomConstants, tolerance: 1e-11 };

test("random functions compute, compiled, what they compute plainly", () => {
  fc.assert(
    fc.property(randomFunction(), ({ fn }) => {
      agree(fn, setting);
    }),
    { numRuns: 500 },
  );
});

test("and so they do minified", () => {
  fc.assert(
    fc.property(randomFunction(), ({ body }) => {
      const { code } = transformSync(`globalThis.rhs = function (du, u, p, t, c) {${body}}`, { minify: true });
      const fn = new Function(`return ${code.replace("globalThis.rhs=", "").replace(/;\s*$/, "")}`)() as RandomFunction["fn"];
      agree(fn, { ...setting, targets: ["javascript"] });
    }),
    { numRuns: 200 },
  );
});
