/** Names and texts of the user's never run, in whatever code is generated and wherever they stand; they come back as they were. */
import { afterEach, describe, expect, it } from "vitest";
import { differentiable, gradient, mul, odeProblem, OdegradError, solve, sum } from "../../index.ts";
import { barsFigure } from "../../plot/bars.ts";
import { kernelOf } from "../../src/devices/kernel.ts";
import { emitWgsl } from "../../src/compile/wgsl/emit.ts";
import { backendsThat } from "../tables.ts";

const runs: string[] = [];
(globalThis as Record<string, unknown>).hostile = (where: string) => runs.push(where);
afterEach(() => expect(runs.splice(0)).toEqual([]));

const separators = [
  "\n",
  "\r",
  "\r\n",
  "\u2028",
  "\u2029",
  "*/",
  "//",
  "/*",
  "`",
  "${",
  "}",
  "'",
  '"',
  "\\",
  "\0",
  "]",
  ")",
  ";",
  "-->",
  "<!--",
];
const plain = [
  "__tape",
  "__old",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "then",
  "length",
  "get",
  "set",
  "data",
];
const reserved = [
  "arguments",
  "await",
  "eval",
  "this",
  "default",
  "du",
  "u",
  "p",
  "t",
  "F",
  "I",
  "bases",
  "callees",
  "",
  "0",
  "-1",
  "NaN",
];
const names = [
  ...separators.flatMap((s) => [s, `a${s}hostile(1)${s}//`]),
  '";hostile(1);"',
  "`${hostile(1)}`",
  ...plain,
  ...reserved,
];

/** Text of a key in code. */
const quoted = (name: string): string => JSON.stringify(name);

/** du = -u p c[i] s, where the names of all are the same; i depends on the time, so that the table stays one. */
function decay(name: string) {
  const make = new Function(
    `return { ${quoted(name)}: (du, u, p, t, c) => { const k = ${quoted(name)}; du[k] = -u[k] * p[k] * c.tables[k][t < 3 ? 0 : 1] * c[k]; } };`,
  ) as () => Record<string, (du: Record<string, number>, u: Record<string, number>, p: Record<string, number>) => void>;
  return odeProblem({
    name,
    rhs: make()[name],
    u0: { [name]: 1 },
    p: { [name]: 0.5 },
    tspan: [0, 1],
    constants: { tables: { [name]: [2, 3] }, [name]: 1 },
  });
}

const final = (name: string) => new Function(`return (u, p, c) => u[${quoted(name)}] * c[${quoted(name)}]`)() as () => number;

it.each(["javascript", "wasm"] as const)("solves with everything named so, by %s", (target) => {
  for (const name of names)
    expect(solve(decay(name), { target, saveat: [0, 1] }).u[1][name], JSON.stringify(name)).toBeCloseTo(Math.exp(-1), 5);
});

// The plan looks at every backend; JavaScript is the target whose text the engine parses.
it.each(backendsThat(({ scalars }) => scalars))("differentiates with everything named so, by %s", (vjp) => {
  for (const name of names) {
    const loss = { final: final(name), constants: { [name]: 1 } };
    const { gradient: by } = gradient(decay(name), { target: "javascript", vjp, loss });
    expect((by.p as Record<string, number>)[name], JSON.stringify(name)).toBeCloseTo(-2 * Math.exp(-1), 4);
  }
});

it.each(names)("tracks arrays named %j", (name) => {
  const make = new Function(
    `return (u, p, t, c) => ({ ${quoted(name)}: c.mul(c.mul(u[${quoted(name)}], p[${quoted(name)}]), -1) })`,
  );
  const problem = odeProblem({
    rhs: make() as (u: Record<string, number[]>) => Record<string, number[]>,
    u0: { [name]: [1, 2] },
    p: { [name]: [1, 1] },
    tspan: [0, 1],
    constants: { mul },
  });
  const of = new Function(`return (u, p, c) => c.sum(u[${quoted(name)}])`)() as () => number;
  const { gradient: by } = gradient(problem, { vjp: "closure", loss: { final: of, constants: { sum } } });
  expect((by.p as Record<string, number[]>)[name][0]).toBeCloseTo(-Math.exp(-1), 4);
});

it.each(names)("writes the same shader with everything named %j", (name) => {
  const shader = (named: string) => emitWgsl(kernelOf(decay(named).code.rhsProgram(), []).program, new Set()).source;
  expect(shader(name)).toBe(shader("x"));
});

it.each(names)("calls a function of its own derivative, named %j", (name) => {
  const { [name]: square } = { [name]: differentiable((x: number) => x * x, { vjp: (v: number, x: number) => 2 * x * v }) };
  Object.defineProperty(square, "name", { value: name });
  const problem = odeProblem({
    rhs: (u: number, p: number[], _t: number, { square }: { square: (x: number) => number }) => -p[0] * square(u),
    u0: 1,
    p: [1],
    tspan: [0, 1],
    constants: { square },
  });
  const { gradient: by } = gradient(problem, { target: "javascript", loss: { final: (u) => u } });
  expect(by.p![0]).toBeCloseTo(-1 / 4, 4);
});

it.each(names)("says of which name an error is, where it is %j", (name) => {
  const refused = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      expect(error).toBeInstanceOf(OdegradError);
      return (error as Error).message;
    }
    throw new Error("nothing was thrown");
  };
  const problem = decay(name);
  expect(refused(() => solve(problem, { u0: { [name]: NaN } }))).toContain(name);
  expect(refused(() => solve(problem, { p: {} as never }))).toContain(name);
  if (name !== "u0" && name !== "p") expect(refused(() => solve(problem, { [`_${name}`]: 1 } as never))).toContain(`_${name}`);
});

it("refuses components that JavaScript takes for the prototype, and leaves prototypes alone", () => {
  const hostile = JSON.parse('{"__proto__": {"polluted": 1}, "x": 1}') as { x: number };
  const rhs = (u: { x: number }) => ({ x: -u.x });
  expect(() => odeProblem({ rhs, u0: hostile, tspan: [0, 1] })).toThrow(/__proto__/);
  expect(() => odeProblem({ rhs, u0: { x: 1 }, p: hostile, tspan: [0, 1] })).toThrow(/__proto__/);
  const problem = odeProblem({ rhs, u0: { x: 1 }, tspan: [0, 1], constants: hostile });
  expect(() => solve(problem, { u0: hostile })).toThrow(/__proto__/);
  expect(() => solve(problem, JSON.parse('{"__proto__": {"rtol": 1}}') as object)).toThrow(/__proto__/);
  expect(() => solve(problem, { atol: hostile })).toThrow(/__proto__/);
  expect(solve(problem).result).toBe("success");
  expect(({} as { polluted?: number }).polluted).toBeUndefined();
});

describe("pictures", () => {
  // What XML 1.0 calls a Char.
  const writable = /^[\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

  it.each([
    ...names,
    "</text><script>hostile(1)</script>",
    '" onload="hostile(1)',
    "\x01\x1b[31m",
    "\ud800",
    "\udc00x",
    "\ud83d\ude00",
    "]]>",
    "&amp;",
  ])("hold the text %j, escaped", async (name) => {
    const svg = (await barsFigure([{ name, value: 1 }], name, name)).toSvg();
    expect(svg).toMatch(writable);
    const texts = [...svg.matchAll(/>([^<>]*)</g)].map(([, text]) =>
      text.replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code))),
    );
    // oxlint-disable-next-line no-control-regex
    expect(texts).toContain(name.replaceAll(/[\0-\x08\v\f\x0e-\x1f\ud800-\udfff]/gu, "\ufffd"));
    expect(svg.replaceAll(/>[^<>]*</g, "><")).not.toMatch(/script|onload/);
  });
});
