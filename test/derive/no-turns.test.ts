/** Loops that may run no times hand on what they begin with, and its derivative, whatever they do when they run. */
import { expect, it } from "vitest";
import { gradientOf, hessian } from "../../index.ts";
import { vjpBackends } from "../../sensitivity/vjp/backends/index.ts";

const exact = Object.keys(vjpBackends).filter((name) => vjpBackends[name].capabilities.exact && !/user|closure/.test(name));

type Point = readonly number[];

/** f of three numbers, where, the gradient there. The whole number of turns is the floor of the third. */
const rows: readonly (readonly [name: string, f: (x: Point) => number, x: Point, gradient: Point])[] = [
  [
    "for, a constant after a turn",
    (x) => {
      let y = x[0] * x[0];
      for (let i = 0; i < Math.floor(x[2]); i++) y = 2;
      return 3 * y;
    },
    [1.5, 0, 0.5],
    [9, 0, 0],
  ],
  [
    "for, once",
    (x) => {
      let y = x[0] * x[0];
      for (let i = 0; i < Math.floor(x[2]); i++) y = 2;
      return 3 * y;
    },
    [1.5, 0, 1.5],
    [0, 0, 0],
  ],
  [
    "while, another variable after a turn",
    (x) => {
      let y = x[0] * x[0];
      let k = 0;
      while (k < Math.floor(x[2])) {
        y = x[1];
        k++;
      }
      return y;
    },
    [1.5, 2, 0.5],
    [3, 0, 0],
  ],
  [
    "while, on the value",
    (x) => {
      let y = x[0] * x[1];
      while (y > 100) y = 1;
      return y;
    },
    [1.5, 2, 0],
    [2, 1.5, 0],
  ],
  [
    "loops in a loop",
    (x) => {
      let y = x[0];
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < Math.floor(x[2]); j++) y = 0.5;
        y *= x[1];
      }
      return y;
    },
    [1.5, 2, 0.5],
    [8, 18, 0],
  ],
];

it.each(exact.flatMap((backend) => rows.map(([name, f, x, gradient]) => ({ backend, name, f, x, gradient }))))(
  "$name, by $backend",
  ({ backend, f, x, gradient }) => {
    const found = gradientOf(f, { backend })([...x]);
    gradient.forEach((slope, i) => expect(found[i]).toBeCloseTo(slope, 12));
  },
);

it("by one input alone, of which the body knows nothing", () => {
  const f = (a: number, b: number): number => {
    let y = a * a;
    for (let i = 0; i < Math.floor(b); i++) y = b;
    return y;
  };
  expect(gradientOf(f)(1.5, 0.5)).toBeCloseTo(3, 12);
});

it("twice", () => {
  const found = hessian((x: Point) => {
    let y = x[0] * x[0] * x[1];
    for (let i = 0; i < Math.floor(x[2]); i++) y = 2;
    return y;
  })([1.5, 2, 0.5]).data;
  [4, 3, 0, 3, 0, 0, 0, 0, 0].forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12));
});
