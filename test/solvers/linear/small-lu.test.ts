import { expect, test } from "vitest";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { smallLU } from "../../../solvers/linear/small-lu.ts";

/** solve(input A (row-major), inout x) -> 1 where A is regular */
function solver(n: number, target: "javascript" | "wasm") {
  const b = new Builder("small");
  const a = b.arrayParameter("A", n * n, "input");
  const x = b.arrayParameter("x", n, "inout");
  const at = (i: number) => b.i32(i);
  const matrix = Array.from({ length: n }, (_, r) => Array.from({ length: n }, (_, c) => b.load(a, at(r * n + c))));
  const { regular, solve } = smallLU(b, matrix);
  solve(matrix.map((_, i) => b.load(x, at(i)))).forEach((value, i) => b.store(x, at(i), value));
  const arena = new Arena();
  const [addressA, addressX] = [arena.reserve(n * n), arena.reserve(n)];
  const { small } = compile({ small: b.finish(b.toF64(regular)) }, arena, target).link();
  return (rows: readonly (readonly number[])[], rhs: readonly number[]) => {
    arena.f64(addressA, n * n).set(rows.flat());
    arena.f64(addressX, n).set(rhs);
    return { regular: small(addressA, addressX), x: [...arena.f64(addressX, n)] };
  };
}

test.each(["javascript", "wasm"] as const)("systems that need exchanges of rows, %s", (target) => {
  const solve3 = solver(3, target);
  const systems = [
    [
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ],
    [
      [1e-20, 1, 2],
      [1, 1, 1],
      [3, 2, -1],
    ],
    [
      [2, -1, 0.5],
      [4, 1, 1],
      [-8, 3, 7],
    ],
  ];
  for (const rows of systems) {
    const exact = [1, -2, 3];
    const rhs = rows.map((row) => row.reduce((sum, a, i) => sum + a * exact[i], 0));
    const { regular, x } = solve3(rows, rhs);
    expect(regular).toBe(1);
    x.forEach((value, i) => expect(value).toBeCloseTo(exact[i], 12));
  }
});

test("matrices without an inverse are found", () => {
  const solve2 = solver(2, "javascript");
  expect(
    solve2(
      [
        [1, 2],
        [2, 4],
      ],
      [1, 1],
    ).regular,
  ).toBe(0);
  expect(
    solve2(
      [
        [NaN, 2],
        [2, 4],
      ],
      [1, 1],
    ).regular,
  ).toBe(0);
  expect(
    solve2(
      [
        [1, 2],
        [2, -Infinity],
      ],
      [1, 1],
    ).regular,
  ).toBe(0);
  expect(
    solve2(
      [
        [0, 2],
        [2, 4],
      ],
      [1, 1],
    ).regular,
  ).toBe(1);
});
