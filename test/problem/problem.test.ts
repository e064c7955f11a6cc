import { withoutInspector } from "../without-inspector.ts";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { describe, expect, expectTypeOf, it } from "vitest";
import { add, matmul } from "../../src/operations/plain-operations.ts";
import {
  BadOption,
  BadTimeSpan,
  FunctionThrew,
  NonFinite,
  ReadError,
  UnknownComponent,
  UnsupportedValue,
  WrongLength,
} from "../../src/core/errors.ts";
import { odeProblem, remake, type OdeProblem } from "../../src/problem/problem.ts";

const lotkaVolterra = odeProblem({
  rhs(du, u, p) {
    du.prey = p.a * u.prey - p.b * u.prey * u.predator;
    du.predator = p.d * u.prey * u.predator - p.c * u.predator;
  },
  u0: { prey: 1, predator: 2 },
  tspan: [0, 10],
  p: { a: 1.5, b: 1, c: 3, d: 1 },
});

/** u' at the flat state and parameters, by the plain function. */
function derivative({ code }: OdeProblem, u: number[], p: number[], t = 0): number[] {
  const du = new Float64Array(u.length);
  code.plain(du, new Float64Array(u), new Float64Array(p), t);
  return [...du];
}

describe("odeProblem", () => {
  it("lays out state and parameters", () => {
    expect(lotkaVolterra.layout.u.size).toBe(2);
    expect(lotkaVolterra.layout.p.size).toBe(4);
    expect(lotkaVolterra.inPlace).toBe(true);
    expect(lotkaVolterra.name).toBe("rhs");
  });

  it("calls in-place functions on flat memory", () => {
    expect(derivative(lotkaVolterra, [1, 2], [1.5, 1, 3, 1])).toEqual([-0.5, -4]);
  });

  it("calls out-of-place functions on flat memory, whatever they return", () => {
    const oscillator = odeProblem({ rhs: (u, p) => [u[1], -p[0] * u[0]], u0: [1, 0], p: [4], tspan: [0, 1] });
    expect(oscillator.inPlace).toBe(false);
    expect(derivative(oscillator, [1, 0], [4])).toEqual([0, -4]);

    const struct = odeProblem({ rhs: (u, p, t) => ({ x: t, v: p.k * u.x }), u0: { x: 0, v: 0 }, p: { k: 3 }, tspan: [0, 1] });
    expect(derivative(struct, [2, 0], [3], 7)).toEqual([7, 6]);

    const W = ndarray(new Float64Array([0, 1, -1, 0]), [2, 2]);
    const linear = odeProblem({ rhs: (u, p) => add(matmul(p, u), 1), u0: new Float64Array([1, 2]), p: W, tspan: [0, 1] });
    expect(derivative(linear, [1, 2], [0, 1, -1, 0])).toEqual([3, 0]);

    const number = odeProblem({ rhs: (u, p) => -p * u, u0: 1, p: 2, tspan: [0, 1] });
    expect(derivative(number, [3], [2])).toEqual([-6]);
    expect(derivative(number, [4], [2])).toEqual([-8]);
  });

  it("hands over constants, ndarrays and no parameters", () => {
    const heat = odeProblem({
      rhs(du, u, _p, _t, { N }) {
        for (let i = 0; i < N; i++) du.set(i, 0, -u.get(i, 0));
      },
      u0: ndarray(new Float64Array([1, 2]), [2, 1]),
      tspan: [0, 1],
      constants: { N: 2 },
    });
    expect(derivative(heat, [1, 2], [])).toEqual([-1, -2]);
    expect(heat.p).toEqual([]);
  });

  it("keeps a tspan that runs backwards", () => {
    expect(remake(lotkaVolterra, { tspan: [10, 0] }).tspan).toEqual([10, 0]);
  });

  it("checks what an out-of-place function returns", () => {
    const short = odeProblem({ rhs: (u) => [u[0]], u0: [1, 2], tspan: [0, 1] });
    expect(() => derivative(short, [1, 2], [])).toThrow(WrongLength);
    expect(() => derivative(short, [1, 2], [])).toThrow(/what rhs returns is an array of length 1/);
    // @ts-expect-error v is missing
    const partial = odeProblem({ rhs: (u) => ({ x: u.v }), u0: { x: 0, v: 0 }, tspan: [0, 1] });
    expect(() => derivative(partial, [1, 2], [])).toThrow(UnknownComponent);
  });
});

describe("what is refused", () => {
  const rhs = (du: number[], u: number[]): void => {
    du[0] = -u[0];
  };
  it.each([
    ["NaN in u0", () => odeProblem({ rhs, u0: [1, NaN], tspan: [0, 1] }), NonFinite, /u0\[1\] is NaN/],
    [
      "infinite p",
      () => odeProblem({ rhs, u0: [1], p: { a: { b: Infinity } }, tspan: [0, 1] }),
      NonFinite,
      /p\.a\.b is Infinity/,
    ],
    ["zero length", () => odeProblem({ rhs, u0: [1], tspan: [2, 2] }), BadTimeSpan, /tspan is \[2, 2\], which has no length/],
    ["infinite time", () => odeProblem({ rhs, u0: [1], tspan: [0, Infinity] }), BadTimeSpan, /two finite numbers/],
    // @ts-expect-error one number
    ["one time", () => odeProblem({ rhs, u0: [1], tspan: [1] }), BadTimeSpan, /tspan is \[1\]/],
    // @ts-expect-error no times
    ["no time", () => odeProblem({ rhs, u0: [1] }), BadTimeSpan, /tspan is undefined/],
    [
      "a matrix of arrays",
      () => odeProblem({ rhs: () => {}, u0: [[1]], tspan: [0, 1] }),
      UnsupportedValue,
      /u0\[0\] is itself an array/,
    ],
    ["a number in place", () => odeProblem({ rhs: (du, u) => void (du + u), u0: 1, tspan: [0, 1] }), UnsupportedValue, /\[1\]/],
    // @ts-expect-error no function
    ["no function", () => odeProblem({ rhs: "u", u0: [1], tspan: [0, 1] }), BadOption, /rhs is "u"/],
  ])("%s", (_, make, error, message) => {
    expect(make).toThrow(error);
    expect(make).toThrow(message);
  });
});

describe("remake", () => {
  it("shares the code while shapes and constants stay the same", () => {
    const scaled = odeProblem({ rhs: (u, _p, _t, c) => [c.k * u[0]], u0: [1], tspan: [0, 1], constants: { k: 2 } });
    expect(remake(scaled, { u0: [5], tspan: [0, 3] }).code).toBe(scaled.code);
    expect(remake(scaled, { u0: [5] }).layout.u).toBe(scaled.layout.u);
    expect(remake(scaled, { constants: { k: 2 } }).code).toBe(scaled.code);
    expect(remake(lotkaVolterra, { p: { a: 1, b: 2, c: 3, d: 4 } }).code).toBe(lotkaVolterra.code);
  });

  it("makes new code for other shapes and constants", () => {
    const scaled = odeProblem({ rhs: (u, _p, _t, c) => [c.k * u[0]], u0: [1], tspan: [0, 1], constants: { k: 2 } });
    expect(derivative(remake(scaled, { constants: { k: 3 } }), [1], [])).toEqual([3]);
    const longer = remake(scaled, { u0: [1, 2] });
    expect(longer.code).not.toBe(scaled.code);
    expect(longer.layout.u.size).toBe(2);
  });

  it("checks the new values", () => {
    expect(() => remake(lotkaVolterra, { u0: { prey: NaN, predator: 1 } })).toThrow(NonFinite);
    expect(() => remake(lotkaVolterra, { tspan: [1, 1] })).toThrow(BadTimeSpan);
  });

  it("keeps what is not named", () => {
    const remade = remake(lotkaVolterra, { u0: { prey: 3, predator: 3 } });
    expect(remade.p).toBe(lotkaVolterra.p);
    expect(lotkaVolterra.u0.prey).toBe(1);
  });
});

describe("ProblemCode", () => {
  it("reads the right-hand side as (du, u, p, t), in place or not", () => {
    const outOfPlace = odeProblem({ rhs: (u, p, t) => [p[0] * u[0] * t], u0: [1], p: [2], tspan: [0, 1] });
    for (const { code } of [lotkaVolterra, outOfPlace]) {
      const names = code
        .rhsProgram()
        .parameters.map((parameter) => (parameter.kind === "array" ? parameter.array.name : parameter.name));
      expect(names).toEqual(["du", "u", "p", "t"]);
      expect(code.rhsProgram()).toBe(code.rhsProgram());
    }
  });
});

it("infers all types", () => {
  expectTypeOf(lotkaVolterra.u0).toEqualTypeOf<{ prey: number; predator: number }>();
  expectTypeOf(lotkaVolterra.p.a).toEqualTypeOf<number>();
  odeProblem({
    rhs(du, u, p, t, constants) {
      expectTypeOf(du.x).toEqualTypeOf<number>();
      expectTypeOf(u.W).toExtend<NdArray<Float64Array>>();
      expectTypeOf(p[0]).toEqualTypeOf<number>();
      expectTypeOf(t).toExtend<number>();
      expectTypeOf(constants).toEqualTypeOf<{ N: number }>();
      // @ts-expect-error no such component
      du.y = 1;
      du.x = constants.N;
      du.W.set(0, 0, 0);
    },
    u0: { x: 1, W: ndarray(new Float64Array(1), [1, 1]) },
    p: new Float64Array(1),
    tspan: [0, 1],
    constants: { N: 1 },
  });
  odeProblem({
    rhs(u, p, t) {
      expectTypeOf(u).toEqualTypeOf<number[]>();
      expectTypeOf(t + p[0] * u[0]).toEqualTypeOf<number>();
      return u.map((x) => -p[0] * x);
    },
    u0: [1, 2],
    p: [3],
    tspan: [0, 1],
  });
  // @ts-expect-error a string is no derivative
  expect(() => odeProblem({ rhs: (u: number[]) => `${u[0]}`, u0: [1], tspan: [0, NaN] })).toThrow(BadTimeSpan);
});

describe("bound functions that nothing shows the inside of", () => {
  withoutInspector();

  it("are told in place from out of place by a call", () => {
    const inPlace = (du: number[], u: number[], p: number[]): void => {
      du[0] = p[0] * u[0];
    };
    const outOfPlace = (u: number[], p: number[]): number[] => [p[0] * u[0]];
    const rest = { u0: [1], p: [2], tspan: [0, 1] } as const;
    const bound = odeProblem({ rhs: inPlace.bind(null), ...rest, u0: [1], p: [2] });
    expect(bound.inPlace).toBe(true);
    expect(derivative(bound, [3], [2])).toEqual([6]);
    expect(() => bound.code.rhsProgram()).toThrow(ReadError);
    expect(odeProblem({ rhs: outOfPlace.bind(null), ...rest, u0: [1], p: [2] }).inPlace).toBe(false);
    const throwing = (_du: unknown, u: number[], _p: unknown, _t: unknown): void => {
      if (u.length > 0) throw new RangeError("out of range");
    };
    const stated = (): unknown => odeProblem({ rhs: throwing.bind(null) as never, ...rest, u0: [1], p: [2], name: "decay" });
    expect(stated).toThrow(FunctionThrew);
    expect(stated).toThrow(/^decay threw at t = 0: RangeError: out of range/);
    const givingNone = ((u: number[], p: number[]) => [u[0] * p[0], missing(u)]).bind(null);
    const missing = (u: number[]): number => (u as never as { none: { x: number } }).none.x;
    expect(() => odeProblem({ rhs: givingNone as never, ...rest, u0: [1], p: [2] })).toThrow(/TypeError: Cannot read prop/);
  });
});
