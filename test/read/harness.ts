/** Reads right-hand sides, calls them plainly, and runs them compiled. */
import { layoutOf } from "../../src/arrays/layout.ts";
import { pack } from "../../src/arrays/pack.ts";
import { viewer } from "../../src/arrays/view.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import type { Program } from "../../src/ir/ir.ts";
import { read, returnsValue } from "../../src/read/index.ts";

export type AnyFunction = (...args: never[]) => unknown;

export interface Setting {
  readonly u?: unknown;
  readonly p?: unknown;
  readonly t?: number;
  readonly constants?: Readonly<Record<string, unknown>>;
  readonly targets?: readonly Target[];
  readonly tolerance?: number;
}

const U = [0.7, -1.3, 2.1, 0.4];
const P = [1.5, 0.25, -0.8, 3];

export function readRightHandSide(fn: AnyFunction, { u = U, p = P, constants }: Setting = {}): Program {
  const layouts = { u: layoutOf(u, "u"), p: layoutOf(p, "p") };
  const inputs = [
    { kind: "layout", name: "u", layout: layouts.u, role: "input" },
    { kind: "layout", name: "p", layout: layouts.p, role: "input" },
    { kind: "scalar", name: "t" },
  ] as const;
  if (returnsValue(fn) !== false) {
    return read({ fn, name: "rhs", parameters: inputs, constants, returns: { kind: "layout", name: "du", layout: layouts.u } });
  }
  const du = { kind: "layout", name: "du", layout: layouts.u, role: "output" } as const;
  return read({ fn, name: "rhs", parameters: [du, ...inputs], constants, returns: { kind: "nothing" } });
}

/** What the plain function gives. */
export function callPlainly(fn: AnyFunction, { u = U, p = P, t = 0.3, constants = {} }: Setting = {}): Float64Array {
  const [layout, pLayout] = [layoutOf(u, "u"), layoutOf(p, "p")];
  const du = new Float64Array(layout.size);
  const call = fn as (...args: unknown[]) => unknown;
  const state = viewer(layout, "u")(pack(layout, u, "u"));
  const parameters = viewer(pLayout, "p")(pack(pLayout, p, "p"));
  if (returnsValue(fn) !== false) return pack(layout, call(state, parameters, t, constants), "du");
  call(viewer(layout, "du")(du), state, parameters, t, constants);
  return du;
}

export function run(program: Program, { u = U, p = P, t = 0.3 }: Setting, target: Target): Float64Array {
  const arena = new Arena();
  const [layout, pLayout] = [layoutOf(u, "u"), layoutOf(p, "p")];
  const addresses = [arena.reserve(layout.size), arena.reserve(layout.size), arena.reserve(pLayout.size)];
  const { rhs } = compile({ rhs: program }, arena, target).link();
  const du = arena.f64(addresses[0], layout.size).fill(NaN);
  pack(layout, u, "u", arena.f64(addresses[1], layout.size));
  pack(pLayout, p, "p", arena.f64(addresses[2], pLayout.size));
  // Twice: nothing may be left over from a call.
  rhs(addresses[0], addresses[1], addresses[2], t);
  rhs(addresses[0], addresses[1], addresses[2], t);
  return du;
}
