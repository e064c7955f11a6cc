/** What was read of a loss is held against its functions where it is used. */
import { describe, expect, it } from "vitest";
import { gradient, MisreadFunction, odeProblem, type Loss, type OdeProblem } from "../../../index.ts";
import { withLoss, type LossPrograms } from "../../../sensitivity/losses/loss.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";
import type { GradientTask } from "../../../sensitivity/task/task.ts";
import { taskOf } from "../../../sensitivity/task/options.ts";
import { source } from "../../../sensitivity/vjp/backends/source.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { markMisread } from "../../../src/read/misreading.ts";

const problem = odeProblem({
  rhs: (du, u, p) => {
    du[0] = -p[0] * u[0];
  },
  u0: [1],
  p: [1],
  tspan: [0, 1],
}) as unknown as OdeProblem;
const at = Array.from({ length: 11 }, (_, i) => i / 10);

type Part = Loss<number[], number[]>;
const read = (loss: Part): LossPrograms => withLoss(loss as Loss, problem, (programs) => programs);

let made = 0;

/** The functions of one loss with the programs of another. What is found out of one is not known of another. */
function misread(right: Part, wrong: Part): GradientTask {
  const loss = { ...read({ ...wrong, constants: made++ }), plain: read(right).plain };
  return { ...taskOf(problem, { wrt: ["p", "u0"] } as never, loss), backend: source };
}

const methods = Object.entries(adjointMethods);

describe.each(methods)("by %s, a loss that was misread is found", (_, method) => {
  const run = (task: GradientTask): unknown => method.gradient(task);

  it("at one of its times", () => {
    const task = misread(
      { at, of: (u, _p, t) => (t === 0.7 ? u[0] : u[0] ** 2) },
      { at, of: (u, _p, t) => (t === 0.7 ? 2 * u[0] : u[0] ** 2) },
    );
    expect(() => run(task)).toThrow(/^loss\.of.*its compiled form would give .* where the function gives/);
  });

  it("at the end", () => {
    const task = misread({ final: (u) => (u[0] < 0.4 ? u[0] : 1) }, { final: (u) => (u[0] < 0.4 ? 3 * u[0] : 1) });
    expect(() => run(task)).toThrow(/^loss\.final/);
  });

  it("under an integral", () => {
    const task = misread({ integral: (u, _p, t) => (t > 0.6 ? u[0] : 1) }, { integral: (u, _p, t) => (t > 0.6 ? 2 * u[0] : 1) });
    expect(() => run(task)).toThrow(/^loss\.integral/);
  });

  it("in a later gradient, where it goes another way", () => {
    const task = misread({ at, of: (u, p) => (p[0] > 2 ? u[0] : 1) }, { at, of: (u, p) => (p[0] > 2 ? 4 * u[0] : 1) });
    expect(() => run(task)).not.toThrow();
    expect(() => run({ ...task, p: Float64Array.of(3) })).toThrow(MisreadFunction);
  });

  it("in a later gradient, where a loop goes another way", () => {
    const right: Part["of"] = (u, p) => {
      let sum = 0;
      for (let k = 0; k < 100; k++) sum += k * p[0] > 150 ? 1 : u[0];
      return sum;
    };
    const wrong: Part["of"] = (u, p) => {
      let sum = 0;
      for (let k = 0; k < 100; k++) sum += k * p[0] > 150 ? 4 : u[0];
      return sum;
    };
    const task = misread({ at, of: right }, { at, of: wrong });
    // Until values are compared that seldom.
    for (let k = 0; k < 3; k++) expect(() => run(task)).not.toThrow();
    expect(() => run({ ...task, p: Float64Array.of(3) })).toThrow(MisreadFunction);
  });

  it("at the times of a later gradient, where the time decides", () => {
    const constants = made++;
    const until = (last: number): GradientTask => {
      const times = at.slice(0, last);
      const right = { at: times, of: ((u, _p, t) => (t === 0.7 ? u[0] : 1)) as Part["of"] };
      const wrong = { at: times, of: ((u, _p, t) => (t === 0.7 ? 2 * u[0] : 1)) as Part["of"], constants };
      const loss = { ...read(wrong), plain: read(right).plain };
      return { ...taskOf(problem, {} as never, loss), backend: source };
    };
    const early = until(7);
    for (let k = 0; k < 5; k++) expect(() => run(early)).not.toThrow();
    expect(() => run(until(11))).toThrow(MisreadFunction);
  });
});

describe("the gradient of a loss", () => {
  it("is held against differences of the function, and forward mode decides", () => {
    const loss = read({ final: (u) => Math.sin(u[0]) });
    const other = read({ final: (u) => Math.cos(u[0]) });
    const task = (gradientOf: LossPrograms): GradientTask => ({
      ...taskOf(problem, {} as never, {
        ...loss,
        final: { ...loss.final!, gradient: reverse(gradientOf.final!.value, { wrt: ["u", "p"] }) },
      }),
      backend: source,
    });
    expect(() => adjointMethods.gauss.gradient(task(other))).toThrow(
      /its derivative backwards would give .* where that forwards is/,
    );
  });

  it("is left alone at a kink", () => {
    const kink = read({ final: (u) => Math.abs(u[0] - 1) });
    const task = { ...taskOf({ ...problem, tspan: [0, 1e-9] } as OdeProblem, {} as never, kink), backend: source };
    expect(() => adjointMethods.gauss.gradient(task)).not.toThrow();
  });
});

it("what was found out is not used again, also by a loss that is known", () => {
  const own = { final: (u: number[]) => u[0] * 3 };
  const compute = () => gradient(problem as OdeProblem<number[], number[]>, { loss: own });
  expect(compute().warnings).toEqual([]);
  const { value } = read(own).final!;
  markMisread(value, { name: "loss.final" }, "it was found out");
  const again = compute();
  expect(again.warnings[0]).toBe("It runs by itself, not compiled: loss.final: it was found out.");
  expect(again.value).toBeCloseTo(3 * Math.exp(-1), 5);
});

it.each([
  ["an array", (u: number[]) => [u[0]]],
  ["an object", (u: number[]) => ({ value: u[0] })],
  ["a string", (u: number[]) => String(u[0])],
])("a loss that gives %s is told what to give", (kind, final) => {
  const told = new RegExp(`loss.final: the function gives ${kind}.*number is needed`);
  expect(() => gradient(problem, { loss: { final } as unknown as Loss })).toThrow(told);
});
