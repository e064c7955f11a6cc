/** Every scenario on every vjp backend and target: right, or refused where what the backend states about itself says so. */
import { beforeAll, describe, expect, it } from "vitest";
import { vjpBackends } from "../../sensitivity/vjp/index.ts";
import { canTake, inputs, Reference, runCell, targets } from "./harness.ts";
import { groups } from "./scenarios/index.ts";

const scenarios = Object.values(groups).flat();

describe.each(scenarios)("$name", (scenario) => {
  let reference: Reference;
  beforeAll(() => {
    reference = new Reference(scenario);
  });

  it.each(Object.values(vjpBackends))("$name", (backend) => {
    for (const target of targets) {
      for (const input of inputs) {
        const outcome = runCell(backend, scenario, reference, input, target);
        const expected = canTake(backend, scenario, input) ? "right" : "refused";
        expect(outcome, `${target}, with respect to ${input}`).toMatchObject({ kind: expected });
      }
    }
  });
});

it("has names that are told apart, and enough of them", () => {
  const names = scenarios.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(40);
});
