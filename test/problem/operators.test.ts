/** Functions of every signature in the table are read, called, derived, compiled and recorded. */
import { describe, expect, test } from "vitest";
import { BadEvents } from "../../src/problem/errors.ts";
import { ReadError } from "../../src/core/errors.ts";
import { layoutOf } from "../../src/arrays/layout.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import { Operator } from "../../src/problem/operator.ts";
import { operators, type OperatorName, type Signature } from "../../src/problem/operators.ts";
import type { Inputs, PlainFunction, Spaces } from "../../src/problem/plain-operator.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { Program } from "../../src/ir/ir.ts";
import { tracedProgram } from "../../src/tape/traced-program.ts";

interface State {
  x: number;
  w: Float64Array;
}
interface Parameters {
  a: number;
  b: number[];
}
interface Constants {
  k: number[];
}
type Noise = Float64Array;

const spaces: Spaces = {
  u: layoutOf({ x: 1, w: Float64Array.of(1, 1) }, "u0"),
  p: layoutOf({ a: 1, b: [1, 1] }, "p"),
  noise: layoutOf(new Float64Array(2), "noise"),
  position: layoutOf({ x: 1, w: Float64Array.of(1, 1) }, "u0.position"),
  velocity: layoutOf({ x: 1, w: Float64Array.of(1, 1) }, "u0.velocity"),
  times: layoutOf([1, 1], "times"),
  series: layoutOf({ x: [1, 1], w: Float64Array.of(1, 1) }, "u"),
};
const constants: Constants = { k: [0.7, -1.2] };

interface Example {
  /** Returns what it gives, or changes what it takes. */
  readonly returns: PlainFunction;
  /** Writes what it gives, if that is numbers of a space. */
  readonly writes?: PlainFunction;
}

const example = (returns: (...args: never[]) => unknown, writes?: (...args: never[]) => void): Example => ({
  returns: returns as PlainFunction,
  writes: writes as PlainFunction | undefined,
});

/** Of a loss's number. */
const number = (u: State, p: Parameters, t: number, { k }: Constants): number =>
  p.a * Math.sin(u.x * t) + k[0] * u.w[0] * u.w[1] * p.b[1];

const examples: Record<OperatorName, Example> = {
  rhs: example(
    (u: State, p: Parameters, t: number, { k }: Constants) => ({
      x: p.a * u.x * u.w[0] + t ** 2,
      w: [k[0] * Math.sin(u.w[1]), u.w[0] * p.b[1]],
    }),
    (du: State, u: State, p: Parameters, t: number, { k }: Constants) => {
      du.x = p.a * u.x * u.w[0] + t ** 2;
      for (let i = 0; i < 2; i++) du.w[i] = k[i] * Math.exp(u.w[i]) - p.b[i];
    },
  ),
  stiff: example(
    (u: State, p: Parameters, t: number, { k }: Constants) => ({ x: -p.a * u.x ** 3, w: [k[0] * (u.w[1] - u.w[0]) * t, p.b[0]] }),
    (du: State, u: State, p: Parameters, t: number, { k }: Constants) => {
      du.x = -p.a * u.x ** 3 * t;
      for (let i = 0; i < 2; i++) du.w[i] = k[i] * (u.w[1 - i] - u.w[i]) * p.b[i];
    },
  ),
  nonstiff: example(
    (u: State, p: Parameters, t: number, { k }: Constants) => ({
      x: Math.cos(u.w[0] * t),
      w: [p.a * k[1] * u.x, u.w[1] * p.b[1]],
    }),
    (du: State, u: State, p: Parameters, t: number, { k }: Constants) => {
      du.x = Math.cos(u.w[0] * t) * k[0];
      for (let i = 0; i < 2; i++) du.w[i] = p.a * u.x * u.w[i] + p.b[i];
    },
  ),
  position: example(
    (v: State, p: Parameters, t: number, { k }: Constants) => ({ x: v.x / p.a, w: [v.w[0] * k[0], v.w[1] + t * p.b[0]] }),
    (dq: State, v: State, p: Parameters, t: number, { k }: Constants) => {
      dq.x = v.x * p.a + t;
      for (let i = 0; i < 2; i++) dq.w[i] = v.w[i] * p.b[i] * k[i];
    },
  ),
  velocity: example(
    (q: State, p: Parameters, t: number, { k }: Constants) => ({
      x: -p.a * Math.sin(q.x),
      w: [k[0] * q.w[1] * t, -p.b[1] * q.w[0]],
    }),
    (dv: State, q: State, p: Parameters, t: number, { k }: Constants) => {
      dv.x = -p.a * Math.sin(q.x) + q.w[0] * q.w[1];
      for (let i = 0; i < 2; i++) dv.w[i] = k[i] * Math.cos(t) - p.b[i] * q.w[i] ** 3;
    },
  ),
  mass: example(
    (v: State, p: Parameters, t: number, { k }: Constants) => ({ x: p.a * v.x * t, w: [v.w[0] + k[0] * v.x, 0] }),
    (mv: State, v: State, p: Parameters, t: number, { k }: Constants) => {
      mv.x = p.a * v.x * t;
      mv.w[0] = v.w[0] + k[0] * v.x;
      mv.w[1] = 0;
    },
  ),
  residual: example(
    (du: State, u: State, p: Parameters, t: number, { k }: Constants) => ({
      x: du.x * u.x - p.a * t,
      w: [du.w[0] + k[1] * u.w[0] ** 2, u.w[0] + u.w[1] * p.b[0]],
    }),
    (r: State, du: State, u: State, p: Parameters, t: number, { k }: Constants) => {
      r.x = du.x * u.x - p.a * t;
      for (let i = 0; i < 2; i++) r.w[i] = du.w[i] + k[i] * u.w[i] ** 2 * p.b[i];
    },
  ),
  diffusion: example(
    (u: State, p: Parameters, t: number, { k }: Constants) => [p.a * u.x * k[0], Math.cos(u.w[0] * t) * p.b[0]],
    (g: Noise, u: State, p: Parameters, t: number, { k }: Constants) => {
      g[0] = p.a * u.x * k[0];
      g[1] = Math.cos(u.w[0] * t) * p.b[0];
    },
  ),
  preconditioner: example(
    (r: State, u: State, p: Parameters, t: number, d: number, { k }: Constants) => ({
      x: r.x / (d + p.a * u.x),
      w: [(r.w[0] + t * r.x) / d, r.w[1] * k[0] * p.b[0]],
    }),
    (z: State, r: State, u: State, p: Parameters, t: number, d: number, { k }: Constants) => {
      z.x = r.x / (d + p.a * u.x);
      for (let i = 0; i < 2; i++) z.w[i] = (k[i] * r.w[i] + t * r.x) / (d * p.b[i]);
    },
  ),
  history: example(
    (p: Parameters, t: number, { k }: Constants) => ({ x: p.a * Math.cos(t), w: [k[0] * p.b[0] * t, p.b[1] ** 2] }),
    (u: State, p: Parameters, t: number, { k }: Constants) => {
      u.x = p.a * Math.cos(t);
      for (let i = 0; i < 2; i++) u.w[i] = k[i] * p.b[i] * t;
    },
  ),
  u0: example(
    (p: Parameters, { k }: Constants) => ({ x: Math.exp(p.a), w: [p.b[0] * p.a, k[1]] }),
    (u: State, p: Parameters, { k }: Constants) => {
      u.x = Math.exp(p.a);
      u.w[0] = p.b[0] * p.a;
      u.w[1] = k[1];
    },
  ),
  when: example(number),
  times: example(
    (p: Parameters, { k }: Constants) => [p.a, Math.exp(p.b[0] * k[0])],
    (times: number[], p: Parameters, { k }: Constants) => {
      times[0] = p.a ** 2;
      times[1] = p.b[0] * p.b[1] * k[1];
    },
  ),
  apply: example((u: State, p: Parameters, t: number, { k }: Constants, index: number) => {
    u.x = p.a * u.x * t;
    u.w[1] += k[index] * u.w[0] * p.b[index];
  }),
  of: example((u: State, p: Parameters, t: number, i: number, { k }: Constants) => (u.x * t - k[i]) ** 2 * p.a + u.w[i]),
  integral: example(number),
  final: example((u: State, p: Parameters, { k }: Constants) => p.a * u.x ** 2 + k[1] * u.w[0]),
  norm: example((errors: State) => Math.max(Math.abs(errors.x), Math.hypot(errors.w[0], errors.w[1]))),
  controller: example(
    (error: number, previous: number, ratio: number, order: number) =>
      0.9 * error ** (-1 / order) * previous ** 0.1 * Math.sqrt(ratio),
  ),
  all: example(
    (u: { x: number[]; w: Float64Array }, p: Parameters, { k }: Constants) => p.a * u.w[1] ** 2 - k[0] * u.x[1] * u.x[0],
  ),
  steady: example((u: State, p: Parameters, { k }: Constants) => p.a * u.w[1] ** 2 - k[0] * u.x),
};

const state = Float64Array.of(0.8, -0.4, 1.1);
const values = {
  u: state,
  position: state,
  velocity: state,
  p: Float64Array.of(1.3, 0.6, -0.9),
  noise: Float64Array.of(0.2, 0.5),
  series: Float64Array.of(0.8, -0.4, 1.1, 0.3),
};
const scalars = { t: 0.6, d: 3.7, i: 1, index: 1, error: 0.2, previous: 0.7, ratio: 1.4, order: 5 };

function inputsOf({ takes }: Signature): Inputs {
  return takes.map((argument, k) => {
    if ("scalar" in argument) return scalars[argument.name as keyof typeof scalars];
    // Of arguments in one space no two are the same.
    return values[argument.space as "u" | "p"].map((x) => x + 0.1 * k);
  });
}

function operatorOf(name: OperatorName, inPlace: boolean): Operator {
  const { returns, writes } = examples[name];
  const signature: Signature = operators[name];
  return new Operator(signature, {
    fn: inPlace ? writes! : returns,
    name,
    spaces,
    constants,
    inPlace,
    points: () => [inputsOf(signature)],
  });
}

const ways = (Object.keys(operators) as OperatorName[]).flatMap((name): [string, OperatorName, boolean][] => [
  [name, name, false],
  ...(examples[name].writes ? ([[`${name}, in place`, name, true]] as [string, OperatorName, boolean][]) : []),
]);

/** Deterministic directions, as large as one. */
const directionFor = (size: number, from: number): Float64Array =>
  Float64Array.from({ length: size }, (_, i) => Math.sin(1 + 3 * i + from));

/** Everything an operator takes but whole numbers, by name; numbers as arrays of one. */
interface Part {
  readonly name: string;
  readonly at: Float64Array;
  readonly isScalar: boolean;
}

function continuous({ signature }: Operator, inputs: Inputs): Part[] {
  return signature.takes.flatMap((argument, k): Part[] => {
    const input = inputs[k];
    if (typeof input !== "number") return [{ name: argument.name, at: input, isScalar: false }];
    return "scalar" in argument && argument.scalar === "f64"
      ? [{ name: argument.name, at: Float64Array.of(input), isScalar: true }]
      : [];
  });
}

function valueAt(operator: Operator, inputs: Inputs): Float64Array {
  const value = new Float64Array(operator.output.layout.size);
  operator.evaluate(value, inputs);
  return value;
}

/** The plain function's slope along directions of all it takes: central differences, extrapolated once. */
function slopeAlong(operator: Operator, inputs: Inputs, along: ReadonlyMap<string, Float64Array>): Float64Array {
  const moved = (by: number): Float64Array =>
    valueAt(
      operator,
      inputs.map((input, k) => {
        const direction = along.get(operator.signature.takes[k].name);
        if (!direction) return input;
        return typeof input === "number" ? input + by * direction[0] : input.map((x, i) => x + by * direction[i]);
      }),
    );
  const central = (h: number): Float64Array => {
    const [above, below] = [moved(h), moved(-h)];
    return above.map((x, i) => (x - below[i]) / (2 * h));
  };
  const [coarse, fine] = [central(2e-3), central(1e-3)];
  return fine.map((x, i) => (4 * x - coarse[i]) / 3);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected[i])));
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((sum, x, i) => sum + x * b[i], 0);

/** Compiled, with arguments by name; copies of all its arrays. */
function run(program: Program, given: Readonly<Record<string, Float64Array | number>>): Readonly<Record<string, Float64Array>> {
  const arrays = program.parameters.flatMap((parameter) => (parameter.kind === "array" ? [parameter.array.name] : []));
  const scalars = program.parameters.flatMap((parameter) => (parameter.kind === "scalar" ? [parameter.name] : []));
  const { arrays: after } = compiledAlone(program, "wasm").run(
    arrays.map((name) => given[name] as Float64Array | undefined),
    scalars.map((name) => given[name] as number),
  );
  return Object.fromEntries(arrays.map((name, k) => [name, after[k].slice()]));
}

/** Of a program of the operator's: its slope and its pullback, and its Jacobian by each array, against differences of the function. */
function expectDerivatives(operator: Operator, program: Program, tolerance: number): void {
  const inputs = inputsOf(operator.signature);
  const derivatives = derivativesOf(program);
  const parts = continuous(operator, inputs);
  const wrt = parts.map(({ name }) => name);
  const given = Object.fromEntries(operator.signature.takes.map(({ name }, k) => [name, inputs[k]]));
  const output = program.result ? "result" : operator.signature.gives === "nothing" ? "u_after" : operator.output.name;
  const along = new Map(parts.map(({ name, at }, k) => [name, directionFor(at.length, k)]));
  const dots = Object.fromEntries([...along].map(([name, direction]) => [`${name}_dot`, direction]));
  const jvp = run(derivatives.jvp(wrt), { ...given, ...dots })[`${output}_dot`];
  expectClose(jvp, slopeAlong(operator, inputs, along), tolerance);
  const bar = directionFor(operator.output.layout.size, 7);
  const cotangent = { [`${output}_bar`]: program.result ? bar[0] : bar };
  const gradients = run(derivatives.vjp(wrt), { ...given, ...cotangent });
  const pulled = wrt.reduce((sum, name) => sum + dot(gradients[`${name}_bar`], along.get(name)!), 0);
  expect(pulled).toBeCloseTo(dot(bar, jvp), 10);
}

describe.each(ways)("%s", (_, name, inPlace) => {
  const operator = operatorOf(name, inPlace);
  const { signature } = operator;
  const inputs = inputsOf(signature);

  test("is read, with the parameters of its row", () => {
    const { gives, takes } = signature;
    const outputs = gives === "number" ? [] : [gives === "nothing" ? "u_after" : operator.output.name];
    const names = operator
      .program()
      .parameters.map((parameter) => (parameter.kind === "array" ? parameter.array.name : parameter.name));
    expect(names).toEqual([...outputs, ...takes.map((argument) => argument.name)]);
    expect(operator.program().result !== undefined).toBe(gives === "number");
  });

  test.each(["wasm", "javascript"] as const)("does in %s what it does plainly", (target) => {
    const program = operator.program();
    const arrays = inputs.filter((input) => typeof input !== "number");
    const scalars = inputs.filter((input) => typeof input === "number");
    const { result, arrays: after } = compiledAlone(program, target).run(
      program.result ? arrays : [undefined, ...arrays],
      scalars,
    );
    expectClose(program.result ? [result] : after[0], valueAt(operator, inputs), 1e-14);
  });

  test("has the derivatives of differences", () => expectDerivatives(operator, operator.program(), 1e-9));

  test("has them through its tape, as a program with the same parameters", () => {
    const traced = tracedProgram(operator);
    const shown = ({ parameters }: Program) =>
      parameters.map((parameter) =>
        parameter.kind === "array" ? `${parameter.array.role} ${parameter.array.name}` : parameter.name,
      );
    expect(shown(traced)).toEqual(shown(operator.program()));
    expectDerivatives(operator, traced, 1e-9);
  });

  test("has a Jacobian by what it takes, whose pattern leaves nothing out", () => {
    for (const { name: input, at, isScalar } of continuous(operator, inputs)) {
      if (isScalar) continue;
      const { pattern, values: entries } = operator.derivatives.jacobian(input);
      expect(operator.derivatives.pattern(input).rowIndices).toEqual(pattern.rowIndices);
      const given = Object.fromEntries(signature.takes.map((argument, k) => [argument.name, inputs[k]]));
      const numbers = run(entries, given)["values"];
      expect([pattern.rows, pattern.columns]).toEqual([operator.output.layout.size, at.length]);
      for (let column = 0; column < at.length; column++) {
        const unit = Float64Array.from(at, (_x, j) => Number(j === column));
        const found = new Float64Array(pattern.rows);
        for (let e = pattern.columnPointers[column]; e < pattern.columnPointers[column + 1]; e++)
          found[pattern.rowIndices[e]] = numbers[e];
        expectClose(found, slopeAlong(operator, inputs, new Map([[input, unit]])), 1e-9);
      }
    }
  });

  test("sees copies of what it takes", () => {
    const before = inputs.map((input) => (typeof input === "number" ? input : input.slice()));
    valueAt(operator, inputs);
    expect(inputs).toEqual(before);
  });
});

test("the pattern of a mass matrix is that of its Jacobian by v", () => {
  const { pattern } = operatorOf("mass", true).derivatives.jacobian("v");
  expect([...pattern.columnPointers]).toEqual([0, 2, 3, 3]);
  expect([...pattern.rowIndices]).toEqual([0, 1, 1]);
});

test("an operator that returns what it should change, or nothing where a number is needed, is an error", () => {
  const options = { name: "f", spaces, constants, points: () => [] };
  const returning = new Operator(operators.apply, { ...options, fn: () => ({ x: 1, w: [1, 1] }) });
  expect(() => valueAt(returning, inputsOf(operators.apply))).toThrow(BadEvents);
  const nothing = new Operator(operators.when, { ...options, fn: () => undefined });
  expect(() => nothing.program()).toThrow(ReadError);
  expect(() => valueAt(nothing, inputsOf(operators.when))).toThrow(/what f returns/);
});
