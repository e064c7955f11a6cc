/** Decisions that are made of what other decisions give, at random: solved as they are found, and with very short steps over them. */
import { describe, expect, it } from "vitest";
import { interpolate, odeProblem, solve, tsit5, EndlessEvents, SlidingMode } from "../../../index.ts";
import { uniforms } from "../../../src/core/random.ts";

const COUNT = Number(process.env.ODEGRAD_RANDOM ?? 30);

const constants = {
  interpolate,
  table: { nodes: [-1, -0.4, 0.1, 0.5, 1.2], values: [0.3, -0.2, 0.5, 1, 0.1] },
  even: { from: -1, to: 1, values: [0.1, 0.4, -0.3, 0.8] },
};

type Expression = (depth: number) => string;

/** A right-hand side's text: two springs, moved by what decides. */
function textOf(seed: number): string {
  const random = uniforms(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  const number = (): string => (2 * random() - 1).toFixed(2);
  const smooth = [
    "u[0]",
    "u[1]",
    "Math.sin(u[0])",
    "(u[0] + u[1])",
    "(u[0] * u[1])",
    "Math.cos(2 * u[1] + t)",
    "(1.3 * u[0] - t)",
  ];
  const forms: readonly ((of: () => string) => string)[] = [
    (of) => `Math.floor(2 * ${of()})`,
    (of) => `(${of()} % 0.7)`,
    (of) => `Math.abs(${of()})`,
    (of) => `Math.max(${number()}, ${of()})`,
    (of) => `Math.min(${of()}, ${of()})`,
    (of) => `(${of()} > ${number()} ? ${of()} : ${of()})`,
    (of) => `(${of()} > ${number()} && ${of()} < ${number()} ? 1 : -0.3)`,
    (of) => `Math.sign(${of()})`,
    (of) => `Math.round(${of()} * 1.7)`,
    (of) => `(${of()} | 0)`,
    (of) => `(${of()} + 0.5 * ${of()})`,
    (of) => `interpolate(table, ${of()})`,
    (of) => `interpolate(even, ${of()})`,
  ];
  const expression: Expression = (depth) => (depth === 0 ? pick(smooth) : pick(forms)(() => expression(depth - 1)));
  const depth = (): number => 1 + Math.floor(3 * random());
  return `(u, p, t, { interpolate, table, even }) => [p[0] * u[1] + 0.3 * Math.tanh(${expression(depth())}), -p[0] * u[0] + 0.2 * Math.tanh(${expression(depth())})]`;
}

function endOf(text: string, options: object): number[] {
  const rhs = new Function(`return ${text}`)() as (u: number[], p: number[], t: number, c: typeof constants) => number[];
  const problem = odeProblem({ name: "nested", rhs: rhs as never, u0: [0.6, 0.3], tspan: [0, 6], p: [1.3], constants });
  return [...solve(problem, { rtol: 1e-9, atol: 1e-10, saveat: [6], ...options }).u[0]];
}

/** What random models have met, one for each way in which decisions can hang on each other. */
const met = [
  "(u, p, t, { interpolate, table }) => [-interpolate(table, u[0]), -interpolate(table, u[1])]",
  "(u, p, t, { interpolate, table }) => [p[0] * u[1] + 0.3 * Math.tanh(interpolate(table, interpolate(table, u[1]))), -p[0] * u[0]]",
  "(u, p, t) => [1 + 0.5 * (Math.floor(u[0]) % 2), 0]",
  "(u, p, t) => [-Math.max(...u) + 0.1, Math.max(...u) - 1]",
];

describe("decisions within decisions", () => {
  it.each([...met, ...Array.from({ length: COUNT }, (_, k) => textOf(7919 * (k + 1)))])("%s", (text) => {
    let found: number[];
    try {
      found = endOf(text, {});
    } catch (error) {
      // Some slide, or chatter: they are refused.
      expect(error instanceof SlidingMode || error instanceof EndlessEvents).toBe(true);
      return;
    }
    const short = endOf(text, { switches: "ignore", solver: tsit5(), maxStep: 2e-3 });
    found.forEach((x, i) => expect(x).toBeCloseTo(short[i], 4));
  });
});
