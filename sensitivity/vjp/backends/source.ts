/** The vjp backend by the reverse program of the right-hand side, compiled: the default. */
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { costOf } from "../../../src/analysis/cost.ts";
import type { VjpBackend } from "../backend.ts";

/** The backend. */
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
    const by = (input: string): number => costOf(derivativesOf(program).vjp([input])) / rhs;
    return { unit: "compiled", u: by("u"), p: by("p") };
  },
  prepare({ code, tapeCapacity }) {
    const derivatives = derivativesOf(code.rhsProgram());
    return {
      get wrtU() {
        return derivatives.vjp(["u"], tapeCapacity);
      },
      get wrtP() {
        return derivatives.vjp(["p"], tapeCapacity);
      },
      get wrtBoth() {
        return derivatives.vjp(["u", "p"], tapeCapacity);
      },
      get jvp() {
        return derivatives.jvp(["u", "p"]);
      },
    };
  },
};
