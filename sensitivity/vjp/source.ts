/** The reverse program of the right-hand side, compiled: the default backend. */
import { reverse } from "../../src/derive/reverse.ts";
import type { VjpBackend } from "./backend.ts";

export const source: VjpBackend = {
  name: "source",
  capabilities: { needsText: true, scalars: true, mutation: true, branches: true, dynamic: false, programs: true, exact: true },
  prepare({ code }) {
    return {
      wrtU: code.derived("vjp:u", (rhs) => reverse(rhs, { wrt: ["u"] })),
      wrtP: code.derived("vjp:p", (rhs) => reverse(rhs, { wrt: ["p"] })),
      get wrtBoth() {
        return code.derived("vjp:up", (rhs) => reverse(rhs, { wrt: ["u", "p"] }));
      },
    };
  },
};
