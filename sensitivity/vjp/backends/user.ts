/**
 * The vjp backend by the derivatives that the author of a problem gives. What they do not give is derived. When they are first used they are
 * checked against derived ones.
 */
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Derivatives } from "../../../src/derive/derivatives.ts";
import { BackendRefused } from "../errors.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import type { VjpBackend } from "../backend.ts";
import { checkAgainstDerived } from "./user-check.ts";
import { referenceVjps } from "./reference.ts";
import { hostVjp, type HostVjp } from "../host.ts";
import { readable, writable } from "../views.ts";

/** The backend. */
export const user: VjpBackend = {
  name: "user",
  capabilities: {
    needsText: false,
    scalars: true,
    mutation: true,
    branches: true,
    dynamic: true,
    programs: false,
    exact: true,
    needsDerivatives: true,
    modes: ["reverse"],
  },
  cost: () => ({ unit: "plain", u: 2, p: 2 }),
  prepare({ code, arena, target }) {
    const derivatives = code.derivatives;
    if (!derivatives || !Object.values(derivatives).some((given) => given !== undefined)) {
      throw new BackendRefused(
        "user",
        `${code.name} comes with no derivatives (odeProblem's \`derivatives\`: jac, paramJac, jvp or vjp)`,
        "source",
      );
    }
    const derived = referenceVjps(code, target);
    const chosen = (input: Input): HostVjp => {
      const name = preferred[input].find((kind) => derivatives[kind] !== undefined);
      if (!name) return input === "u" ? derived.wrtU : derived.wrtP;
      const given = bodies[name](code, derivatives, input);
      let checked = false;
      return (out, u, p, t, v) => {
        if (!checked) checkAgainstDerived({ code, name, input, given, derived }, u, p, t);
        checked = true;
        given(out, u, p, t, v);
      };
    };
    return hostVjp("user", code, arena, { wrtU: chosen("u"), wrtP: chosen("p") });
  },
};

type Input = "u" | "p";
type Kind = keyof Derivatives;

/** The kinds of derivatives that give a product, in order of preference. */
const preferred: Readonly<Record<Input, readonly Kind[]>> = { u: ["vjp", "jac", "jvp"], p: ["vjp", "paramJac", "jvp"] };

/** The product by each kind of derivative. */
const bodies: Readonly<Record<Kind, (code: ProblemCode, derivatives: Derivatives, input: Input) => HostVjp>> = {
  vjp(code, { vjp }, input) {
    const [uBar, pBar] = [writable(code.layout.u, "uBar"), writable(code.layout.p, "pBar")];
    const v = readable(code.layout.u, "v");
    const out = input === "u" ? uBar : pBar;
    return at(code, (into, u, p, t, cotangent) => {
      vjp!(uBar.shown as never, pBar.shown as never, v(cotangent) as never, u, p, t, code.constants);
      into.set(out.data);
    });
  },
  jac: (code, { jac }) => byMatrix(code, "u", jac!),
  paramJac: (code, { paramJac }) => byMatrix(code, "p", paramJac!),
  jvp(code, { jvp }, input) {
    const duDot = writable(code.layout.u, "duDot");
    const directions = { u: new Float64Array(code.layout.u.size), p: new Float64Array(code.layout.p.size) };
    const [uDot, pDot] = [readable(code.layout.u, "uDot"), readable(code.layout.p, "pDot")];
    const direction = directions[input];
    return at(code, (into, u, p, t, v) => {
      direction.fill(0);
      for (let j = 0; j < direction.length; j++) {
        direction[j] = 1;
        jvp!(duDot.shown as never, uDot(directions.u) as never, pDot(directions.p) as never, u, p, t, code.constants);
        direction[j] = 0;
        into[j] = v.reduce((sum, cotangent, i) => sum + cotangent * duDot.data[i], 0);
      }
    });
  },
};

function byMatrix(code: ProblemCode, input: Input, fill: NonNullable<Derivatives["jac"]>): HostVjp {
  const [rows, columns] = [code.layout.u.size, code.layout[input].size];
  const data = new Float64Array(rows * columns);
  const matrix = ndarray(data, [rows, columns]);
  return at(code, (into, u, p, t, v) => {
    fill(matrix, u, p, t, code.constants);
    into.fill(0);
    for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) into[j] += v[i] * data[i * columns + j];
  });
}

/** A product whose body is given u and p in the user's shapes. */
function at(code: ProblemCode, body: (into: Float64Array, u: unknown, p: unknown, t: number, v: Float64Array) => void): HostVjp {
  const [showU, showP] = [readable(code.layout.u, "u"), readable(code.layout.p, "p")];
  return (into, u, p, t, v) => body(into, showU(u), showP(p), t, v);
}
