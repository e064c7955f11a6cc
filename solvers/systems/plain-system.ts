/** A system whose right-hand side is a host function: for functions that cannot be read. Derivatives are finite differences. */
import { viewsOf } from "../../src/compile/views.ts";
import type { Arena } from "../../src/compile/arena.ts";
import type { ArrayDeclaration, External, Parameter } from "../../src/ir/ir.ts";
import { densePattern } from "../../src/analysis/pattern.ts";
import type { System } from "../step/system.ts";

/** Writes the derivative at (u, p, t) to du. */
export type PlainRhs = (du: Float64Array, u: Float64Array, p: Float64Array, t: number) => void;

/** Relative steps of one-sided differences: about the root of the rounding error. */
const STEP = 2 ** -26;

export function plainSystem(plain: PlainRhs, n: number, np: number, arena: Arena, names?: readonly string[]): System {
  const rhs = external("plain", "du", n, n, np, arena, plain);
  const at0 = new Float64Array(n);
  const at1 = new Float64Array(n);
  const shifted = new Float64Array(n);
  const jacobian = external("finite_jacobian", "values", n * n, n, np, arena, (values, u, p, t) => {
    plain(at0, u, p, t);
    shifted.set(u);
    for (let j = 0; j < n; j++) {
      shifted[j] = u[j] + STEP * Math.max(Math.abs(u[j]), STEP);
      plain(at1, shifted, p, t);
      for (let i = 0; i < n; i++) values[j * n + i] = (at1[i] - at0[i]) / (shifted[j] - u[j]);
      shifted[j] = u[j];
    }
  });
  const timeDerivative = external("finite_time_derivative", "ft", n, n, np, arena, (ft, u, p, t) => {
    const later = t + STEP * Math.max(Math.abs(t), 1);
    plain(at0, u, p, t);
    plain(at1, u, p, later);
    for (let i = 0; i < n; i++) ft[i] = (at1[i] - at0[i]) / (later - t);
  });
  return {
    n,
    np,
    names,
    rhs,
    // n² numbers that explicit methods do not ask for.
    get jacobian() {
      return { pattern: densePattern(n), values: jacobian };
    },
    timeDerivative,
  };
}

/** (output result, input u[n], input p[np], scalar t) over views of the arena. */
function external(name: string, result: string, size: number, n: number, np: number, arena: Arena, body: PlainRhs): External {
  const at = viewsOf(arena);
  return {
    name,
    parameters: [array(0, result, size, "output"), array(1, "u", n, "input"), array(2, "p", np, "input"), time],
    call: (into, u, p, t) => body(at(into, size), at(u, n), at(p, np), t),
  };
}

const time: Parameter = { kind: "scalar", name: "t", value: { id: 3, type: "f64", min: 0, max: 0 } };

function array(id: number, name: string, size: number, role: ArrayDeclaration["role"]): Parameter {
  return { kind: "array", array: { id, name, element: "f64", size, role } };
}
