/** Tableaus of the user's own: those that are right solve as others do, and those that are wrong are refused by what is wrong in them. */
import { describe, expect, it } from "vitest";
import { BadOption, BadTableau, MissingStepSize, UnknownOption } from "../../../index.ts";
import { explicitRK, rk4, tsit5, type ButcherTableau } from "../../../solvers/index.ts";
import { integrate, prepare } from "../../../solvers/step-loop/integrate.ts";
import type { Method } from "../../../solvers/step/method.ts";
import { kaps, kapsAt } from "../systems.ts";

/** E. Fehlberg, NASA TR R-315 (1969), the pair of order 4(5), led by its method of order 5. */
const fehlberg: ButcherTableau = {
  name: "fehlberg",
  order: 5,
  c: [0, 1 / 4, 3 / 8, 12 / 13, 1, 1 / 2],
  A: [
    [],
    [1 / 4],
    [3 / 32, 9 / 32],
    [1932 / 2197, -7200 / 2197, 7296 / 2197],
    [439 / 216, -8, 3680 / 513, -845 / 4104],
    [-8 / 27, 2, -3544 / 2565, 1859 / 4104, -11 / 40],
  ],
  b: [16 / 135, 0, 6656 / 12825, 28561 / 56430, -9 / 50, 2 / 55],
  embedded: [25 / 216, 0, 1408 / 2565, 2197 / 4104, -1 / 5, 0],
};

/** J. C. Butcher, On Runge–Kutta processes of high order, J. Austral. Math. Soc. 4 (1964) 179–194: order 6 in seven stages. */
const butcher: ButcherTableau = {
  name: "butcher",
  order: 6,
  c: [0, 1 / 3, 2 / 3, 1 / 3, 1 / 2, 1 / 2, 1],
  A: [
    [],
    [1 / 3],
    [0, 2 / 3],
    [1 / 12, 1 / 3, -1 / 12],
    [-1 / 16, 9 / 8, -3 / 16, -3 / 8],
    [0, 9 / 8, -3 / 8, -3 / 4, 1 / 2],
    [9 / 44, -9 / 11, 63 / 44, 18 / 11, 0, -16 / 11],
  ],
  b: [11 / 120, 0, 27 / 40, 27 / 40, -4 / 15, -4 / 15, 11 / 120],
  dt: 0.1,
};

const classical: ButcherTableau = {
  order: 4,
  c: [0, 1 / 2, 1 / 2, 1],
  A: [
    [0, 0, 0, 0],
    [1 / 2, 0, 0, 0],
    [0, 1 / 2, 0, 0],
    [0, 0, 1, 0],
  ],
  b: [1 / 6, 1 / 3, 1 / 3, 1 / 6],
  dt: 0.1,
};

const request = (fixedStep?: number) => ({
  u0: Float64Array.from(kapsAt(0)),
  p: Float64Array.of(1),
  t0: 0,
  t1: 1,
  rtol: 1e-7,
  atol: 1e-7,
  dense: true,
  ...(fixedStep && { fixedStep }),
});

const solved = (method: Method, fixedStep?: number) =>
  integrate(prepare(kaps, method, { target: "javascript" }), request(fixedStep));

/** Largest, at the ends of steps and between them. */
function errorOf(method: Method, fixedStep?: number): number {
  const { dense } = solved(method, fixedStep);
  const out = new Float64Array(2);
  const errors = Array.from({ length: 101 }, (_, k) => {
    dense!.interpolate(k / 100, out);
    return Math.max(...kapsAt(k / 100).map((x, i) => Math.abs(x - out[i])));
  });
  return Math.max(...errors);
}

it("the classical tableau is rk4 to the last bit", () => {
  expect(solved(explicitRK(classical), 1 / 16).final).toEqual(solved(rk4({ dt: 1 }), 1 / 16).final);
});

describe.each([fehlberg, butcher])("$name", (given) => {
  const method = explicitRK(given);

  it("has its order, also between the steps", () => {
    const slope = Math.log2(errorOf(method, 1 / 12) / errorOf(method, 1 / 24));
    expect(slope).toBeGreaterThan(given.order - 0.4);
    expect(slope).toBeLessThan(given.order + 0.9);
  });
});

it("an embedded method controls the error, and its order is found", () => {
  const method = explicitRK(fehlberg);
  expect(method.tableau.errorOrder).toBe(5);
  expect(errorOf(method)).toBeLessThan(1e-6);
  expect(solved(method).statistics.steps).toBeLessThan(2 * solved(tsit5()).statistics.steps);
  const twice = explicitRK({ ...classical, dt: undefined, embedded: [1, 0, 0, 0] });
  expect(twice.tableau.errorOrder).toBe(2);
});

describe("refused", () => {
  const wrong = (change: Partial<ButcherTableau>, message: RegExp): void => {
    const make = () => explicitRK({ ...classical, ...change });
    expect(make).toThrow(BadTableau);
    expect(make).toThrow(message);
  };

  it("shapes", () => {
    wrong({ c: [0, 1 / 2, 1] }, /c has 3 numbers, but b has 4/);
    wrong({ A: classical.A.slice(1) }, /A has 3 rows/);
    wrong({ embedded: [1, 0], dt: undefined }, /embedded has 2 numbers/);
    wrong({ b: [] }, /b is empty/);
    wrong({ A: [...classical.A.slice(0, 3), [0, 0, 1 / 2, 1 / 2]] }, /A\[3\]\[3\] is 0.5, on or above the diagonal/);
  });

  it("sums and conditions", () => {
    wrong({ c: [0, 1 / 2, 1 / 2, 0.9] }, /row 3 of A sums to 1, but c\[3\] is 0.9/);
    wrong({ c: [0.1, 1 / 2, 1 / 2, 1] }, /row 0 of A sums to 0/);
    wrong({ b: [1 / 6, 1 / 3, 1 / 3, 0.166666667] }, /a condition of order 1, of the tree \[\], is missed by 3.3e-10/);
    wrong({ order: 5 }, /order is 5, but a condition of order 5/);
    wrong({ order: 11 }, /order is 11/);
  });

  it("estimates that are none", () => {
    wrong({ embedded: classical.b, dt: undefined }, /embedded is b itself/);
    wrong({ embedded: [1 / 6, 0, 0, -1 / 6], dt: undefined }, /do not sum to 1/);
    wrong({ embedded: [1, 0, 0, 0] }, /both embedded and dt/);
    expect(() => explicitRK({ ...classical, dt: undefined })).toThrow(MissingStepSize);
  });

  it("keys and values", () => {
    expect(() => explicitRK({ ...classical, a: classical.A } as ButcherTableau)).toThrow(UnknownOption);
    expect(() => explicitRK({ ...classical, order: undefined } as unknown as ButcherTableau)).toThrow(BadOption);
    expect(() => explicitRK({ ...classical, b: [1 / 6, NaN, 1 / 3, 1 / 6] })).toThrow(/b\[1\]/);
    expect(() => explicitRK({ ...classical, A: 3 } as unknown as ButcherTableau)).toThrow(BadOption);
  });
});
