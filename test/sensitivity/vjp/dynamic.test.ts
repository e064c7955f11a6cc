/** The tape either carries the derivatives of a function, whatever it is made of, or refuses it by name. */
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { odeProblem, type OdeProblem } from "../../../src/problem/problem.ts";
import { compiledTape, tape } from "../../../sensitivity/vjp/backends/tape.ts";
import { OperatorRecorder } from "../../../src/tape/operator-recorder.ts";
import { declared, ofConstants, ofLanguage, type DynamicFunction } from "./dynamic-functions.ts";
import { differences, expectClose, prepareVjp, start } from "./harness.ts";
import { withoutInspector } from "../../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

/** Between them, branches flip; the last is the first again. */
const states = [
  [0.7123, -0.4181, 1.0943],
  [0.3137, -0.8359, 2.3171],
  [-0.6213, 0.4732, 0.9127],
  [0.7123, -0.4181, 1.0943],
];

function stated({ rhs, constants = "undefined" }: DynamicFunction, written = (code: string) => code): OdeProblem {
  const make = new Function(written(`"use strict"; ${declared} return { rhs: ${rhs}, constants: ${constants} };`)) as () => {
    rhs: never;
    constants: unknown;
  };
  const given = make();
  return odeProblem({ ...given, u0: states[0], p: [0.9, 0.3], tspan: [0, 1] }) as unknown as OdeProblem;
}

const functions = [...ofLanguage, ...ofConstants];

describe.each([tape, compiledTape])("$name", (backend) => {
  test.each(functions.filter(({ refused }) => !refused))("carries: $name", (fn) => {
    const problem = stated(fn);
    const prepared = prepareVjp(backend, problem);
    for (const u of states) {
      const point = { ...start(problem, 0.3), u: Float64Array.from(u) };
      const expected = differences(problem, point);
      // Twice: a compiled tape is used from the second call on.
      for (let call = 0; call < 2; call++) {
        expectClose(prepared.u(point), expected.u, 1e-6);
        expectClose(prepared.p(point), expected.p, 1e-6);
      }
    }
  });

  test.each(functions.filter(({ refused }) => refused))("refuses: $name", (fn) => {
    const run = (): void => {
      const problem = stated(fn);
      prepareVjp(backend, problem).u(start(problem, 0.3));
    };
    expect(run).toThrow(fn.refused as never);
  });
});

test.each(functions.filter(({ refused }) => !refused))("values are those of the plain function: $name", (fn) => {
  const problem = stated(fn);
  const recorder = new OperatorRecorder(problem.code.operators.rhs);
  for (const u of states) {
    const { p } = start(problem);
    const du = new Float64Array(3);
    problem.code.plain(du, Float64Array.from(u), p, 0.3);
    const { entries, outputs } = recorder.record([Float64Array.from(u), p, 0.3]);
    expect(Array.from(outputs, (place) => entries.value[place])).toEqual([...du]);
  }
});

/** The body of a function, with no blank that is not needed. */
function minified(body: string): string {
  const { code } = transformSync(`export default function () { ${body} }`, { minify: true, keepNames: false });
  return `${code.replace(/export default *(?=function)/, "return(")})()`;
}

test.each(functions.filter(({ refused }) => !refused))("minified, it is the same: $name", (fn) => {
  const problem = stated(fn, minified);
  const { p } = start(problem);
  const u = Float64Array.from(states[0]);
  const du = new Float64Array(3);
  problem.code.plain(du, u, p, 0.3);
  const { entries, outputs } = new OperatorRecorder(problem.code.operators.rhs).record([u, p, 0.3]);
  expect(Array.from(outputs, (place) => entries.value[place])).toEqual([...du]);
});
