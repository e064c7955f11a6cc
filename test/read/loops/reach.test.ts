/** Integers that are counted on stay integers while 32 bits certainly hold them, and are what JavaScript has beyond. */
import { expect, it } from "vitest";
import { walk, type Program } from "../../../src/ir/ir.ts";
import { callPlainly, readRightHandSide, run, type AnyFunction } from "../harness.ts";

function inPlace(body: string): AnyFunction {
  // oxlint-disable-next-line no-new-func
  return new Function("du", "u", "p", "t", body) as AnyFunction;
}

/** The types of what loops carry, outermost first. */
function carriedIn(program: Program): string[] {
  return [...walk(program.body)].flatMap((i) =>
    i.kind === "for" || i.kind === "while" ? i.carried.map(({ phi }) => phi.type) : [],
  );
}

const TURNS = "for (let i = 0; i < 9000; i++) for (let j = 0; j < 16000; j++)";

it("beyond 2^31 by steps of 16", () => {
  const fn = inPlace(`let n = 0; ${TURNS} n += 16; du.fill(n);`);
  const program = readRightHandSide(fn);
  expect(carriedIn(program)).toEqual(["f64", "f64"]);
  expect(callPlainly(fn)[0]).toBe(9000 * 16000 * 16);
  expect(run(program, {}, "wasm")[0]).toBe(9000 * 16000 * 16);
});

it.each([
  ["within", `let n = 0; ${TURNS} n++; du.fill(n);`, ["i32", "i32"]],
  [
    "of a search",
    "let lo = 0, hi = 9; while (lo < hi) { const m = (lo + hi) >> 1; if (m * m > t) hi = m; else lo = m + 1; } du.fill(lo);",
    ["i32", "i32"],
  ],
  ["of an insertion", "let j = 3; while (j >= 0 && u[j] > t) j--; du.fill(j);", ["i32"]],
  [
    "of turns in turns",
    "let n = 0; for (let i = 0; i < 9; i++) { let j = i; while (j > 0 && u[0] > t) { j--; } n += j; } du.fill(n);",
    ["f64", "i32"],
  ],
  ["that start anywhere", "let n = (u[0] * 1e9) | 0; for (let i = 0; i < 9; i++) n++; du.fill(n);", ["f64"]],
  ["of a ring", "let k = 0; for (let i = 0; i < 9; i++) k = (k + 1) % 4; du.fill(u[k]);", ["i32"]],
])("counters %s", (_what, body, types) => {
  const fn = inPlace(body);
  const program = readRightHandSide(fn);
  expect(carriedIn(program)).toEqual(types);
  expect([...run(program, {}, "wasm")]).toEqual([...callPlainly(fn)]);
});
