/** Keys that nothing knows are named, with what is meant. */
import { describe, expect, it } from "vitest";
import {
  BadLoss,
  BadOption,
  BadProblem,
  BadSaveTimes,
  BadSolver,
  BadTimeSpan,
  BadTolerance,
  checkGradient,
  explain,
  gradient,
  odeProblem,
  remake,
  sensitivities,
  solve,
  solveWithPullback,
  tsit5,
  UnknownOption,
} from "../../../index.ts";
import { adviceOn, nearest } from "../../../src/core/options/names.ts";

const decay = odeProblem({ rhs: (u, p) => [-p.k * u[0]], u0: [1], tspan: [0, 1], p: { k: 1 } });
const loss = { final: (u: number[]) => u[0] };
const lotka = odeProblem({
  rhs: (u, p) => ({ prey: p.a * u.prey, predator: -u.predator }),
  u0: { prey: 1, predator: 1 },
  tspan: [0, 1],
  p: { a: 1 },
});

describe("a key that nothing knows", () => {
  it.each([
    ["reltol", "It is `rtol` here."],
    ["rel_tol", "It is `rtol` here."],
    ["rTol", "It is `rtol` here."],
    ["saveAt", "It is `saveat` here."],
    ["t_eval", "It is `saveat` here."],
    ["params", "It is `p` here."],
    ["y0", "It is `u0` here."],
    ["t_span", "It is `tspan` here."],
    ["method", "It is `solver` here."],
    ["maxiters", "It is `maxSteps` here."],
    ["slover", "Is `solver` meant?"],
    ["maxStps", "Is `maxSteps` meant?"],
    ["dt", "It is an option of the methods of fixed steps: solver: rk4({ dt: 0.01 })."],
    ["wrt", "It is an option of `gradient` and its kin."],
    ["sensealg", "It is `adjoint` here, and is an option of `gradient` and its kin."],
    ["callback", "It is `events` here, and is an option of the problem"],
    ["mass", "It is `massMatrix` here, and is an option of the problem"],
    ["zebra", "Known are solver, rtol"],
  ])("%s to solve", (key, advice) => {
    const run = (): unknown => solve(decay, { [key]: 1 });
    expect(run).toThrow(UnknownOption);
    expect(run).toThrow(`solve: there is no "${key}". ${advice}`);
  });

  it.each<[string, () => unknown, RegExp]>([
    ["odeProblem", () => odeProblem({ ...spec, mass: [[2]] } as typeof spec), /^odeProblem: .*It is `massMatrix` here/],
    ["odeProblem", () => odeProblem({ ...spec, rtol: 1e-3 } as typeof spec), /^odeProblem: .*option of what solves/],
    ["remake", () => remake(decay, { rhs: 1 } as object), /^remake: there is no "rhs"/],
    ["events", () => odeProblem({ ...spec, events: { wen: () => 0 } as never }), /^events: there is no "wen". Is `when` meant/],
    ["derivatives", () => odeProblem({ ...spec, derivatives: { jacobian: 1 } as never }), /^derivatives: .*It is `jac` here/],
    ["gradient", () => gradient(decay, { loss, saveat: 0.1 } as never), /^gradient: .*a loss has its times in `at`/],
    ["explain", () => explain(decay, { loss, constants: {} } as never), /^explain: .*remake/],
    ["checkGradient", () => checkGradient(decay, { loss, toString: 1 } as never), /^checkGradient: there is no "toString"/],
    ["sensitivities", () => sensitivities(decay, { saveat: 1, loss } as never), /^sensitivities: there is no "loss"/],
    ["solveWithPullback", () => solveWithPullback(decay, { saveat: 1, loss } as never), /^solveWithPullback: .*`gradient`/],
    ["a loss", () => gradient(decay, { loss: { ...loss, times: [1] } as never }), /^loss: .*It is `at` here/],
    ["backward", () => gradient(decay, { loss, backward: { reltol: 1 } as never }), /^backward: .*It is `rtol` here/],
  ])("to %s", (_, run, message) => {
    expect(run).toThrow(UnknownOption);
    expect(run).toThrow(message);
  });

  const spec = { rhs: (u: number[]) => [u[0]], u0: [1], tspan: [0, 1] as const };

  it("is no type either", () => {
    // @ts-expect-error reltol
    expect(() => solve(decay, { reltol: 1e-3 })).toThrow(UnknownOption);
    // @ts-expect-error reltol
    expect(() => gradient(decay, { loss, reltol: 1e-3 })).toThrow(UnknownOption);
    // @ts-expect-error mass
    expect(() => odeProblem({ rhs: (u) => [u[0]], u0: [1], tspan: [0, 1], mass: [[2]] })).toThrow(UnknownOption);
    // @ts-expect-error q is no parameter
    expect(() => solve(decay, { p: { q: 1 } })).toThrow(/unknown q/);
    // @ts-expect-error y is no component
    expect(() => gradient(lotka, { loss: { final: (u) => u.prey }, atol: { y: 1 } })).toThrow(/the state has no y/);
    // @ts-expect-error nor for a gradient
    expect(() => gradient(decay, { loss, p: { q: 1 } })).toThrow(/unknown q/);
  });

  it("is absent where its value is undefined", () => {
    expect(solve(decay, { rtol: undefined, solver: undefined }).result).toBe("success");
  });

  it("counts where it is inherited, as it is read", () => {
    expect(() => solve(decay, Object.create({ reltol: 1 }) as object)).toThrow(UnknownOption);
    expect(solve(decay, Object.create({ saveat: 0.5 }) as object).t).toHaveLength(3);
  });
});

it("finds the nearest name within a third of the letters", () => {
  expect(nearest("solevr", ["rtol", "solver"])).toBe("solver");
  expect(nearest("losss", ["loss", "wrt"])).toBe("loss");
  expect(nearest("banana", ["loss", "wrt"])).toBeUndefined();
  expect(adviceOn("banana", ["loss", "wrt"])).toBe("Known are loss, wrt.");
});

describe("a value of the wrong kind", () => {
  it.each<[string, object, new (...args: never[]) => Error, RegExp]>([
    ["maxSteps 1.5", { maxSteps: 1.5 }, BadOption, /maxSteps is 1.5, but must be a positive whole number/],
    ["maxSteps NaN", { maxSteps: NaN }, BadOption, /maxSteps is NaN/],
    ["maxSteps -1", { maxSteps: -1 }, BadOption, /maxSteps is -1/],
    ["maxSteps null", { maxSteps: null }, BadOption, /maxSteps is null/],
    ["target", { target: "wgsl" }, BadOption, /target is "wgsl". It may be "wasm" or "javascript"/],
    ["onProgress", { onProgress: true }, BadOption, /onProgress is true, but must be a function/],
    ["signal", { signal: new AbortController() }, BadOption, /signal is a AbortController/],
    ["rtol null", { rtol: null }, BadTolerance, /rtol is null/],
    ["rtol a string", { rtol: "1e-6" }, BadTolerance, /rtol is "1e-6"/],
    ["atol null", { atol: null }, BadTolerance, /atol is null/],
    ["solver a string", { solver: "tsit5" }, BadSolver, /solver: tsit5\(\)/],
    ["solver null", { solver: null }, BadSolver, /solver is null/],
    ["tspan NaN", { tspan: [0, NaN] }, BadTimeSpan, /tspan is \[0, NaN\]/],
    ["tspan without length", { tspan: [1, 1] }, BadTimeSpan, /no length/],
    ["tspan a number", { tspan: 3 }, BadTimeSpan, /tspan is 3/],
    ["p null", { p: null }, Error, /p is null/],
    ["u0 null", { u0: null }, Error, /u0 is null/],
  ])("%s", (_, options, error, message) => {
    const verbs = [
      () => solve(decay, options),
      () => gradient(decay, { loss, ...options }),
      () => explain(decay, { loss, ...options }),
      () => checkGradient(decay, { loss, ...options }),
      () => sensitivities(decay, { saveat: 0.5, ...options }),
      () => solveWithPullback(decay, { saveat: 0.5, ...options }),
    ];
    for (const run of verbs) {
      expect(run).toThrow(error);
      expect(run).toThrow(message);
    }
  });

  it.each([[new Set([0.5])], [Infinity], [NaN], [null], ["0.1"], [["0.5"]], [[NaN]]])("saveat %s", (saveat) => {
    expect(() => solve(decay, { saveat: saveat as never })).toThrow(BadSaveTimes);
    expect(() => sensitivities(decay, { saveat: saveat as never })).toThrow(BadSaveTimes);
    expect(() => solveWithPullback(decay, { saveat: saveat as never })).toThrow(BadSaveTimes);
  });

  it.each<[unknown, RegExp]>([
    [undefined, /loss: there is none/],
    [3, /loss: it is 3/],
    [loss.final, /loss: it is a function.*\{ final: \(u\) => u\[0\] \}/],
    [{ final: 3 }, /loss.final is 3, but must be a function/],
    [{ at: 0.5, of: loss.final }, /loss.at is 0.5, but must be an array of numbers: \[0.5\]/],
    [{ at: new Set([0.5]), of: loss.final }, /loss.at is a Set, but must be an array of numbers: \[...numbers\]/],
    [{ at: ["0.5"], of: loss.final }, /loss.at\[0\] is "0.5"/],
  ])("a loss of %s", (wrong, message) => {
    for (const verb of [gradient, explain, checkGradient] as ((problem: typeof decay, options: { loss: never }) => unknown)[]) {
      expect(() => verb(decay, { loss: wrong as never })).toThrow(BadLoss);
      expect(() => verb(decay, { loss: wrong as never })).toThrow(message);
    }
  });

  it("a part of a problem exchanged by hand, that its code would not see", () => {
    const counted = odeProblem({ rhs: (u, _p, _t, c) => [-c.s * u[0]], u0: [1], tspan: [0, 1], constants: { s: 1 } });
    const final = { final: (u: number[]) => u[0] };
    const copies = [
      [{ ...counted, rhs: (u: number[]) => u }, /rhs was exchanged.*State another one/],
      [{ ...counted, constants: { s: 2 } }, /constants was exchanged.*remake\(problem, \{ constants \}\)/],
      [{ ...counted, events: { at: [0.5], apply: () => {} } }, /events was exchanged.*remake\(problem, \{ events \}\)/],
    ] as const;
    for (const [copy, message] of copies) {
      expect(() => solve(copy as never)).toThrow(message);
      expect(() => gradient(copy as never, { loss: final, wrt: "u0" } as never)).toThrow(message);
    }
    expect(solve({ ...counted, constants: { s: 1 } }).u.at(-1)![0]).toBeCloseTo(Math.exp(-1), 4);
    expect(solve({ ...counted, u0: [2] }).u.at(-1)![0]).toBeCloseTo(2 * Math.exp(-1), 4);
  });

  it.each([
    ["k", /"k" is a component of p: give "p", and read gradient.p.k/],
    ["p.k", /"p.k" is a component of p: give "p", and read gradient.p.k/],
    ["u0[0]", /"u0\[0\]" is a component of u0: give "u0", and read gradient.u0\[0\]/],
    ["q", /there is no "q"/],
  ])("wrt %s", (name, message) => {
    expect(() => gradient(decay, { loss, wrt: name as "p" })).toThrow(message);
  });

  it("the options or the problem", () => {
    expect(() => solve(decay, tsit5() as never)).toThrow(/there is no "name"/);
    expect(() => solve(decay, 1e-6 as never)).toThrow(/solve: it is given the number/);
    expect(() => gradient(decay, undefined as never)).toThrow(/gradient: it is given undefined/);
    expect(() => solve(decay.rhs as never)).toThrow(BadProblem);
    expect(() => gradient({ rhs: decay.rhs, u0: [1], tspan: [0, 1] } as never, { loss } as never)).toThrow(
      /State it.*odeProblem/,
    );
    expect(() => odeProblem(decay.rhs as never)).toThrow(BadProblem);
  });
});
