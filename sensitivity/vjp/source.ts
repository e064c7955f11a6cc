/** The reverse program of the right-hand side, compiled: the default backend. */
import type { ProblemCode } from "../../src/code.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { costOf } from "../../src/program/inspect/cost.ts";
import type { Program } from "../../src/program/ir.ts";
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
    const rhs = Math.max(1, costOf(code.rhsProgram()));
    return { unit: "compiled", u: costOf(vjpOf(code, ["u"])) / rhs, p: costOf(vjpOf(code, ["p"])) / rhs };
  },
  prepare({ code, tapeCapacity }) {
    return {
      get wrtU() {
        return vjpOf(code, ["u"], tapeCapacity);
      },
      get wrtP() {
        return vjpOf(code, ["p"], tapeCapacity);
      },
      get wrtBoth() {
        return vjpOf(code, ["u", "p"], tapeCapacity);
      },
      get jvp() {
        return jvpOf(code);
      },
    };
  },
};

function vjpOf(code: ProblemCode, wrt: readonly string[], tapeCapacity?: number): Program {
  return code.derived(`vjp:${wrt.join("")}:${tapeCapacity ?? ""}`, (rhs) => reverse(rhs, { wrt, tapeCapacity }));
}
