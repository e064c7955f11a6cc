/** The reverse program of the right-hand side, compiled: the default backend. */
import { keptWith } from "../../src/problem/code.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { costOf } from "../../src/analysis/cost.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { VjpBackend } from "./backend.ts";
import { jvpOf } from "./dual.ts";

export const source: VjpBackend = {
  name: "source",
  capabilities: {
    needsText: true,
    scalars: true,
    mutation: true,
    branches: true,
    dynamic: false,
    programs: true,
    exact: true,
    modes: ["forward", "reverse"],
  },
  cost(code) {
    const program = code.rhsProgram();
    const rhs = Math.max(1, costOf(program));
    return { unit: "compiled", u: costOf(vjpOf(program, ["u"])) / rhs, p: costOf(vjpOf(program, ["p"])) / rhs };
  },
  prepare({ code, tapeCapacity }) {
    const rhs = code.rhsProgram();
    return {
      get wrtU() {
        return vjpOf(rhs, ["u"], tapeCapacity);
      },
      get wrtP() {
        return vjpOf(rhs, ["p"], tapeCapacity);
      },
      get wrtBoth() {
        return vjpOf(rhs, ["u", "p"], tapeCapacity);
      },
      get jvp() {
        return jvpOf(rhs);
      },
    };
  },
};

function vjpOf(rhs: Program, wrt: readonly string[], tapeCapacity?: number): Program {
  return keptWith(rhs, `vjp:${wrt.join("")}:${tapeCapacity ?? ""}`, () => reverse(rhs, { wrt, tapeCapacity }));
}
