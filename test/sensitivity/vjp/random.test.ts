/** Random functions: the backends that differentiate scalar code agree. `npm run test:random` tries more of them. */
import fc from "fast-check";
import { test } from "vitest";
import { layoutOf } from "../../../src/arrays/layout.ts";
import type { PlainFunction } from "../../../src/problem/plain-operator.ts";
import { codeOf } from "../../../src/problem/stated.ts";
import { PreparedDerivatives } from "../../../sensitivity/vjp/derivatives.ts";
import { dual } from "../../../sensitivity/vjp/backends/dual.ts";
import { source } from "../../../sensitivity/vjp/backends/source.ts";
import { compiledTape, tape } from "../../../sensitivity/vjp/backends/tape.ts";
import { randomConstants, randomFunction } from "../../ir/random.ts";
import { agree } from "../../read/agree.ts";
import { expectClose } from "./harness.ts";

const numRuns = Number(process.env.ODEGRAD_RANDOM ?? 150);

const at = { u: Float64Array.of(0.7, -0.4, 1.1, 0.25), p: Float64Array.of(0.9, 0.3, -0.6, 1.3), t: 0.4 };
const v = Float64Array.of(0.5, -1, 0.8, 0.3);
const uDot = Float64Array.of(-0.2, 0.9, 0.4, -0.7);
const pDot = Float64Array.of(0.6, -0.3, 0.8, 0.1);
const layout = { u: layoutOf(at.u, "u0"), p: layoutOf(at.p, "p") };

test(`${numRuns} random functions: value, gradient and Hessian-vector product by source, dual and tapes`, () => {
  fc.assert(
    fc.property(randomFunction(), ({ fn }) => {
      agree(fn, { constants: randomConstants, tolerance: 1e-11, targets: ["javascript"] });
      const code = codeOf(
        { rhs: fn as unknown as PlainFunction },
        { layout, constants: randomConstants, inPlace: true, name: "random" },
      );
      const [expected, ...others] = [source, dual, tape, compiledTape].map(
        (backend) => new PreparedDerivatives(backend, code, "javascript"),
      );
      for (const input of ["u", "p"] as const) {
        const gradient = expected.vjp(input, at, v);
        const product = expected.hessianVectorProduct(input, at, v, uDot, pDot);
        for (const prepared of others) {
          // Twice: a compiled tape is used from the second call on.
          for (let call = 0; call < 2; call++) expectClose(prepared.vjp(input, at, v), gradient, 1e-11);
          expectClose(prepared.hessianVectorProduct(input, at, v, uDot, pDot), product, 1e-11);
        }
      }
    }),
    { numRuns },
  );
});
