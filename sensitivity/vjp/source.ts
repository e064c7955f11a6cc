/** The reverse program of the right-hand side, compiled: the default backend. */
import type { ProblemCode } from "../../src/code.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { costOf } from "../../src/program/inspect/cost.ts";
import type { Program } from "../../src/program/ir.ts";
import type { VjpBackend } from "./backend.ts";

export const source: VjpBackend = {
  name: "source",
  capabilities: { needsText: true, scalars: true, mutation: true, branches: true, dynamic: false, programs: true, exact: true },
  cost(code) {
    const rhs = Math.max(1, costOf(code.rhsProgram()));
    return { unit: "compiled", u: costOf(byState(code)) / rhs, p: costOf(byParameters(code)) / rhs };
  },
  prepare({ code }) {
    return {
      wrtU: byState(code),
      wrtP: byParameters(code),
      get wrtBoth() {
        return code.derived("vjp:up", (rhs) => reverse(rhs, { wrt: ["u", "p"] }));
      },
    };
  },
};

function byState(code: ProblemCode): Program {
  return code.derived("vjp:u", (rhs) => reverse(rhs, { wrt: ["u"] }));
}

function byParameters(code: ProblemCode): Program {
  return code.derived("vjp:p", (rhs) => reverse(rhs, { wrt: ["p"] }));
}
