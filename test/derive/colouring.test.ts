import { describe, expect, it } from "vitest";
import { colourColumns } from "../../src/derive/colouring.ts";
import { columnOf } from "../../src/analysis/pattern.ts";
import { fromRows, type SparsityPattern } from "../../src/analysis/sparsity.ts";
import { brusselatorPattern } from "../solvers/linear/brusselator.ts";
import { random } from "../solvers/linear/support.ts";

function isValid(pattern: SparsityPattern): boolean {
  const { colors, count } = colourColumns(pattern);
  const seen = new Set<number>();
  for (let column = 0; column < pattern.columns; column++) {
    if (colors[column] < 0 || colors[column] >= count) return false;
    for (const row of columnOf(pattern, column)) {
      const key = row * count + colors[column];
      if (seen.has(key)) return false;
      seen.add(key);
    }
  }
  return true;
}

const band = (n: number, width: number): SparsityPattern =>
  fromRows(
    Array.from({ length: n }, (_, i) =>
      Int32Array.from({ length: 2 * width + 1 }, (_, k) => i - width + k).filter((j) => j >= 0 && j < n),
    ),
    n,
  );

describe("colourColumns", () => {
  it("needs one colour for a diagonal, three for a tridiagonal, 2 w + 1 for a band", () => {
    expect(colourColumns(band(50, 0)).count).toBe(1);
    expect(colourColumns(band(50, 1)).count).toBe(3);
    expect(colourColumns(band(50, 4)).count).toBe(9);
  });

  it("needs n for a full matrix, and for one full row", () => {
    expect(colourColumns(band(7, 6)).count).toBe(7);
    expect(colourColumns(fromRows([Int32Array.of(0, 1, 2, 3), Int32Array.of(0)], 4)).count).toBe(4);
  });

  it("never gives two columns of a row one colour", () => {
    const next = random(11);
    const rows = Array.from({ length: 200 }, () =>
      Int32Array.from(new Set(Array.from({ length: 4 }, () => Math.floor(next() * 150)))),
    );
    for (const pattern of [fromRows(rows, 150), brusselatorPattern(9), band(30, 2)]) expect(isValid(pattern)).toBe(true);
  });

  it("compresses the Brusselator of 32 x 32 to a handful", () => {
    expect(colourColumns(brusselatorPattern(32)).count).toBeLessThanOrEqual(8);
  });
});
