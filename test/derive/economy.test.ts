/** What derived programs do without: cotangents that need no resetting, orders that do not matter, calls of nothing. */
import { describe, expect, it } from "vitest";
import { jacobianOf } from "../../src/derive/jacobian.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { walk, type For, type Instruction, type Program } from "../../src/ir/ir.ts";
import { readRightHandSide } from "../read/harness.ts";
import { checkDerivatives, randoms } from "./harness.ts";

type Rhs = (du: Float64Array, u: Float64Array, p: Float64Array) => void;

const SIZE = 12;

function programOf(rhs: Rhs): Program {
  return readRightHandSide(rhs, { u: new Float64Array(SIZE), p: new Float64Array(0) });
}

function instructionsOf(program: Program): Instruction[] {
  return [...walk(program.body)];
}

const loopsOf = (program: Program): For[] => instructionsOf(program).filter((i) => i.kind === "for");
const resets = (program: Program): number =>
  instructionsOf(program).filter((i) => i.kind === "store" && i.value.constant === 0).length;
const guards = (program: Program): number =>
  instructionsOf(program).filter((i) => i.kind === "let" && i.operation === "mul.where").length;

/** Each with what its reverse program is to be like. */
const rows: Record<string, { rhs: Rhs; expectLean: (derived: Program) => void }> = {
  "a sum that is added to from the left carries nothing backwards": {
    rhs(du, u) {
      let sum = 0;
      for (let i = 0; i < 12; i++) sum = Math.sin(u[i]) + sum;
      for (let i = 0; i < 12; i++) du[i] = i * sum;
    },
    expectLean: (derived) => expect(loopsOf(derived).map(({ carried }) => carried.length)).toEqual([1, 0]),
  },
  "the iterations of a stencil keep their order": {
    rhs(du, u) {
      for (let i = 0; i < 12; i++) du[i] = u[(i + 11) % 12] * u[(i + 1) % 12];
    },
    expectLean: (derived) => expect(loopsOf(derived).map(({ step }) => step)).toEqual([1]),
  },
  "elements of a grid that are written once are not reset": {
    rhs(du, u) {
      const w = new Float64Array(12);
      for (let i = 0; i < 3; i++) for (let j = 0; j < 4; j++) w[4 * i + j] = Math.sin(u[4 * i + j]);
      for (let k = 0; k < 12; k++) du[k] = w[k] * w[11 - k];
    },
    expectLean: (derived) => expect(resets(derived)).toBe(0),
  },
  "nor are those of a buffer that is made anew in every iteration": {
    rhs(du, u) {
      for (let k = 0; k < 12; k++) {
        const w = new Float64Array(12);
        for (let i = 0; i < 11; i++) w[i] = Math.sin(u[k] * u[i]);
        let sum = 0;
        for (let i = 0; i < 12; i++) sum += w[i] * w[11 - i];
        du[k] = sum;
      }
    },
    expectLean: (derived) => expect(resets(derived)).toBe(0),
  },
  "where nothing is chosen, no cotangent is asked whether it counts": {
    rhs(du, u) {
      const w = new Float64Array(12);
      for (let i = 0; i < 12; i++) w[i] = Math.exp(u[i]);
      for (let i = 0; i < 12; i++) du[i] = Math.cos(w[i]) * w[11 - i];
    },
    expectLean: (derived) => expect(guards(derived)).toBe(0),
  },
};

describe.each(Object.entries(rows))("%s", (_, { rhs, expectLean }) => {
  const program = programOf(rhs);
  it("it is lean", () => expectLean(reverse(program, { wrt: ["u"] })));
  it("it is right", () => checkDerivatives({ program, inputs: { u: randoms(SIZE), p: new Float64Array(0) }, scalars: { t: 0 } }));
});

it("twelve directions are two calls of six", () => {
  const { values } = jacobianOf(
    programOf((du, u) => {
      let product = 1;
      for (let i = 0; i < 12; i++) {
        product = Math.sin(product * u[i]);
        du[i] = product;
      }
    }),
  );
  expect(instructionsOf(values).filter(({ kind }) => kind === "call")).toHaveLength(2);
});
