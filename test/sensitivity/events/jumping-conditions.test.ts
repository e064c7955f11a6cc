/** Events whose condition jumps over zero: their times move, where the condition says how. */
import { expect, it } from "vitest";
import { gradient, GrazingEvent, odeProblem, tsit5 } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const [end, turn] = [4, 0.7];
const counting = (when: (u: number[]) => number, direction: "down" | "up") =>
  odeProblem({
    rhs: (u: number[], p: { turn: number }) => [p.turn, -u[1]],
    u0: [0, 0],
    p: { turn },
    tspan: [0, end],
    events: {
      when,
      direction,
      apply(u: number[]) {
        u[1] += 1;
      },
    },
  });
const options = { loss: { final: (u: number[]) => u[1] }, solver: tsit5(), rtol: 1e-8, atol: 1e-8 };

it.each(Object.keys(adjointMethods))("a phase that is wrapped, by %s", (adjoint) => {
  const wraps = [1, 2];
  const value = wraps.reduce((sum, k) => sum + Math.exp(k / turn - end), 0);
  const slope = wraps.reduce((sum, k) => sum - (Math.exp(k / turn - end) * k) / turn ** 2, 0);
  const wrapping = counting((u) => (u[0] % 1) - 0.5, "down");
  const found = gradient(wrapping, { ...options, adjoint });
  expect(found.value).toBeCloseTo(value, 7);
  expect(found.gradient.p!.turn).toBeCloseTo(slope, 7);
});

it("one that is 1 or -1 says nothing of how its time moves", () =>
  expect(() =>
    gradient(
      counting((u) => (u[0] > 1 ? 1 : -1), "up"),
      options,
    ),
  ).toThrow(GrazingEvent));
