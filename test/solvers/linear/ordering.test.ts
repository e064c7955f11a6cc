import { describe, expect, it } from "vitest";
import { minimumDegree } from "../../../solvers/linear/ordering.ts";
import { adjacencyOf, neighboursOf } from "../../../src/analysis/pattern.ts";
import { planElimination } from "../../../solvers/linear/supernodes.ts";
import { fromRows, type SparsityPattern } from "../../../src/analysis/sparsity.ts";
import { brusselatorPattern } from "./brusselator.ts";

/** Entries of L below its diagonal, by playing the elimination on sets. */
function fill(pattern: SparsityPattern, order: Int32Array): number {
  const position = new Map([...order].map((column, k) => [column, k]));
  const later = Array.from(
    order,
    (column, k) => new Set([...neighboursOf(adjacencyOf(pattern), column)].map((j) => position.get(j)!).filter((j) => j > k)),
  );
  let count = 0;
  for (const rows of later) {
    count += rows.size;
    const parent = Math.min(...rows);
    for (const row of rows) if (row !== parent) later[parent].add(row);
  }
  return count;
}

const symmetric = (n: number, edges: [number, number][]): SparsityPattern =>
  fromRows(
    Array.from({ length: n }, (_, i) => Int32Array.from(edges.flatMap(([a, b]) => (a === i ? [b] : b === i ? [a] : []))).sort()),
    n,
  );

describe("minimumDegree", () => {
  it("is a permutation", () => {
    const order = minimumDegree(brusselatorPattern(6));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 72 }, (_, i) => i));
  });

  it("makes no fill on trees", () => {
    const star: [number, number][] = Array.from({ length: 9 }, (_, i) => [0, i + 1]);
    const path: [number, number][] = Array.from({ length: 9 }, (_, i) => [i, i + 1]);
    const tree: [number, number][] = Array.from({ length: 9 }, (_, i) => [i >> 1, i + 1]);
    for (const edges of [star, path, tree]) {
      const pattern = symmetric(10, edges);
      expect(fill(pattern, minimumDegree(pattern))).toBe(9);
    }
  });

  it("makes the one fill a cycle of four needs", () => {
    const pattern = symmetric(4, [
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 0],
    ]);
    expect(fill(pattern, minimumDegree(pattern))).toBe(5);
  });

  it("takes empty and full patterns", () => {
    expect(minimumDegree(symmetric(3, [])).length).toBe(3);
    expect(
      minimumDegree(
        fromRows(
          Array.from({ length: 4 }, () => Int32Array.of(0, 1, 2, 3)),
          4,
        ),
      ).length,
    ).toBe(4);
  });

  it("comes near the fill of AMD as KLU uses it on the Brusselator of 16 x 16", () => {
    const pattern = brusselatorPattern(16);
    expect(fill(pattern, minimumDegree(pattern))).toBeLessThan(1.1 * 10_384);
  });
});

describe("planElimination", () => {
  it("covers every column once, children before parents, rows after pivots", () => {
    const { order, supernodes } = planElimination(brusselatorPattern(8));
    expect(new Set(order).size).toBe(128);
    let next = 0;
    supernodes.forEach((s, i) => {
      expect(s.first).toBe(next);
      next += s.width;
      for (const row of s.rows) expect(row).toBeGreaterThanOrEqual(next);
      if (s.rows.length) expect(supernodes[s.parent].first + supernodes[s.parent].width).toBeGreaterThan(s.rows[0]);
      expect(s.rows.length ? s.parent > i : s.parent === -1).toBe(true);
    });
    expect(next).toBe(128);
  });

  it("takes a full matrix in one front", () => {
    const { supernodes } = planElimination(
      fromRows(
        Array.from({ length: 6 }, () => Int32Array.of(0, 1, 2, 3, 4, 5)),
        6,
      ),
    );
    expect(supernodes.map((s) => s.width)).toEqual([6]);
  });

  it("survives long chains", () => {
    const n = 30_000;
    const rows = Array.from({ length: n }, (_, i) => Int32Array.of(i - 1, i, i + 1).filter((j) => j >= 0 && j < n));
    expect(planElimination(fromRows(rows, n)).order.length).toBe(n);
  });
});
