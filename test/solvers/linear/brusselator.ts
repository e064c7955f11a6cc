/** The periodic two-species Brusselator on an N x N grid: a right-hand side and, independently, its Jacobian's pattern. */
import { Builder } from "../../../src/ir/builder.ts";
import type { Program, Value } from "../../../src/ir/ir.ts";
import { fromRows, type SparsityPattern } from "../../../src/analysis/sparsity.ts";

/** State u[i][j][species], row-major. */
export function brusselatorProgram(N: number): Program {
  const b = new Builder("brusselator");
  const size = 2 * N * N;
  const [du, u] = [b.arrayParameter("du", size, "output"), b.arrayParameter("u", size, "input")];
  const at = (i: Value, j: Value, species: number): Value => {
    const cell = b.operation("i32.add", b.operation("i32.mul", i, b.i32(N)), j);
    return b.operation("i32.add", b.operation("i32.mul", cell, b.i32(2)), b.i32(species));
  };
  const next = (i: Value, by: number): Value => b.operation("i32.rem", b.operation("i32.add", i, b.i32(by + N)), b.i32(N));
  b.for(b.i32(0), b.i32(N), 1, [], (i) => {
    b.for(b.i32(0), b.i32(N), 1, [], (j) => {
      const [x, y] = [0, 1].map((species) => b.load(u, at(i, j, species)));
      const reaction = b.operation("mul", b.operation("mul", x, x), y);
      [0, 1].forEach((species) => {
        const neighbours = [
          at(next(i, 1), j, species),
          at(next(i, -1), j, species),
          at(i, next(j, 1), species),
          at(i, next(j, -1), species),
        ];
        const sum = neighbours.map((index) => b.load(u, index)).reduce((a, c) => b.operation("add", a, c));
        const laplacian = b.operation("sub", sum, b.operation("mul", [x, y][species], b.f64(4)));
        const source =
          species === 0
            ? b.operation("sub", reaction, b.operation("mul", x, b.f64(4.4)))
            : b.operation("sub", b.operation("mul", x, b.f64(3.4)), reaction);
        b.store(du, at(i, j, species), b.operation("add", source, b.operation("mul", laplacian, b.f64(10))));
      });
      return [];
    });
    return [];
  });
  return b.finish();
}

export function brusselatorPattern(N: number): SparsityPattern {
  const at = (i: number, j: number, species: number): number => 2 * (((i + N) % N) * N + ((j + N) % N)) + species;
  const rows: Int32Array[] = [];
  for (let i = 0; i < N; i++) {
    for (let j = 0; j < N; j++) {
      for (const s of [0, 1]) {
        const columns = [at(i, j, 0), at(i, j, 1), at(i + 1, j, s), at(i - 1, j, s), at(i, j + 1, s), at(i, j - 1, s)];
        rows.push(Int32Array.from(new Set(columns)).sort());
      }
    }
  }
  return fromRows(rows, rows.length);
}
