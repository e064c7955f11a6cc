import { ndarray } from "../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import { arrayOperations } from "../../src/arrays/operations/index.ts";
import { sizeOf } from "../../src/arrays/shape.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { dataOf, matrix, programOf, runLowered, runProgram, type Argument } from "./lowering.ts";

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

const A = matrix([
  [1, 2, 3],
  [4, 5, 6.5],
]);
const B = matrix([
  [1, 0.5],
  [2, -1],
  [0.25, 3],
]);

const C = matrix([
  [0, 2, -1],
  [3, 1, 0.5],
  [-1, 0.25, 2],
]);

const smooth: readonly [string, readonly Argument[], readonly unknown[]][] = [
  ["add", [A, [1, 2, 3]], []],
  ["sub", [matrix([[1], [2]]), [10, 20]], []],
  ["mul", [A, B.transpose(1, 0)], []],
  ["mul", [A, A], []],
  ["div", [A, matrix([[2], [3]])], []],
  ["pow", [A, [2, 0.5, 1.5]], []],
  ["neg", [A], []],
  ["abs", [B], []],
  ["sqrt", [A], []],
  ["exp", [A], []],
  ["log", [A], []],
  ["sin", [A], []],
  ["cos", [A], []],
  ["tanh", [A], []],
  ["sigmoid", [A], []],
  ["relu", [A], []],
  ["softplus", [A], []],
  ["sum", [A], []],
  ["sum", [A], [0]],
  ["sum", [A], [1]],
  [
    "dot",
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [],
  ],
  [
    "outer",
    [
      [1, 2],
      [3, 4, 5],
    ],
    [],
  ],
  ["matmul", [A, B], []],
  ["matmul", [A, [1, 2, -1]], []],
  ["matmul", [[1, -2], A], []],
  ["matmul", [A.transpose(1, 0), [1, 2]], []],
  ["matmul", [A, A.transpose(1, 0)], []],
  ["transpose", [A], []],
  [
    "slice",
    [A],
    [
      [
        [0, 2],
        [1, 3],
      ],
    ],
  ],
  ["reshape", [A.transpose(1, 0)], [[6]]],
  ["concat", [A, A.hi(1, 3)], [0]],
  ["roll", [A], [1, 1]],
  [
    "conv1d",
    [
      [1, 2, 4, -1, 3],
      [0.5, -1, 2],
    ],
    [],
  ],
  [
    "conv1d",
    [
      [1, 2, 4, -1, 3],
      [0.5, -1, 2],
    ],
    [{ padding: "same" }],
  ],
  ["conv1d", [A, ndarray(Float64Array.of(1, 2, -1, 0.5, 3, 1, 2, -2), [2, 2, 2])], [{ padding: "periodic" }]],
  ["conv2d", [A, matrix([[2, -1]])], [{ padding: "valid" }]],
  ["conv2d", [A.transpose(1, 0), B.hi(3, 2)], [{ padding: "same" }]],
  [
    "conv2d",
    [
      C,
      matrix([
        [1, -2, 0.5],
        [3, 1, 1],
      ]),
    ],
    [{ padding: "periodic" }],
  ],
  ["conv2d", [ndarray(Float64Array.from(C.data), [1, 3, 3]), ndarray(Float64Array.of(1, -2, 3, 4), [2, 1, 1, 2])], []],
  ["interpolate", [[1, 3, 2, 5], A], [{ from: 0.5, to: 5.7 }]],
  [
    "interpolate",
    [
      [1, 3, 2, 5],
      [-1, 0.5, 1.7, 2.6, 9],
    ],
    [{ nodes: [0, 1, 2.5, 3] }],
  ],
  ["interpolate", [[1, 3, 2, 5, 4], A], [{ from: 0.5, to: 5.75 }, { method: "cubic" }]],
  [
    "interpolate",
    [
      [1, 3, 2, 5],
      [-1, 0.5, 1.7, 2.6, 9],
    ],
    [{ nodes: [0, 1, 2.5, 3] }, { method: "cubic" }],
  ],
  ["linearSolve", [C, [1, -2, 0.5]], []],
  ["linearSolve", [C.transpose(1, 0), B], []],
];

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
