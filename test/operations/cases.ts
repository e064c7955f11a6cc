/** Calls of every array operation, at points where it is smooth. */
import { ndarray } from "../../src/arrays/ndarray.ts";
import { matrix, type Argument } from "./lowering.ts";

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

/** Name, operands, options. */
export const smooth: readonly [string, readonly Argument[], readonly unknown[]][] = [
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
  ["interpolate", [[1, 3, 2, 5], A], [{ from: 0.5, to: 5.6 }]],
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
