/** Of one observation each, of variance τ² + σ², a likelihood is flat along that; of two, or where τ² counts by t², it is not. */
import { describe, expect, it } from "vitest";
import { fitMany, observations } from "../../../training/index.ts";
import { odeProblem } from "../../../index.ts";

const model = odeProblem({ rhs: (_u, p) => ({ x: p.b }), u0: { x: 0 }, tspan: [0, 5], p: { b: 1 } });
const together = expect.stringContaining("do not tell the spread of b and sigma of x apart");
const found = (times: readonly number[][], spread?: number) =>
  fitMany(
    model,
    times.map((t, i) => observations({ t, values: { x: t.map((at, k) => (1 + i) * at + 0.3 * (-1) ** (k + i)) } })),
    { individual: { b: spread === undefined ? true : { spread } } },
  );

describe("a spread and a deviation", () => {
  it("of one observation each are not told apart", async () => {
    expect((await found([[1], [1], [1], [1]])).warnings).toContainEqual(together);
  });

  it("are where one individual has two, times differ, or the spread is given", async () => {
    for (const one of [
      await found([[1, 2], [1], [1], [1]]),
      await found([[1], [2], [3], [4]]),
      await found([[1], [1], [1]], 0.3),
    ]) {
      expect(one.warnings).not.toContainEqual(together);
    }
  });
});
