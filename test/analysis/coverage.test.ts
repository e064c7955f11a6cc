/** Which elements are certainly written: what is not proven costs a fill, what is proven wrongly would be old memory. */
import { describe, expect, it } from "vitest";
import { problemTable } from "../../problems/index.ts";
import { odeProblem } from "../../index.ts";
import { walk, type Program } from "../../src/ir/ir.ts";
import { readRightHandSide, type AnyFunction } from "../read/harness.ts";

function isFilled(program: Program): boolean {
  const { array } = program.parameters[0] as { array: unknown };
  return [...walk(program.body)].some((i) => i.kind === "fill" && i.array === array);
}

type Du = number[];
type Table = readonly (readonly [string, AnyFunction])[];

const n = 12;
const u = Array.from({ length: n }, (_, i) => 1 + i / 7);

const written: Table = [
  [
    "in one loop",
    (du: Du, u: Du) => {
      u.forEach((x, i) => (du[i] = -x));
    },
  ],
  [
    "in loops that add, each in a row of its own",
    (du: Du, u: Du) => {
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 4; j++) du[4 * i + j] = 0;
        for (let j = 0; j <= i; j++) du[4 * i + j] += u[j];
      }
    },
  ],
  [
    "in triangles",
    (du: Du, u: Du) => {
      for (let i = 0; i < 12; i++) {
        for (let j = 0; j < i; j++) du[j] = u[j];
        for (let j = i; j < 12; j++) du[j] = -u[j];
      }
    },
  ],
  [
    "by both branches, in the same turn",
    (du: Du, u: Du) => {
      for (let i = 0; i < 12; i++) {
        if (u[i] > 2) du[i] = 1;
        else du[i] = 2;
      }
    },
  ],
  [
    "by the branch that the counter picks",
    (du: Du, u: Du) => {
      for (let i = 0; i < 13; i++) {
        if (i < 11) du[i] = u[i];
        else if (i === 11) du[i] = -u[i];
      }
    },
  ],
  [
    "before an early return, and after it",
    (du: Du, u: Du, _p: Du, t: number) => {
      if (t > 0.5) {
        for (let i = 0; i < 12; i++) du[i] = 0;
        return;
      }
      for (let i = 11; i >= 0; i--) du[i] = u[i];
    },
  ],
  [
    "through a table of indices",
    (du: Du, u: Du) => {
      const order = [3, 1, 2, 0, 11, 10, 9, 8, 7, 6, 5, 4];
      for (let i = 0; i < 12; i++) du[order[i]] = u[i];
    },
  ],
  ["by a fill", (du: Du, u: Du) => void (du.fill(0), (du[0] = u[0]))],
  ["returned", (u: Du) => u.map((x) => 2 * x)],
];

const open: Table = [
  [
    "not in one branch",
    (du: Du, u: Du, _p: Du, t: number) => {
      for (let i = 0; i < 11; i++) du[i] = u[i];
      if (t < 0.5) du[11] = 1;
    },
  ],
  [
    "by both branches, each other elements",
    (du: Du, u: Du) => {
      for (let i = 0; i < 12; i++) {
        if (u[i] > 2) du[i] = 1;
        else du[11 - i] = 2;
      }
    },
  ],
  [
    "after an early return",
    (du: Du, u: Du, _p: Du, t: number) => {
      if (t > 0.5) return;
      for (let i = 0; i < 12; i++) du[i] = u[i];
    },
  ],
  [
    "as far as the state says",
    (du: Du, u: Du) => {
      for (let i = 0; i < 12 && u[i] < 2; i++) du[i] = u[i];
    },
  ],
  [
    "every second one",
    (du: Du, u: Du) => {
      for (let i = 0; i < 12; i += 2) du[i] = u[i];
    },
  ],
];

describe("derivatives", () => {
  it.each(written)("written %s need no fill", (_, fn) => {
    expect(isFilled(readRightHandSide(fn, { u }))).toBe(false);
  });

  it.each(open)("written %s are 0 elsewhere", (_, fn) => {
    expect(isFilled(readRightHandSide(fn, { u }))).toBe(true);
  });

  it("of the named problems need no fill", () => {
    const filled = Object.entries(problemTable).filter(([, { make }]) => isFilled(make({}).problem.code.rhsProgram()));
    expect(filled.map(([name]) => name)).toEqual([]);
  });

  it("of a grid of 65 536 cells need no fill", () => {
    const N = 256;
    const rhs = (du: Float64Array, u: Float64Array, p: Du, _t: number, { N }: { N: number }): void => {
      for (let i = 0; i < N; i++) {
        for (let j = 0; j < N; j++) {
          const right = j + 1 < N ? j + 1 : 0;
          du[i * N + j] = p[0] * (u[i * N + right] - u[i * N + j]);
        }
      }
    };
    const { code } = odeProblem({ rhs, u0: new Float64Array(N * N), p: [1], tspan: [0, 1], constants: { N } });
    expect(isFilled(code.rhsProgram())).toBe(false);
  });
});
