/** Right-hand sides in parts: their sum, in every shape and form, and what is refused. */
import { describe, expect, it, test } from "vitest";
import {
  BadOption,
  BadProblem,
  BackendRefused,
  gradient,
  ndarray,
  odeProblem,
  remake,
  rodas5P,
  solve,
  tsit5,
  UnknownOption,
  UnsupportedValue,
} from "../../index.ts";
import { partsOf, undivided } from "../../src/passes/parts.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { backendsThat } from "../tables.ts";
import { withoutInspector } from "../without-inspector.ts";

/** The value of a program of (u, p, t). */
function valueOf(program: ReturnType<ProblemCode["rhsProgram"]>, u: Float64Array, p: Float64Array, t: number): number[] {
  return [...compiledAlone(program, "wasm").run([undefined, u, p], [t]).arrays[0]];
}

const table = Float64Array.of(0.5, -2);
const named = odeProblem({
  rhs: {
    stiff: (u, p, _t, { table }) => ({ x: -p.k * u.x, y: [table[0] * u.y[1], -(u.y[0] ** 3)] }),
    nonstiff(du, u, p, t) {
      du.x = Math.cos(t) * u.y[0];
      for (let i = 0; i < 2; i++) du.y[i] = p.k * u.x + i;
    },
  },
  u0: { x: 1, y: [2, 3] },
  tspan: [0, 1],
  p: { k: 3 },
  constants: { table },
});

test("the sum, and each part of its program", () => {
  const [u, p, t] = [Float64Array.of(1, 2, 3), Float64Array.of(3), 0.4];
  const [stiff, nonstiff] = [
    [-3, 1.5, -8],
    [2 * Math.cos(0.4), 3, 4],
  ];
  const plain = new Float64Array(3);
  named.code.plain(plain, u, p, t);
  expect([...plain]).toEqual(stiff.map((x, i) => x + nonstiff[i]));
  const program = named.code.rhsProgram();
  expect(valueOf(program, u, p, t)).toEqual([...plain]);
  expect(valueOf(undivided(program), u, p, t)).toEqual([...plain]);
  expect(partsOf(undivided(program), "stiff")).toBeUndefined();
  expect(partsOf(program, "position")).toBeUndefined();
  const parts = partsOf(program, "stiff", "nonstiff")!;
  expect(valueOf(parts[0], u, p, t)).toEqual(stiff);
  expect(valueOf(parts[1], u, p, t)).toEqual(nonstiff);
});

test("what one part makes no number of is not in the other", () => {
  const roots = odeProblem({
    rhs: { stiff: (u) => [-u[0], 1], nonstiff: (u) => [Math.sqrt(u[1]), 0] },
    u0: [1, 0],
    tspan: [0, 1],
  });
  const [stiff] = partsOf(roots.code.rhsProgram(), "stiff")!;
  expect(valueOf(stiff, Float64Array.of(1, -1), new Float64Array(0), 0)).toEqual([-1, 1]);
});

test("a program is shared by problems of the same functions", () => {
  const make = (k: number): OdeProblem<{ x: number }, number[], { k: number[] }> =>
    odeProblem({
      rhs: { stiff: (u, _p, _t, c) => ({ x: -c.k[0] * u.x }), nonstiff: (u) => ({ x: u.x ** 2 }) },
      u0: { x: 0.5 },
      tspan: [0, 1],
      p: [] as number[],
      constants: { k: [k] },
    });
  const [one, other] = [make(1), make(2)];
  expect(one.code.rhsProgram()).toBe(make(1).code.rhsProgram());
  // Their constants are data, and each solves with its own: x' = −k x + x².
  const exact = (k: number): number => k / (1 + (k / 0.5 - 1) * Math.exp(k));
  for (const [problem, k] of [
    [one, 1],
    [other, 2],
    [one, 1],
  ] as const) {
    const { u } = solve(problem, { rtol: 1e-10, atol: 1e-10, saveat: [1] });
    expect(u[0].x).toBeCloseTo(exact(k), 9);
  }
  expect(solve(remake(one, { constants: { k: [3] } }), { rtol: 1e-10, atol: 1e-10, saveat: [1] }).u[0].x).toBeCloseTo(
    exact(3),
    9,
  );
});

describe("halves of every shape", () => {
  const angle = 1.3;
  const [c, s] = [Math.cos(angle), Math.sin(angle)];
  const tight = { rtol: 1e-11, atol: 1e-11, saveat: [angle] };

  it("beside a part of the other form that is undefined", () => {
    const rhs = { stiff: undefined, position: (v: number[]) => [v[0]], velocity: (q: number[]) => [-q[0]] };
    const spec = { rhs, u0: { position: [1], velocity: [0] }, tspan: [0, 1] };
    expect(solve(odeProblem(spec as never), { rtol: 1e-8 }).states.at(-1)![0]).toBeCloseTo(Math.cos(1), 6);
  });

  it("numbers", () => {
    const problem = odeProblem({
      rhs: { position: (v) => v, velocity: (q) => -q },
      u0: { position: 1, velocity: 0 },
      tspan: [0, angle],
    });
    expect(solve(problem, tight).u[0].position).toBeCloseTo(c, 9);
  });

  it("arrays, in place, the velocity first", () => {
    const problem = odeProblem({
      rhs: {
        position(dq, v) {
          for (let i = 0; i < 20; i++) dq[i] = v[i];
        },
        velocity(dv, q) {
          for (let i = 0; i < 20; i++) dv[i] = -q[i];
        },
      },
      u0: { velocity: new Float64Array(20).fill(1), position: new Float64Array(20) },
      tspan: [0, angle],
    });
    const { u } = solve(problem, tight);
    expect(u[0].position[19]).toBeCloseTo(s, 9);
    expect(u[0].velocity[7]).toBeCloseTo(c, 9);
  });

  it("ndarrays and names", () => {
    const problem = odeProblem({
      rhs: {
        position: (v) => v,
        velocity(dv, q) {
          dv.x = -q.x;
          for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) dv.grid.set(i, j, -q.grid.get(i, j));
        },
      },
      u0: {
        position: { x: 0, grid: ndarray(Float64Array.of(1, 2, 3, 4), [2, 2]) },
        velocity: { x: 1, grid: ndarray(new Float64Array(4), [2, 2]) },
      },
      tspan: [0, angle],
    });
    const { u } = solve(problem, tight);
    expect(u[0].position.x).toBeCloseTo(s, 9);
    expect(u[0].position.grid.get(1, 0)).toBeCloseTo(3 * c, 9);
  });
});

describe("functions that cannot be read", () => {
  withoutInspector();

  const rates = [2];
  const hidden = odeProblem({
    rhs: { stiff: (u: number[]) => u.map((x) => -rates[0] * x), nonstiff: (u) => [u[0] / 2] },
    u0: [1],
    tspan: [0, 1],
  });

  it("run by themselves, and say so", () => {
    for (const solver of [undefined, tsit5(), rodas5P()]) {
      const solution = solve(hidden, { solver, rtol: 1e-9, atol: 1e-9, saveat: [1] });
      expect(solution.u[0][0]).toBeCloseTo(Math.exp(-1.5), 6);
      expect(solution.stats.compiled).toBe(false);
    }
  });

  it("are differentiated by differences alone, where that is asked for", () => {
    const options = { loss: { final: (u: number[]) => u[0] }, wrt: ["u0"] as const };
    expect(() => gradient(hidden, options)).toThrow(/rates/);
    expect(gradient(hidden, { ...options, vjp: "finite" }).gradient.u0![0]).toBeCloseTo(Math.exp(-1.5), 5);
  });

  it("name what is misspelt in the part that reads it", () => {
    const misspelt = odeProblem({
      rhs: { stiff: (u: { x: number }) => ({ x: -rates[0] * (u as unknown as { y: number }).y }), nonstiff: (u) => ({ x: u.x }) },
      u0: { x: 1 },
      tspan: [0, 1],
    });
    expect(() => solve(misspelt)).toThrow(/rhs\.stiff reads `u\.y`/);
  });
});

test("backends that record one function refuse by name; the others agree", () => {
  const options = { loss: { final: (u: { x: number }) => u.x }, wrt: ["p", "u0"] as const, rtol: 1e-9, atol: 1e-9 };
  const expected = gradient(named, options);
  for (const vjp of backendsThat()) {
    if (backendsThat(({ records }) => records === true).includes(vjp)) {
      expect(() => gradient(named, { ...options, vjp, adjoint: "gauss" })).toThrow(BackendRefused);
    } else {
      const found = gradient(named, { ...options, vjp, adjoint: "gauss" });
      expect(found.gradient.p!.k).toBeCloseTo(expected.gradient.p!.k, 5);
      expect(found.gradient.u0!.y[1]).toBeCloseTo(expected.gradient.u0!.y[1], 5);
    }
  }
});

test("a part that writes what it reads, or a number in place, is an error that names it", () => {
  const writes = odeProblem({
    rhs: { stiff: (du, u) => void (du[0] = u[0] = 1), nonstiff: (u) => [u[0]] },
    u0: [1],
    tspan: [0, 1],
  });
  expect(() => solve(writes)).toThrow(/rhs\.stiff/);
  const inPlace = { position: (dq: number, v: number) => void (dq += v), velocity: (q: number) => -q };
  expect(() => odeProblem({ rhs: inPlace as never, u0: { position: 1, velocity: 0 }, tspan: [0, 1] })).toThrow(UnsupportedValue);
});

describe("what is refused", () => {
  const f = (u: number[]): number[] => [-u[0]];
  const state = { u0: [1], tspan: [0, 1] as const };
  const halves = { position: (v: number) => v, velocity: (q: number) => -q };
  const stating = (spec: object) => () => odeProblem({ ...state, ...spec } as never);

  it.each([
    ["a part that is missing", { rhs: { stiff: f } }, BadOption, /no nonstiff/],
    ["no part", { rhs: {} }, BadOption, /stiff and no position/],
    ["a part of another form", { rhs: { stiff: f, velocity: f } }, UnknownOption, /velocity/],
    ["a part misspelt", { rhs: { stiff: f, nonStiff: f } }, UnknownOption, /nonstiff/],
    ["what is no function", { rhs: { stiff: f, nonstiff: 1 } }, BadOption, /rhs\.nonstiff is 1/],
    ["halves of a state that has none", { rhs: halves }, BadProblem, /u0 has to be/],
    ["halves of two shapes", { rhs: halves, u0: { position: 1, velocity: [1] } }, BadProblem, /one shape/],
    ["something beside the halves", { rhs: halves, u0: { position: 1, velocity: 1, mass: 1 } }, BadProblem, /nothing else/],
    ["derivatives of one function", { rhs: { stiff: f, nonstiff: f }, derivatives: { jac() {} } }, BadProblem, /derivatives/],
    ["a mass matrix", { rhs: { stiff: f, nonstiff: f }, massMatrix: [1] }, BadProblem, /massMatrix/],
  ])("%s", (_, spec, error, message) => {
    expect(stating(spec)).toThrow(error);
    expect(stating(spec)).toThrow(message);
  });
});
