import { expect, it } from "vitest";
import { barsTable } from "../../bench/vjp.ts";
import { vjpWorks } from "../../bench/vjp/works.ts";
import { brusselator } from "../../problems/brusselator.ts";
import { spiralNeuralODE } from "../../problems/spiral-neural-ode.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";

it("has a work for each backend that can, and a reason for each that cannot", () => {
  const network = vjpWorks(spiralNeuralODE().problem as OdeProblem, 0);
  expect(Object.keys(network.works).sort()).toEqual(
    ["rhs", "plain", "jacobian", "source", "tape", "compiledTape", "dual", "closure", "finite"].sort(),
  );
  const loops = vjpWorks(brusselator({ n: 3 }).problem as OdeProblem, 2);
  expect(Object.keys(loops.works)).not.toContain("closure");
  expect(loops.refused.map((line) => line.split(" ")[0])).toEqual(["closure", "user"]);
  for (const work of Object.values(loops.works)) expect(work).not.toThrow();
});

it("holds ratios of one run against the bars", () => {
  const seconds = { rhs: 1, plain: 2, jacobian: 9, source: 2.4, tape: 121, compiledTape: 7.2, dual: 5, finite: 50 };
  const names = ["Brusselator, loops", "Brusselator, arrays", "pollution", "spiral network"];
  const { rows } = barsTable(new Map(names.map((name) => [name, seconds])));
  expect(rows.map(({ what, verdict }) => [what, verdict])).toEqual([
    ...names.map(() => ["source / rhs", "met"]),
    ["compiledTape / source", "met"],
    ["tape / plain JS rhs", "missed"],
    ["sparse Jacobian / rhs", "missed"],
  ]);
});
