import { describe, expect, test } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { compile } from "../../src/compile/compile.ts";
import { Builder } from "../../src/ir/builder.ts";
import { isProgram, type Program } from "../../src/ir/ir.ts";
import { jacobianOf, timeDerivativeOf } from "../../src/derive/jacobian.ts";
import type { System } from "../../solvers/step/system.ts";
import { hires, kaps, robertson } from "../solvers/systems.ts";

/** Dense columns of ∂f/∂u, and ∂f/∂t, at a point. */
function derivatives(rhs: Program, n: number, u: readonly number[], p: readonly number[], t: number) {
  const { pattern, values } = jacobianOf(rhs);
  const time = timeDerivativeOf(rhs);
  const arena = new Arena();
  const at = {
    u: arena.reserve(n),
    p: arena.reserve(p.length),
    values: arena.reserve(pattern.rowIndices.length),
    ft: arena.reserve(n),
  };
  const code = compile<string>({ values, ...(time && { time }) }, arena, "wasm").link();
  arena.f64(at.u, n).set(u);
  arena.f64(at.p, p.length).set(p);
  code.values(at.values, at.u, at.p, t);
  code.time?.(at.ft, at.u, at.p, t);
  const columns = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const entries = arena.f64(at.values, pattern.rowIndices.length);
  for (let c = 0; c < n; c++) {
    for (let e = pattern.columnPointers[c]; e < pattern.columnPointers[c + 1]; e++)
      columns[c][pattern.rowIndices[e]] = entries[e];
  }
  return { columns, ft: time && [...arena.f64(at.ft, n)], nonzeros: pattern.rowIndices.length };
}

function program({ rhs }: System): Program {
  if (!isProgram(rhs)) throw new Error("not a program");
  return rhs;
}

describe("by hand", () => {
  test("Robertson", () => {
    const { columns, ft, nonzeros } = derivatives(program(robertson), 3, [0.7, 1e-5, 0.3], [], 0);
    const [y2, y3] = [1e-5, 0.3];
    const exact = [
      [-0.04, 0.04, 0],
      [1e4 * y3, -1e4 * y3 - 6e7 * y2, 6e7 * y2],
      [1e4 * y2, -1e4 * y2, 0],
    ];
    columns.flat().forEach((value, i) => expect(value).toBeCloseTo(exact.flat()[i], 10));
    expect(nonzeros).toBe(7);
    expect(ft).toBeUndefined();
  });

  test("the derivative with respect to time", () => {
    const [x, y, epsilon, t] = [0.4, 0.6, 2, 0.5];
    const { columns, ft } = derivatives(program(kaps), 2, [x, y], [epsilon], t);
    const rate = 1 + Math.cos(t) / 2;
    const slope = -Math.sin(t) / 2;
    expect(columns[0][0]).toBeCloseTo(rate * (-2 - epsilon), 12);
    expect(columns[1][0]).toBeCloseTo(rate * 2 * epsilon * y, 12);
    expect(columns[0][1]).toBeCloseTo(rate, 12);
    expect(columns[1][1]).toBeCloseTo(rate * (-1 - 2 * y), 12);
    expect(ft![0]).toBeCloseTo(slope * (-2 * x + epsilon * (y * y - x)), 12);
    expect(ft![1]).toBeCloseTo(slope * (x - y - y * y), 12);
  });

  test("only what HIRES couples", () => {
    const { columns, nonzeros } = derivatives(program(hires), 8, [1, 2, 3, 4, 5, 6, 7, 8], [], 0);
    expect(nonzeros).toBeLessThan(40);
    expect(columns[5][5]).toBeCloseTo(-280 * 8 - 0.43, 9);
    expect(columns[7][6]).toBeCloseTo(280 * 6, 9);
    expect(columns[2][0]).toBe(8.32);
  });
});

/** uᵢ' = uᵢ₋₁ − 2 uᵢ + uᵢ₊₁ + uᵢ² on a ring, and a term that is switched on in time. */
function ring(n: number): Program {
  const b = new Builder("ring");
  const du = b.arrayParameter("du", n, "output");
  const u = b.arrayParameter("u", n, "input");
  b.arrayParameter("p", 0, "input");
  const t = b.scalarParameter("t");
  const on = b.operation("select", b.operation("ge", t, b.f64(1)), b.f64(5), b.f64(0));
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    const neighbour = (d: number) => b.load(u, b.operation("i32.rem", b.operation("i32.add", i, b.i32(n + d)), b.i32(n)));
    const x = b.load(u, i);
    const around = b.operation("add", neighbour(-1), neighbour(1));
    const local = b.operation("sub", b.operation("mul", x, x), b.operation("mul", x, b.f64(2)));
    b.store(du, i, b.operation("add", b.operation("add", around, local), on));
    return [];
  });
  return b.finish();
}

test("one that would take more memory than there is, along as many directions as a full row has entries, is refused", () => {
  const n = 12_000;
  const b = new Builder("chain");
  const [du, u] = [b.arrayParameter("du", n, "output"), b.arrayParameter("u", n, "input")];
  const [product] = b.for(b.i32(0), b.i32(n), 1, [b.f64(1)], (i, [so]) => {
    b.store(du, i, b.load(u, i));
    return [b.operation("sin", b.operation("mul", so, b.load(u, i)))];
  });
  b.store(du, b.i32(0), product);
  expect(() => jacobianOf(b.finish()).values).toThrow(
    /The Jacobian of chain, 12000 rows by 12000 columns, along 12000 directions/,
  );
});

test("coloured columns of a loop", () => {
  const n = 101;
  const u = Array.from({ length: n }, (_, i) => Math.sin(i));
  const { columns, ft, nonzeros } = derivatives(ring(n), n, u, [], 0);
  expect(nonzeros).toBe(3 * n);
  expect(ft).toBeUndefined();
  columns.forEach((column, c) => {
    column.forEach((value, r) => {
      const distance = Math.min((r - c + n) % n, (c - r + n) % n);
      expect(value).toBeCloseTo(distance === 0 ? 2 * u[c] - 2 : distance === 1 ? 1 : 0, 12);
    });
  });
});
