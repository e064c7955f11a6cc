/**
 * The vjp backend of tracked arrays (as Zygote's or Autograd's pullbacks): the function is called with arrays that build a closure for each
 * array operation. It needs no text, and sees array operations only.
 */
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import type { VjpBackend } from "../backend.ts";
import { vjpByClosures } from "./closure/run.ts";
import { hostVjp, type HostVjp } from "../host.ts";
import { readable } from "../views.ts";

/** The backend. */
export const closure: VjpBackend = {
  name: "closure",
  capabilities: {
    needsText: false,
    records: true,
    scalars: false,
    mutation: false,
    branches: false,
    dynamic: true,
    programs: false,
    exact: true,
    modes: ["reverse"],
  },
  cost: () => ({ unit: "plain", u: 10, p: 10 }),
  prepare: ({ code, arena, target }) =>
    hostVjp("closure", code, arena, { wrtU: vjpBy(code, "u", target), wrtP: vjpBy(code, "p", target) }),
};

function vjpBy(code: ProblemCode, input: "u" | "p", target: Target): HostVjp {
  const { layout, constants, inPlace } = code;
  const { rhs } = code.operators;
  const expected = new Float64Array(code.output.size);
  const shown = { u: readable(layout.u, "u"), p: readable(layout.p, "p") };
  return (out, u, p, t, v) => {
    vjpByClosures(
      {
        call(x, result) {
          const args = rhs.argumentsOf([input === "u" ? x : shown.u(u), input === "p" ? x : shown.p(p), t], constants);
          if (inPlace) rhs.fn(result.shown, ...args);
          else result.assign(rhs.fn(...args));
        },
        input: layout[input],
        output: code.output,
        names: { input, output: "du" },
        target,
        plain() {
          code.plain(expected, u, p, t);
          return expected;
        },
      },
      input === "u" ? u : p,
      v,
      out,
    );
  };
}
