/** Systems written as programs by hand, so that the solvers are tested without the reader. */
import { Builder } from "../../src/ir/builder.ts";
import type { Value } from "../../src/ir/ir.ts";
import { jacobianOf, timeDerivativeOf } from "../../src/derive/jacobian.ts";
import type { System } from "../../solvers/step/system.ts";

interface Arithmetic {
  readonly u: readonly Value[];
  readonly p: readonly Value[];
  readonly t: Value;
  add(...xs: Value[]): Value;
  sub(x: Value, y: Value): Value;
  mul(...xs: (Value | number)[]): Value;
  cos(x: Value): Value;
  sqrt(x: Value): Value;
  number(x: number): Value;
}

/** The system whose derivatives the function builds. */
export function systemOf(name: string, n: number, np: number, derivatives: (a: Arithmetic) => readonly Value[]): System {
  const b = new Builder(name);
  const du = b.arrayParameter("du", n, "output");
  const u = b.arrayParameter("u", n, "input");
  const p = b.arrayParameter("p", np, "input");
  const t = b.scalarParameter("t");
  const value = (x: Value | number): Value => (typeof x === "number" ? b.f64(x) : x);
  const arithmetic: Arithmetic = {
    u: Array.from({ length: n }, (_, i) => b.load(u, b.i32(i))),
    p: Array.from({ length: np }, (_, i) => b.load(p, b.i32(i))),
    t,
    add: (...xs) => xs.reduce((sum, x) => b.operation("add", sum, x)),
    sub: (x, y) => b.operation("sub", x, y),
    mul: (...xs) => xs.map(value).reduce((product, x) => b.operation("mul", product, x)),
    cos: (x) => b.operation("cos", x),
    sqrt: (x) => b.operation("sqrt", x),
    number: (x) => b.f64(x),
  };
  derivatives(arithmetic).forEach((value, i) => b.store(du, b.i32(i), value));
  const rhs = b.finish();
  return {
    n,
    np,
    rhs,
    get jacobian() {
      return jacobianOf(rhs);
    },
    get timeDerivative() {
      return timeDerivativeOf(rhs);
    },
  };
}

/** x' = a x − b x y, y' = x y − c y */
export const lotkaVolterra = systemOf("lotka_volterra", 2, 3, ({ u: [x, y], p: [a, b, c], sub, mul }) => [
  sub(mul(a, x), mul(b, x, y)),
  sub(mul(x, y), mul(c, y)),
]);

export const lotkaVolterraEnd = [1.026344767575, 0.909691078136];

/** The problem of Kaps in a time τ = t + sin(t)/2, with y = (exp(−2τ), exp(−τ)): not linear, not autonomous. */
export const kaps = systemOf("kaps", 2, 1, ({ u: [x, y], p: [epsilon], t, add, sub, mul, cos, number }) => {
  const rate = add(number(1), mul(cos(t), 0.5));
  const fast = mul(epsilon, sub(mul(y, y), x));
  return [mul(rate, add(mul(x, -2), fast)), mul(rate, sub(sub(x, y), mul(y, y)))];
});

export function kapsAt(t: number): [number, number] {
  const tau = t + Math.sin(t) / 2;
  return [Math.exp(-2 * tau), Math.exp(-tau)];
}

/** Robertson's chemical reaction. */
export const robertson = systemOf("robertson", 3, 0, ({ u: [y1, y2, y3], add, sub, mul }) => {
  const slow = mul(y1, 0.04);
  const back = mul(y2, y3, 1e4);
  const fast = mul(y2, y2, 3e7);
  return [sub(back, slow), sub(sub(slow, back), fast), add(fast)];
});

/** HIRES of the Bari test set. */
export const hires = systemOf("hires", 8, 0, ({ u: [y1, y2, y3, y4, y5, y6, y7, y8], add, sub, mul, number }) => {
  const reaction = sub(mul(y6, y8, 280), mul(y7, 1.81));
  return [
    add(mul(y1, -1.71), mul(y2, 0.43), mul(y3, 8.32), number(0.0007)),
    add(mul(y1, 1.71), mul(y2, -8.75)),
    add(mul(y3, -10.03), mul(y4, 0.43), mul(y5, 0.035)),
    add(mul(y2, 8.32), mul(y3, 1.71), mul(y4, -1.12)),
    add(mul(y5, -1.745), mul(y6, 0.43), mul(y7, 0.43)),
    add(mul(y6, y8, -280), mul(y4, 0.69), mul(y5, 1.71), mul(y6, -0.43), mul(y7, 0.69)),
    reaction,
    mul(reaction, -1),
  ];
});

export const hiresEnd = [
  0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2, 0.2386356198831331e-2,
  0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
];
