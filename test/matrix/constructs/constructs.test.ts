/** Each construct of JavaScript: read, run by the tape, or refused, as its page says. Every row is tried. */
import { readFileSync } from "node:fs";
import { parse, type AnyNode } from "acorn";
import { describe, expect, it } from "vitest";
import { differentiable, gradientOf, mul, sum } from "../../../index.ts";
import { layoutOf } from "../../../src/arrays/layout.ts";
import { OdegradError, ReadError } from "../../../src/core/errors.ts";
import { interpret } from "../../../src/ir/interpret.ts";
import { read } from "../../../src/read/index.ts";
import { tape } from "../../../sensitivity/vjp/backends/tape.ts";
import { table } from "../table.ts";
import { language, leftOut, members, noPlace, type Snippets } from "./rows.ts";

const u = [1.3, 0.7, 2.1];

class Meter {
  constructor(readonly k: number) {}
  value(): number {
    return this.k * 2;
  }
}

const constants = {
  k: 2,
  table: [1, 2, 3],
  rows: [
    [1, 2],
    [3, 4],
  ],
  mode: "b",
  square: (x: number) => x * x,
  meter: new Meter(1.5),
  work: new Float64Array(2),
  mul,
  sum,
};

type Fn = (u: readonly number[], c: typeof constants) => number;

const sections: Readonly<Record<string, Snippets>> = {
  ...language,
  ...Object.fromEntries(Object.entries(members).map(([name, { snippets }]) => [name, snippets])),
};

/** By section: name, how it runs, the reader's reason. */
const lines = new Map<string, string[][]>();

describe.each(Object.entries(sections))("%s", (section, snippets) => {
  const rows: string[][] = [];
  lines.set(section, rows);

  it.each(Object.entries(snippets))("%s", (name, body) => {
    const fn = new Function("u", "c", body) as Fn;
    const [how, reason] = outcome(fn, body);
    rows.push([section in members ? `\`${name}\`` : name.replaceAll("|", "\\|"), how, reason.replaceAll("|", "\\|")]);
  });
});

/** Throws where an answer is wrong. */
function outcome(fn: Fn, body: string): [how: string, reason: string] {
  const isRandom = body.includes("random");
  try {
    const value = byReader(fn);
    if (!isRandom) expect(value).toBeCloseTo(plain(fn), 12);
    compareGradient(fn, undefined);
    return ["read", ""];
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    try {
      if (!isRandom) compareGradient(fn, tape.name);
      return isRandom ? ["refused", reasonOf(error)] : ["tape", reasonOf(error)];
    } catch (second) {
      if (!(second instanceof OdegradError)) throw second;
      return ["refused", reasonOf(error)];
    }
  }
}

/** The first sentence, without its place. */
function reasonOf({ message }: ReadError): string {
  return message.split("\n")[0].replace(/^f(, line \d+, column \d+)?: /, "");
}

function plain(fn: Fn, at: readonly number[] = u): number {
  return fn(Float64Array.from(at) as unknown as readonly number[], constants);
}

function byReader(fn: Fn): number {
  const program = read({
    fn: fn as never,
    name: "f",
    parameters: [{ kind: "layout", name: "u", layout: layoutOf([...u], "u"), role: "input" }],
    constants,
    returns: { kind: "scalar" },
  });
  return interpret(program, [Float64Array.from(u)], { operation: () => {}, access: () => {} })!;
}

function compareGradient(fn: Fn, backend: string | undefined): void {
  const differentiated = differentiable(fn as unknown as (at: Float64Array, c: typeof constants) => number, {
    constants,
  });
  const found = gradientOf(differentiated, backend ? { backend } : {})(Float64Array.from(u));
  u.forEach((_, i) => {
    const by = (h: number): number =>
      plain(
        fn,
        u.map((x, k) => (k === i ? x + h : x)),
      );
    const slope = (by(1e-6) - by(-1e-6)) / 2e-6;
    expect(Math.abs(found[i] - slope), `by u[${i}]: ${found[i]}, differences ${slope}`).toBeLessThanOrEqual(
      1e-6 * Math.max(1, Math.abs(slope)),
    );
  });
}

it("every kind of node that the parser has is in a snippet", () => {
  const types = readFileSync("node_modules/acorn/dist/acorn.d.ts", "utf8").matchAll(/type: "([A-Za-z]+)"/g);
  const known = new Set([...types].map(([, type]) => type).filter((type) => !noPlace.includes(type)));
  const used = new Set<string>();
  const walk = (node: AnyNode): void => {
    used.add(node.type);
    for (const value of Object.values(node) as unknown[])
      for (const item of [value].flat()) if (item !== null && typeof item === "object" && "type" in item) walk(item as AnyNode);
  };
  for (const snippets of Object.values(sections))
    for (const body of Object.values(snippets)) walk(parse(`(function (u, c) {${body}\n})`, { ecmaVersion: "latest" }));
  expect([...known].filter((type) => !used.has(type))).toEqual([]);
});

it.each(Object.entries(members))("every member of %s has a row", (_name, { of, snippets }) => {
  expect(Object.getOwnPropertyNames(of).filter((name) => !(name in snippets) && !leftOut.includes(name))).toEqual([]);
});

it("is what its page shows", async () => {
  const pages = Object.entries(sections).map(
    ([section]) => `## ${section}\n\n${table(["construct", "how", "reason"], lines.get(section)!)}`,
  );
  await expect(`# Constructs of JavaScript\n\n${INTRODUCTION}\n\n${pages.join("\n")}`).toMatchFileSnapshot(
    "../../../docs/matrix/constructs.md",
  );
});

const INTRODUCTION = `Generated by \`npm run docs:matrix\`; a test tries every row, its value and its gradient.

- _read_: compiled and derived from its text.
- _tape_: the reader refuses it, for the reason given; \`solve\` runs the function as it is, and gradients come by the tape.
- _refused_: neither; the error names it.`;
