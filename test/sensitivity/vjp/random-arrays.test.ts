/** Random functions of array operations: the closure backend and the reverse program agree. `npm run test:random` tries more. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { closure } from "../../../sensitivity/vjp/backends/closure.ts";
import { source } from "../../../sensitivity/vjp/backends/source.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { odeProblem, type OdeProblem } from "../../../src/problem/problem.ts";
import { run } from "../../derive/harness.ts";
import { arrayConstants, randomArrayFunction } from "../../ir/random-arrays.ts";
import { expectClose, start, vjp } from "./harness.ts";

const numRuns = Number(process.env.ODEGRAD_RANDOM ?? 300);

test(`${numRuns} random functions of arrays: value and gradient by source and closure`, () => {
  let steep = 0;
  fc.assert(
    fc.property(randomArrayFunction(), ({ fn }) => {
      const problem = odeProblem({
        rhs: fn as () => number[],
        u0: Float64Array.of(0.7, -0.4, 1.1, 0.25, -0.9, 0.5),
        p: {
          W: ndarray(Float64Array.of(0.9, 0.3, -0.6, 1.3, -0.2, 0.45, 0.15, -1.1, 0.8), [3, 3]),
          b: Float64Array.of(0.2, -0.7, 0.55),
        },
        tspan: [0, 1],
        constants: arrayConstants,
      }) as unknown as OdeProblem;
      const point = start(problem, 0.4);
      const plain = new Float64Array(point.u.length);
      problem.code.plain(plain, point.u, point.p, point.t);
      const compiled: Record<string, Float64Array> = { u: point.u, p: point.p };
      run(problem.code.rhsProgram(), compiled, { t: point.t });
      expectClose(compiled.du, plain, 1e-11);
      const expected = vjp(source, problem, point, "javascript");
      const actual = vjp(closure, problem, point, "javascript");
      expectClose(actual.u, expected.u, 1e-11);
      expectClose(actual.p, expected.p, 1e-11);
      if (expected.u.some((slope) => slope !== 0)) steep++;
    }),
    { numRuns },
  );
  expect(steep / numRuns).toBeGreaterThan(0.95);
});
