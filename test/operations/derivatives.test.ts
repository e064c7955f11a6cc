import { ndarray } from "../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import { arrayOperations } from "../../src/operations/index.ts";
import { sizeOf } from "../../src/arrays/shape.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { smooth } from "./cases.ts";
import { dataOf, programOf, runLowered, runProgram, type Argument } from "./lowering.ts";

/** The derivative of a unary operation at one point, forward and reverse. */
function slopes(name: string, x: number): [forward: number, reverse: number] {
  const { program } = programOf(arrayOperations[name], [[x]], []);
  const tangent = runProgram(forward(program, { wrt: ["x0"] }), [[0], [x], [1], [0]]);
  const gradient = runProgram(reverse(program, { wrt: ["x0"] }), [[x], [1], [0]]);
  return [tangent.at(-1)![0], gradient.at(-1)![0]];
}

const sigmoidSlope = (x: number): number => 1 / ((1 + Math.exp(x)) * (1 + Math.exp(-x)));

describe.each([
  ["sigmoid", 0, 0.25],
  ["sigmoid", 3, sigmoidSlope(3)],
  ["sigmoid", -600, Math.exp(-600)],
  ["sigmoid", 800, 0],
  ["sigmoid", -800, 0],
  ["softplus", 0, 0.5],
  ["softplus", -600, Math.exp(-600)],
  ["softplus", 40, 1],
  ["softplus", 41, 1],
  ["softplus", 1e4, 1],
  ["softplus", -1e4, 0],
  ["relu", 0, 0],
  ["relu", 2, 1],
  ["relu", -2, 0],
  ["abs", -2, -1],
  ["tanh", 0, 1],
  ["tanh", 1e3, 0],
])("%s' at %f", (name, x, slope) => {
  it.each(slopes(name, x))("is %f", (found) => {
    expect(Math.abs(found - slope)).toBeLessThanOrEqual(1e-14 * Math.abs(slope) + 1e-200);
  });
});

it("covers every operation", () => {
  expect(new Set(smooth.map(([name]) => name))).toEqual(new Set(Object.keys(arrayOperations)));
});

describe.each(smooth)("%s %#", (name, args, options) => {
  const { program, shape } = programOf(arrayOperations[name], args, options);
  const size = Math.max(1, sizeOf(shape));
  const inputs = args.map((arg) => Float64Array.from(dataOf(arg) as ArrayLike<number>));
  const wave = (length: number, frequency: number): Float64Array =>
    Float64Array.from({ length }, (_, i) => Math.cos(frequency * (i + 1)));
  const directions = inputs.map((x, k) => wave(x.length, 1.3 + k));
  const cotangent = wave(size, 0.7);
  const names = inputs.map((_, k) => `x${k}`);

  const along = (step: number): Float64Array => {
    const moved = args.map((arg, k): Argument => {
      const data = inputs[k].map((x, i) => x + step * directions[k][i]);
      return Array.isArray(arg) ? [...data] : typeof arg === "number" ? arg : ndarray(data, arg.shape, arg.stride, arg.offset);
    });
    return Float64Array.from(runLowered(name, moved, options).data);
  };
  const step = 1e-5;
  const difference = along(step).map((x, i) => (x - along(-step)[i]) / (2 * step));
  const close = (a: number, b: number): void => expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(b)));

  it("forward", () => {
    const found = runProgram(forward(program, { wrt: names }), [
      new Float64Array(size),
      ...inputs,
      ...directions,
      new Float64Array(size),
    ]);
    found.at(-1)!.forEach((x, i) => close(x, difference[i]));
  });

  it("reverse", () => {
    const found = runProgram(reverse(program, { wrt: names }), [
      ...inputs,
      cotangent,
      ...inputs.map((x) => new Float64Array(x.length)),
    ]);
    const gradients = found.slice(-inputs.length);
    const slope = gradients.reduce((sum, g, k) => sum + g.reduce((s, x, i) => s + x * directions[k][i], 0), 0);
    close(
      slope,
      difference.reduce((s, x, i) => s + x * cotangent[i], 0),
    );
  });
});
