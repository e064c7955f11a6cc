/** Arrays that keep numbers each in its own way, where paths join, in loops, and made of what is no number. */
import { expect, it } from "vitest";
import { UnreadableConstruct } from "../../../src/read/syntax/errors.ts";
import { agree } from "../agree.ts";
import { readRightHandSide } from "../harness.ts";

type Du = Float64Array;
type U = Float64Array;

it("one kind on both paths stays that kind", () => {
  agree((du: Du, u: U) => {
    const bytes = u[0] > 0 ? Uint8Array.of(250, 1, 2, 3) : Uint8Array.of(3, 2, 1, 0);
    bytes[0] += 10;
    const singles = u[1] > 0 ? Float32Array.of(0.1, 1) : Float32Array.of(0.3, 2);
    singles[0] += 0.1;
    du.set([bytes[0], singles[0], singles[1], bytes[3]]);
  });
});

it("and through turns of a loop", () => {
  agree((du: Du, u: U) => {
    let x = Uint8Array.of(200);
    for (let i = 0; i < 4; i++) {
      if (u[i] > -50) x[0] += 100;
      x = Uint8Array.of(x[0] + 1);
      du[i] = x[0];
    }
  });
});

it.each([
  (du: Du, u: U) => {
    const a = u[0] > 0 ? Float32Array.of(0.1) : Float64Array.of(0.2);
    du.fill(a[0]);
  },
  (du: Du, u: U) => {
    const a = u[0] > 0 ? Int32Array.of(250) : Uint8Array.of(3);
    a[0] += 10;
    du.fill(a[0]);
  },
  (du: Du, u: U) => {
    let a: ArrayLike<number> & { [i: number]: number } = new Uint8Array(1);
    if (u[0] > 0) a = new Int32Array(1);
    a[0] = 300;
    du.fill(a[0]);
  },
])("two kinds are refused", (fn) => {
  expect(() => readRightHandSide(fn)).toThrow(UnreadableConstruct);
});

it.each([
  (du: Du, u: U) => void du.fill(Float64Array.of(u as never, 0)[0]),
  (du: Du, u: U) => void du.fill(new Float64Array([u as never, 0])[0]),
  (du: Du) => void du.fill(Float64Array.from([[1, 2], 3] as never)[0]),
  (du: Du) => void du.fill(Float64Array.of(1, ((v: number) => v) as never)[1]),
])("typed arrays of arrays are refused", (fn) => {
  expect(() => readRightHandSide(fn)).toThrow(/where a number is needed/);
});

it("rows of different kinds keep theirs", () => {
  agree((du: Du, u: U) => {
    const rows = [new Float64Array(2), Int32Array.of(3, 1), [0, 2]];
    rows[1][0] = u[0];
    rows[2][0] = u[1];
    du.set([rows[0][0], rows[1][0], rows[1][1], rows[2][0]]);
  });
});

it("a number added to a boolean of an array is refused", () => {
  const fn = (du: Du, u: U): void => {
    const on: unknown[] = new Array(3).fill(u[0] > 0);
    (on as number[])[2] += u[0];
    du.fill(Number(on[2]));
  };
  expect(() => readRightHandSide(fn)).toThrow(UnreadableConstruct);
});

it.each([
  (du: Du) => {
    const [, b = 5] = new Array<number>(3).slice();
    du.fill(b);
  },
  (du: Du, u: U) => void du.fill(Number.isFinite((Number.isNaN(u[0]) && 0) as number) ? 1 : 2),
  (du: Du, u: U) => void du.fill(Number.isInteger((u[0] > 5 && 1) as number) ? 1 : 2),
])("what may be undefined, or a boolean, is refused where that matters", (fn) => {
  expect(() => readRightHandSide(fn)).toThrow(/depends on whether something is a number or (undefined|a boolean)/);
});
