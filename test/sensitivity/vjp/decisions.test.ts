/** What a function decides by its values: a compiled tape holds while it decides alike, and records again where it does not. */
import { describe, test } from "vitest";
import { odeProblem, type OdeProblem } from "../../../src/problem/problem.ts";
import { compiledTape, tape } from "../../../sensitivity/vjp/backends/tape.ts";
import { expectClose, prepareVjp } from "./harness.ts";

/** Of two numbers: the value, and its derivatives by hand. */
interface Case {
  readonly f: (x: number, y: number) => number;
  readonly gradient: (x: number, y: number) => readonly [number, number];
}

const cases: Readonly<Record<string, Case>> = {
  if: {
    f(x, y) {
      if (x > y) return x * x * y;
      return Math.sin(x) + y;
    },
    gradient: (x, y) => (x > y ? [2 * x * y, x * x] : [Math.cos(x), 1]),
  },
  "a conditional expression, and a condition that is a number": {
    f: (x, y) => (Math.max(0, x) ? x * y : y * y),
    gradient: (x, y) => (x > 0 ? [y, x] : [0, 2 * y]),
  },
  "logic that ends early": {
    f: (x, y) => ((x > 0 && y > 0) || x < -1.5 ? x * y : x + y),
    gradient: (x, y) => ((x > 0 && y > 0) || x < -1.5 ? [y, x] : [1, 1]),
  },
  "a loop as long as the value says": {
    f(x, y) {
      let z = Math.abs(x);
      let turns = 0;
      while (z > 0.4) {
        z *= 0.5;
        turns++;
      }
      return z * y * turns;
    },
    gradient(x, y) {
      const turns = Math.max(0, Math.ceil(Math.log2(Math.abs(x) / 0.4)));
      return [Math.sign(x) * 0.5 ** turns * y * turns, Math.abs(x) * 0.5 ** turns * turns];
    },
  },
  "a loop over as many elements": {
    f(x, y) {
      let sum = 0;
      for (let i = 0; i < x + 2; i++) sum += y * x * i;
      return sum;
    },
    gradient(x, y) {
      const count = Math.ceil(x + 2);
      const factor = count > 0 ? (count * (count - 1)) / 2 : 0;
      return [y * factor, x * factor];
    },
  },
  switch: {
    f(x, y) {
      switch (Math.floor(x)) {
        case -1:
          return x * y;
        case 0:
          return x - y;
        default:
          return y ** 3;
      }
    },
    gradient: (x, y) => (Math.floor(x) === -1 ? [y, x] : Math.floor(x) === 0 ? [1, -1] : [0, 3 * y * y]),
  },
  "kinks of min, max, abs and sign": {
    f: (x, y) => Math.max(x, y) * Math.min(x, 0.5) + Math.abs(y) * Math.sign(x),
    gradient: (x, y) => [
      (x > y ? Math.min(x, 0.5) : 0) + (x < 0.5 ? Math.max(x, y) : 0),
      (x > y ? 0 : Math.min(x, 0.5)) + Math.sign(y) * Math.sign(x),
    ],
  },
  "a map with keys by value": {
    f(x, y) {
      const rates = new Map([[Math.round(x), x * y]]);
      rates.set(1, y * y * y);
      return rates.get(1)! + (rates.get(0) ?? x);
    },
    gradient: (x, y) => (Math.round(x) === 0 ? [y, 3 * y * y + x] : [1, 3 * y * y]),
  },
  "the order of sorted numbers": {
    f(x, y) {
      const [least, middle, most] = [x, y, 0.3].sort((a, b) => a - b);
      return least + 10 * middle + 100 * most;
    },
    gradient(x, y) {
      const weight = (z: number): number => 10 ** [x, y, 0.3].filter((other) => other < z).length;
      return [weight(x), weight(y)];
    },
  },
  "an index made of a number": {
    f: (x, y) => [x * y, x + y, y * y, x][(x + 2) | 0],
    gradient(x, y) {
      return (
        [
          [y, x],
          [1, 1],
          [0, 2 * y],
          [1, 0],
        ] as const
      )[(x + 2) | 0];
    },
  },
  "a search and a filter": {
    f(x, y) {
      const list = [0.2, x, y, 1.1];
      return list.findIndex((z) => z > 0.5) * x + list.filter((z) => z < 0).reduce((sum, z) => sum + z * z, y);
    },
    gradient(x, y) {
      const first = [0.2, x, y, 1.1].findIndex((z) => z > 0.5);
      return [first + (x < 0 ? 2 * x : 0), 1 + (y < 0 ? 2 * y : 0)];
    },
  },
  "an exception": {
    f(x, y) {
      try {
        if (x < 0) throw new RangeError("negative");
        return Math.sqrt(x) * y;
      } catch {
        return x * x * y;
      }
    },
    gradient: (x, y) => (x < 0 ? [2 * x * y, x * x] : [y / (2 * Math.sqrt(x)), Math.sqrt(x)]),
  },
  "a recursion": {
    f(x, y) {
      const halved = (z: number): number => (Math.abs(z) < 0.5 ? z * y : halved(z / 2) + y);
      return halved(x);
    },
    gradient(x, y) {
      const turns = Math.max(0, Math.floor(Math.log2(Math.abs(x) / 0.5)) + 1);
      return [y / 2 ** turns, x / 2 ** turns + turns];
    },
  },
};

function problemOf(f: Case["f"]): OdeProblem {
  return odeProblem({
    rhs: (du, u, _p, _t, c) => void ([du[0], du[1]] = [c.f(u[0], u[1]), 0]),
    u0: [0, 0],
    p: [1],
    tspan: [0, 1],
    constants: { f },
  }) as unknown as OdeProblem;
}

/** Off the kinks; every pattern of decisions comes up, goes, and comes again. */
const points = Array.from({ length: 60 }, (_, k) => [1.97 * Math.sin(1 + 0.7 * k), 1.43 * Math.cos(2.3 * k)] as const);

describe.each([tape, compiledTape])("$name", (backend) => {
  test.each(Object.entries(cases))("%s", (_name, { f, gradient }) => {
    const prepared = prepareVjp(backend, problemOf(f));
    for (const [x, y] of points) {
      const point = { u: Float64Array.of(x, y), p: Float64Array.of(1), t: 0, v: Float64Array.of(1, 1) };
      expectClose(prepared.u(point), gradient(x, y), 1e-12);
    }
  });
});
