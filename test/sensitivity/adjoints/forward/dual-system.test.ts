/** The Jacobian of a system with its tangents has the blocks that its linear solver takes for granted. */
import { describe, expect, it } from "vitest";
import { odeProblem, type Loss, type OdeProblem } from "../../../../index.ts";
import { pollution } from "../../../../problems/index.ts";
import { dualBlocks, dualRhs } from "../../../../sensitivity/adjoints/forward/dual-system.ts";
import { withLoss } from "../../../../sensitivity/losses/loss.ts";
import { Arena } from "../../../../src/compile/arena.ts";
import { compile } from "../../../../src/compile/compile.ts";
import { jacobianOf } from "../../../../src/derive/jacobian.ts";
import { random } from "../../../solvers/linear/support.ts";

const pendulum = odeProblem({
  rhs(du, u, { mu, a }, t) {
    du[0] = u[1] * u[2];
    du[1] = u[0] > 0 ? mu * Math.sin(u[0]) : -a * u[0] * u[1];
    du[2] = Math.cos(t) - u[2] ** 3;
  },
  u0: [1, 0.5, 0.2],
  tspan: [0, 1],
  p: { mu: 3, a: 2 },
});

/** By rows, at a random state. */
function denseJacobian(problem: OdeProblem, loss: Loss, k: number): { matrix: number[][]; blocks: readonly Int32Array[] } {
  const { code } = problem;
  const sizes = { n: code.layout.u.size, np: code.layout.p.size, k };
  const { integral } = withLoss(loss, problem, (programs) => programs);
  const { pattern, values } = jacobianOf(dualRhs(code.rhsProgram(), integral, sizes));
  const arena = new Arena();
  const unit = compile({ values }, arena, "wasm");
  const counts = [pattern.rowIndices.length, pattern.columns, sizes.np * (1 + k)];
  const [out, u, p] = counts.map((count) => arena.reserve(count));
  const linked = unit.link();
  const next = random(5);
  arena.f64(u, counts[1]).forEach((_, i, all) => (all[i] = next() + 0.1));
  arena.f64(p, counts[2]).forEach((_, i, all) => (all[i] = next() + 0.1));
  linked.values(out, u, p, 0.3);
  const entries = arena.f64(out, counts[0]);
  const matrix = Array.from({ length: pattern.rows }, () => new Array<number>(pattern.columns).fill(0));
  for (let c = 0; c < pattern.columns; c++)
    for (let e = pattern.columnPointers[c]; e < pattern.columnPointers[c + 1]; e++) matrix[pattern.rowIndices[e]][c] = entries[e];
  return { matrix, blocks: dualBlocks(sizes, integral) };
}

describe("the Jacobian of a system with its tangents", () => {
  it.each<[string, OdeProblem, Loss]>([
    ["without an integral", pendulum as OdeProblem, { final: (u) => (u as number[])[0] }],
    [
      "with an integral",
      pendulum as OdeProblem,
      { integral: (u, p) => (p as { mu: number }).mu * (u as number[])[0] ** 2 * (u as number[])[1] },
    ],
    ["of pollution", pollution().problem as unknown as OdeProblem, { final: (u) => (u as number[])[0] }],
  ])("is block lower triangular with equal diagonal blocks, %s", (_, problem, loss) => {
    const { matrix, blocks } = denseJacobian(problem, loss, 3);
    expect(new Set(blocks.flatMap((members) => [...members])).size).toBe(matrix.length);
    const blockAt = (r: number, c: number): number[][] =>
      Array.from(blocks[r], (row) => Array.from(blocks[c], (column) => matrix[row][column]));
    expect(
      blockAt(0, 0)
        .flat()
        .some((x) => x !== 0),
    ).toBe(true);
    blocks.forEach((_members, r) => {
      blockAt(r, r).forEach((row, i) => row.forEach((x, j) => expect(x).toBeCloseTo(blockAt(0, 0)[i][j], 12)));
      for (let c = r + 1; c < blocks.length; c++)
        expect(
          blockAt(r, c)
            .flat()
            .every((x) => x === 0),
        ).toBe(true);
    });
  });
});
