/** Finite differences of the plain function as a vjp backend: needs no text, loses half of the digits or more. */
import type { ProblemCode } from "../../src/code.ts";
import type { VjpBackend } from "./backend.ts";
import { Differences, stepsFor } from "./differences.ts";
import { hostVjp, type HostVjp, type HostVjps } from "./host.ts";

export const finite: VjpBackend = {
  name: "finite",
  capabilities: { needsText: false, scalars: true, mutation: true, branches: true, dynamic: true, programs: false, exact: false },
  cost: ({ layout }) => ({ unit: "plain", u: 2 * layout.u.size, p: 2 * layout.p.size }),
  prepare: ({ code, arena }) => hostVjp("finite", code, arena, finiteVjps(code)),
};

/**
 * States share a scale, and a trace of one among large others is noise to them; rate constants may each have their own, over
 * many decades.
 */
const FLOOR = { u: 1e-3, p: 0 };

/** A vjp and, at twice the cost, estimates of its errors. */
export interface FiniteVjps extends HostVjps {
  readonly errors: HostVjps;
}

export function finiteVjps(code: ProblemCode): FiniteVjps {
  const [u, p] = [vjpBy(code, "u"), vjpBy(code, "p")];
  return { wrtU: u.vjp, wrtP: p.vjp, errors: { wrtU: u.errors, wrtP: p.errors } };
}

function vjpBy(code: ProblemCode, input: "u" | "p"): { vjp: HostVjp; errors: HostVjp } {
  const n = code.layout.u.size;
  const size = code.layout[input].size;
  // Copies, so that `code.plain` makes its views once.
  const fixed = { u: new Float64Array(n), p: new Float64Array(code.layout.p.size), t: 0 };
  const differences = new Differences(
    (out, x) => code.plain(out, input === "u" ? x : fixed.u, input === "p" ? x : fixed.p, fixed.t),
    size,
    n,
  );
  const columns = (slope: (x: Float64Array, j: number, h: number) => (i: number) => number): HostVjp => {
    return (out, u, p, t, v) => {
      fixed.u.set(u);
      fixed.p.set(p);
      fixed.t = t;
      const x = fixed[input];
      const steps = stepsFor(x, FLOOR[input]);
      for (let j = 0; j < size; j++) {
        const entry = slope(x, j, steps[j]);
        out[j] = 0;
        for (let i = 0; i < n; i++) out[j] += v[i] * entry(i);
      }
    };
  };
  return {
    vjp: columns((x, j, h) => {
      const column = differences.column(x, j, h);
      return (i) => column[i];
    }),
    errors: (out, u, p, t, v) =>
      columns((x, j, h) => {
        const { error } = differences.columnWithError(x, j, h);
        return (i) => error[i];
      })(out, u, p, t, v.map(Math.abs)),
  };
}
