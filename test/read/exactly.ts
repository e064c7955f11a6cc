/** Functions (u, p, t, constants) that return a number, compiled and called plainly: equal to the last bit, or refused. */
import { describe, expect, it } from "vitest";
import { layoutOf } from "../../src/arrays/layout.ts";
import { viewer } from "../../src/arrays/view.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { ReadError } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import { read } from "../../src/read/index.ts";
import { checkDerivatives } from "../derive/harness.ts";

/** The text of a function (u, p, t, constants), and its constants. */
export type Row = readonly [text: string, constants?: Readonly<Record<string, unknown>>];

type Loss = (u: unknown, p: unknown, t: number, constants: unknown) => unknown;

function lossOf([text]: Row): Loss {
  return new Function(`return ${text}`)() as Loss;
}

const layouts = { u: layoutOf([0, 0, 0], "u"), p: layoutOf([0, 0], "p") };

interface Point {
  readonly u: readonly number[];
  readonly p: readonly number[];
  readonly t: number;
}

/** Differences of what is larger are rounded away. */
const LARGE = 1e3;

const generic: Point = { u: [1.3, -0.7, 2.1], p: [1, 2], t: 0.4 };
const points: readonly Point[] = [
  generic,
  { u: [200, 0.2, -3], p: [0, 1], t: 0.1 },
  { u: [0, -0, 5.5], p: [2, -1], t: 2 },
  { u: [-2, 3, 0.5], p: [-1, 0], t: 0.75 },
  { u: [1, 2, 3], p: [1, 1], t: 0 },
  generic,
];

function programOf(row: Row): Program {
  return read({
    fn: lossOf(row),
    name: "loss",
    parameters: [
      { kind: "layout", name: "u", layout: layouts.u, role: "input" },
      { kind: "layout", name: "p", layout: layouts.p, role: "input" },
      { kind: "scalar", name: "t" },
    ],
    constants: row[1] ?? {},
    returns: { kind: "scalar" },
  });
}

function plainly(row: Row, { u, p, t }: Point): number | undefined {
  const [seenU, seenP] = [viewer(layouts.u, "u")(Float64Array.from(u)), viewer(layouts.p, "p")(Float64Array.from(p))];
  const result = lossOf(row)(seenU, seenP, t, row[1] ?? {});
  return typeof result === "boolean" ? Number(result) : (result as number | undefined);
}

function compiled(program: Program, target: Target): (point: Point) => number {
  const arena = new Arena();
  const [u, p] = [arena.reserve(3), arena.reserve(2)];
  const { loss } = compile({ loss: program }, arena, target).link();
  return (point) => {
    arena.f64(u, 3).set(point.u);
    arena.f64(p, 2).set(point.p);
    return loss(u, p, point.t);
  };
}

/** Where the two differ, in words; nothing where they never do. */
function difference(row: Row): string | undefined {
  const program = programOf(row);
  for (const target of ["javascript", "wasm"] as const) {
    const run = compiled(program, target);
    for (const point of points) {
      const [wanted, got] = [plainly(row, point), run(point)];
      // What returns undefined fails where the value is used.
      if (!Object.is(wanted, got) && !(wanted === undefined && Number.isNaN(got)))
        return `${String(wanted)} plainly, ${got} by ${target}, at ${JSON.stringify(point)}`;
    }
  }
  return undefined;
}

/** Equal at every point, and the derivatives at a point away from all branches as differences say. */
function isExact(row: Row): void {
  expect(difference(row), row[0]).toBeUndefined();
  const { u, p, t } = generic;
  const inputs = { u: Float64Array.from(u), p: Float64Array.from(p) };
  if (Math.abs(plainly(row, generic) ?? NaN) < LARGE)
    checkDerivatives({ program: programOf(row), inputs, scalars: { t }, wrt: ["u"], finite: 1e-5 });
}

function isRefused(row: Row): void {
  expect(() => programOf(row), row[0]).toThrow(ReadError);
}

/** Tests of a table's rows: of those that are read, and of those that are refused. */
export function testRows(rows: { readonly read: readonly Row[]; readonly refused?: readonly Row[] }): void {
  describe("read exactly", () => {
    it.each(rows.read)("%s", (...row) => isExact(row as unknown as Row));
  });
  const { refused } = rows;
  if (!refused) return;
  describe("refused", () => {
    it.each(refused)("%s", (...row) => isRefused(row as unknown as Row));
  });
}
