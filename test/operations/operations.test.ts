import fc from "fast-check";
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { describe, expect, expectTypeOf, it } from "vitest";
import {
  add,
  concat,
  conv1d,
  conv2d,
  dot,
  interpolate,
  matmul,
  reshape,
  sigmoid,
  slice,
  softplus,
  sum,
  tanh,
} from "../../src/operations/plain-operations.ts";
import type { InterpolationOptions, Table } from "../../src/operations/interpolate.ts";
import { arrayOperations } from "../../src/operations/index.ts";
import { arrayOperationOf } from "../../src/operations/override.ts";
import { BadOption, ShapeMismatch, UnsupportedValue } from "../../src/core/errors.ts";
import { walk } from "../../src/ir/ir.ts";
import { matrix, programOf, runLowered, runPlain, type Argument, type Result } from "./lowering.ts";

const A = matrix([
  [1, 2, 3],
  [4, 5, 6],
]);
const B = matrix([
  [1, 0],
  [2, -1],
  [0, 3],
]);
const cube = ndarray(
  Float64Array.from({ length: 24 }, (_, i) => i),
  [2, 3, 4],
);
const TINY = 1e-300;

/** name, arguments, options, shape and elements of the result. */
const known: readonly [string, readonly Argument[], readonly unknown[], readonly number[], readonly number[]][] = [
  ["add", [A, 10], [], [2, 3], [11, 12, 13, 14, 15, 16]],
  ["add", [A, [10, 20, 30]], [], [2, 3], [11, 22, 33, 14, 25, 36]],
  ["add", [2, 3], [], [], [5]],
  ["sub", [matrix([[1], [2]]), [10, 20]], [], [2, 2], [-9, -19, -8, -18]],
  ["mul", [A, B.transpose(1, 0)], [], [2, 3], [1, 4, 0, 0, -5, 18]],
  ["div", [[1, 2], 4], [], [2], [0.25, 0.5]],
  ["div", [1, [4, 8]], [], [2], [0.25, 0.125]],
  ["pow", [[1, 2, 3], 2], [], [3], [1, 4, 9]],
  [
    "pow",
    [
      [2, 4],
      [3, 0.5],
    ],
    [],
    [2],
    [8, 2],
  ],
  ["neg", [[1, -2]], [], [2], [-1, 2]],
  ["abs", [[1, -2]], [], [2], [1, 2]],
  ["sqrt", [[4, 9]], [], [2], [2, 3]],
  ["exp", [[0, 1]], [], [2], [1, Math.E]],
  ["log", [[1, Math.E]], [], [2], [0, 1]],
  ["sin", [[0, Math.PI / 2]], [], [2], [0, 1]],
  ["cos", [0], [], [], [1]],
  ["tanh", [[0, 20, -20]], [], [3], [0, 1, -1]],
  ["sigmoid", [[0, Math.log(3), 800, -690]], [], [4], [0.5, 0.75, 1, Math.exp(-690)]],
  ["relu", [[-1, 0, 2]], [], [3], [0, 0, 2]],
  ["softplus", [[0, 1000, -1000, -60]], [], [4], [Math.LN2, 1000, 0, Math.exp(-60)]],
  ["sum", [A], [], [], [21]],
  ["sum", [A.transpose(1, 0)], [], [], [21]],
  ["sum", [A], [0], [3], [5, 7, 9]],
  ["sum", [A], [1], [2], [6, 15]],
  ["sum", [[1, 2, 3]], [0], [], [6]],
  ["sum", [cube], [1], [2, 4], [12, 15, 18, 21, 48, 51, 54, 57]],
  ["sum", [7], [], [], [7]],
  [
    "dot",
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [],
    [],
    [32],
  ],
  ["roll", [[1, 2, 3]], [1], [3], [3, 1, 2]],
  ["roll", [[1, 2, 3]], [-4], [3], [2, 3, 1]],
  ["roll", [A.transpose(1, 0)], [1, 1], [3, 2], [4, 1, 5, 2, 6, 3]],
  ["roll", [A], [3], [2, 3], [4, 5, 6, 1, 2, 3]],
  [
    "linearSolve",
    [
      matrix([
        [0, 2],
        [4, 1],
      ]),
      [6, 7],
    ],
    [],
    [2],
    [1, 3],
  ],
  [
    "linearSolve",
    [
      matrix([
        [0, 2],
        [4, 1],
      ]).transpose(1, 0),
      matrix([
        [4, 0],
        [3, 2],
      ]),
    ],
    [],
    [2, 2],
    [1, 1, 1, 0],
  ],
  ["matmul", [A, B], [], [2, 2], [5, 7, 14, 13]],
  ["matmul", [A, [1, 0, -1]], [], [2], [-2, -2]],
  ["matmul", [[1, -1], A], [], [3], [-3, -3, -3]],
  ["matmul", [B.transpose(1, 0), A.transpose(1, 0)], [], [2, 2], [5, 14, 7, 13]],
  ["matmul", [B.transpose(1, 0), [1, 1, 1]], [], [2], [3, 2]],
  ["matmul", [[1, 1], B.transpose(1, 0)], [], [3], [1, 1, 3]],
  ["matmul", [A, A.transpose(1, 0)], [], [2, 2], [14, 32, 32, 77]],
  [
    "outer",
    [
      [1, 2],
      [3, 4, 5],
    ],
    [],
    [2, 3],
    [3, 4, 5, 6, 8, 10],
  ],
  ["transpose", [A], [], [3, 2], [1, 4, 2, 5, 3, 6]],
  [
    "conv1d",
    [
      [1, 2, 4, 8],
      [1, 10],
    ],
    [],
    [3],
    [21, 42, 84],
  ],
  [
    "conv1d",
    [
      [1, 2, 4],
      [1, 10, 100],
    ],
    [{ padding: "same" }],
    [3],
    [210, 421, 42],
  ],
  [
    "conv1d",
    [
      [1, 2, 4, 8],
      [1, 10],
    ],
    [{ padding: "same" }],
    [4],
    [21, 42, 84, 8],
  ],
  [
    "conv1d",
    [
      [1, 2, 4],
      [1, 10, 100],
    ],
    [{ padding: "periodic" }],
    [3],
    [214, 421, 142],
  ],
  [
    "conv1d",
    [
      [1, 2, 4],
      [1, 10],
    ],
    [{ padding: "periodic" }],
    [3],
    [21, 42, 14],
  ],
  ["conv1d", [A.transpose(1, 0).pick(null, 1), [2]], [{ padding: "periodic" }], [3], [8, 10, 12]],
  // Two channels in, one out: the sum of both.
  ["conv1d", [A, ndarray(new Float64Array([1, 10, 100, 1000]), [1, 2, 2])], [], [1, 2], [5421, 6532]],
  ["conv2d", [A, matrix([[1, 10]])], [], [2, 2], [21, 32, 54, 65]],
  ["conv2d", [A, matrix([[1], [10]])], [], [1, 3], [41, 52, 63]],
  ["conv2d", [A.transpose(1, 0), matrix([[1, 10]])], [], [3, 1], [41, 52, 63]],
  [
    "conv2d",
    [
      A,
      matrix([
        [1, 10],
        [100, 1000],
      ]),
    ],
    [{ padding: "same" }],
    [2, 3],
    [5421, 6532, 603, 54, 65, 6],
  ],
  [
    "conv2d",
    [
      A,
      matrix([
        [1, 10],
        [100, 1000],
      ]),
    ],
    [{ padding: "periodic" }],
    [2, 3],
    [5421, 6532, 4613, 2154, 3265, 1346],
  ],
  [
    "conv2d",
    [ndarray(new Float64Array([1, 2, 3, 4]), [1, 2, 2]), ndarray(new Float64Array([1, 10]), [2, 1, 1, 1])],
    [],
    [2, 2, 2],
    [1, 2, 3, 4, 10, 20, 30, 40],
  ],
  ["interpolate", [[0, 1, 4], 1.5], [{ from: 0, to: 2 }], [], [2.5]],
  [
    "interpolate",
    [
      [0, 1, 4],
      [-9, 1, 3, 4, 5, 9],
    ],
    [{ from: 1, to: 5 }],
    [6],
    [0, 0, 1, 2.5, 4, 4],
  ],
  [
    "interpolate",
    [
      [1, 2, 0],
      [0, 1, 1.5, 3, 10, 11],
    ],
    [{ nodes: [1, 2, 10] }],
    [6],
    [1, 1, 1.5, 1.75, 0, 0],
  ],
  ["interpolate", [[1, 2, 0], [NaN]], [{ nodes: [1, 2, 10] }], [1], [NaN]],
  ["interpolate", [[1, 2, 0], [NaN]], [{ from: 1, to: 2 }], [1], [NaN]],
  // x²
  [
    "interpolate",
    [
      [0, 1, 4, 25],
      [0.5, 1.5, 3, 5],
    ],
    [{ nodes: [0, 1, 2, 5] }, { method: "cubic" }],
    [4],
    [0.25, 2.25, 9, 25],
  ],
  ["interpolate", [[1, 0, 1, 4], A], [{ from: -1, to: 2 }, { method: "cubic" }], [2, 3], [1, 4, 4, 4, 4, 4]],
  ["transpose", [[1, 2]], [], [2], [1, 2]],
  ["slice", [[1, 2, 3, 4]], [1, 3], [2], [2, 3]],
  ["slice", [A], [1, 2], [1, 3], [4, 5, 6]],
  [
    "slice",
    [A],
    [
      [
        [0, 2],
        [1, 3],
      ],
    ],
    [2, 2],
    [2, 3, 5, 6],
  ],
  ["slice", [cube.transpose(2, 1, 0)], [[[3, 4]]], [1, 3, 2], [3, 15, 7, 19, 11, 23]],
  ["reshape", [A], [[3, 2]], [3, 2], [1, 2, 3, 4, 5, 6]],
  ["reshape", [A.transpose(1, 0)], [[6]], [6], [1, 4, 2, 5, 3, 6]],
  ["concat", [[1, 2], [3]], [], [3], [1, 2, 3]],
  ["concat", [A, matrix([[7], [8]])], [1], [2, 4], [1, 2, 3, 7, 4, 5, 6, 8]],
  ["concat", [A, A.hi(1, 3)], [0], [3, 3], [1, 2, 3, 4, 5, 6, 1, 2, 3]],
];

function expectClose(result: Result, shape: readonly number[], data: readonly number[]): void {
  expect(result.shape).toEqual(shape);
  expect(result.data.length).toBe(data.length);
  result.data.forEach((x, i) => {
    if (Number.isNaN(data[i])) expect(x).toBeNaN();
    else expect(Math.abs(x - data[i])).toBeLessThanOrEqual(1e-14 * Math.abs(data[i]) + TINY);
  });
}

describe.each(known)("%s %#", (name, args, options, shape, data) => {
  it("plain", () => expectClose(runPlain(name, args, options), shape, data));
  it.each(["javascript", "wasm"] as const)("%s", (target) => expectClose(runLowered(name, args, options, target), shape, data));
});

it("covers every operation with a known answer", () => {
  expect(new Set(known.map(([name]) => name))).toEqual(new Set(Object.keys(arrayOperations)));
});

describe("lowered = plain", () => {
  const extents = fc.integer({ min: 1, max: 4 });
  // Eighths: their sums and products are exact, so the order in which lanes add them makes no difference.
  const values = fc.integer({ min: -24, max: 24 }).map((eighths) => eighths / 8);
  const arrayOf = (shape: readonly number[]): fc.Arbitrary<NdArray<Float64Array>> => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fc.array(values, { minLength: size, maxLength: size }).chain((data) =>
      fc
        .shuffledSubarray(
          shape.map((_, k) => k),
          { minLength: shape.length },
        )
        .map((order) => {
          // The same shape in any memory order: axis order[k] is the k-th in memory.
          const inverse = order.map((_, axis) => order.indexOf(axis));
          return ndarray(
            new Float64Array(data),
            order.map((axis) => shape[axis]),
          ).transpose(...inverse);
        }),
    );
  };
  const same = (name: string, args: readonly Argument[], options: readonly unknown[] = []): void => {
    const plain = runPlain(name, args, options);
    expectClose(runLowered(name, args, options), plain.shape, plain.data);
  };
  const singleOrFull = (shape: readonly number[]): fc.Arbitrary<number[]> =>
    fc.tuple(...shape.map((extent) => fc.constantFrom(1, extent))) as fc.Arbitrary<number[]>;

  it("broadcast, any memory order", () => {
    const operands = fc
      .array(extents, { minLength: 1, maxLength: 3 })
      .chain((shape) => fc.tuple(fc.constant(shape), singleOrFull(shape), fc.integer({ min: 0, max: shape.length - 1 })))
      .chain(([shape, other, dropped]) => fc.tuple(arrayOf(shape), arrayOf(other.slice(dropped))));
    fc.assert(fc.property(operands, ([a, b]) => (same("mul", [a, b]), same("sub", [b, a]))));
  });

  it("matmul, any memory order", () => {
    const operands = fc
      .tuple(extents, extents, extents)
      .chain(([m, k, n]) => fc.tuple(arrayOf([m, k]), arrayOf([k, n]), arrayOf([k])));
    fc.assert(
      fc.property(operands, ([a, b, x]) => {
        same("matmul", [a, b]);
        same("matmul", [a, x]);
        same("matmul", [x, b]);
      }),
    );
  });

  it("structure and sums, any memory order", () => {
    const operand = fc
      .array(extents, { minLength: 1, maxLength: 3 })
      .chain((shape) => fc.tuple(arrayOf(shape), fc.nat(shape.length - 1)));
    fc.assert(
      fc.property(operand, ([a, axis]) => {
        same("sum", [a]);
        same("sum", [a], [axis]);
        same("transpose", [a]);
        same("reshape", [a], [[a.size]]);
        same("concat", [a, a], [axis]);
        same("slice", [a], [a.shape.map((extent) => [extent >> 1, extent])]);
      }),
    );
  });
});

describe("loops", () => {
  const loopsOf = (name: string, args: readonly Argument[], options: readonly unknown[] = []): number =>
    [...walk(programOf(arrayOperations[name], args, options).program.body)].filter((i) => i.kind === "for").length;

  it("walks contiguous arrays of several axes in one", () => {
    expect(loopsOf("tanh", [cube])).toBe(1);
    expect(loopsOf("add", [cube, 1])).toBe(1);
    expect(loopsOf("sum", [cube])).toBe(1);
    expect(loopsOf("reshape", [cube], [[4, 6]])).toBe(1);
    expect(loopsOf("tanh", [cube.transpose(1, 0, 2)])).toBe(3);
  });

  it("accumulates rows in a matrix product, sums in a product with a transposed matrix", () => {
    const kinds = (args: readonly Argument[]): string[] =>
      [...walk(programOf(arrayOperations.matmul, args, []).program.body)].map((i) => i.kind);
    expect(kinds([A, B])).toContain("accumulate");
    expect(kinds([A, B])).not.toContain("store");
    expect(kinds([A, A.transpose(1, 0)])).not.toContain("accumulate");
    expect(kinds([A, [1, 2, 3]])).not.toContain("accumulate");
    expect(kinds([A.transpose(1, 0), [1, 2]])).toContain("accumulate");
  });
});

describe("plain functions", () => {
  it("know their operation", () => {
    expect(arrayOperationOf(matmul)).toBe(arrayOperations.matmul);
    expect(arrayOperationOf(Math.tanh)).toBeUndefined();
  });

  it("return copies", () => {
    const source = new Float64Array([1, 2, 3]);
    const part = slice(source, 0, 2);
    part.set(0, 9);
    expect([...source]).toEqual([1, 2, 3]);
  });

  it("keep NaN, and the limits of sigmoid and softplus", () => {
    expect(arrayOperations.relu.plain).toBeTypeOf("function");
    expect(runPlain("relu", [NaN]).data[0]).toBeNaN();
    expect(runLowered("relu", [NaN]).data[0]).toBeNaN();
    expect(sigmoid(-Infinity)).toBeLessThan(1e-300);
    expect(sigmoid(Infinity)).toBe(1);
    expect(softplus(Infinity)).toBe(Infinity);
    expect(softplus(-Infinity)).toBe(0);
  });

  it("are typed by what they take", () => {
    expectTypeOf(tanh(1)).toEqualTypeOf<number>();
    expectTypeOf(tanh([1])).toEqualTypeOf<NdArray<Float64Array>>();
    expectTypeOf(add(1, 2)).toEqualTypeOf<number>();
    expectTypeOf(add(new Float64Array(1), 2)).toEqualTypeOf<NdArray<Float64Array>>();
    expectTypeOf(dot([1], [1])).toEqualTypeOf<number>();
    expectTypeOf(sum(A)).toEqualTypeOf<number>();
    expectTypeOf(concat([[1], new Float64Array(2), sum(A, 0) as NdArray<Float64Array>])).toEqualTypeOf<NdArray<Float64Array>>();
  });
});

describe("shapes that do not fit", () => {
  const mismatches: readonly [string, () => unknown, RegExp][] = [
    ["matmul", () => matmul(A, A), /matmul: shapes \[2, 3\] and \[2, 3\]/],
    ["matmul of vectors", () => matmul([1, 2], [1, 2]), /use dot or outer/],
    ["dot", () => dot([1, 2], [1, 2, 3]), /dot: shapes \[2\] and \[3\]/],
    ["add", () => add(A, [1, 2]), /add: shapes \[2, 3\] and \[2\]/],
    ["slice", () => slice([1, 2, 3], 1, 4), /slice: \[1, 4\] is outside shape \[3\]/],
    ["reshape", () => reshape(A, [4]), /reshape: \[2, 3\] has 6 elements and cannot become \[4\]/],
    ["concat", () => concat([A, [1, 2, 3]]), /concat: shapes \[2, 3\] and \[3\]/],
    ["conv1d", () => conv1d([1, 2], [1, 2, 3]), /conv1d: shapes \[2\] and \[3\] do not go together/],
    ["conv1d of a matrix", () => conv1d(A, [1, 2]), /or with channels \[c, n\] and \[o, c, m\]/],
    ["conv2d", () => conv2d([1, 2], [1]), /conv2d: shapes \[2\] and \[1\]/],
    ["a short table", () => interpolate({ from: 0, to: 1, values: [1] }, 0), /values have shape \[1\]/],
    ["nodes", () => interpolate({ nodes: [0, 1], values: [1, 2, 3] }, 0), /2 nodes and 3 values/],
    ["sum", () => sum(A, 2), /no axis 2 in shape \[2, 3\]/],
  ];
  it.each(mismatches)("%s", (_, call, message) => {
    expect(call).toThrow(ShapeMismatch);
    expect(call).toThrow(message);
  });

  it.each([
    [{ nodes: [0, 2, 1] }, {}, /nodes\[2\] is 1 after 2/],
    [{ from: 1, to: 1 }, {}, /from 1 to 1/],
    [{}, {}, /neither nodes/],
  ])("tables: %j %j", (grid, options, message) => {
    const call = (): unknown => interpolate({ ...grid, values: [1, 2, 3] } as Table, 0.5, options as InterpolationOptions);
    expect(call).toThrow(UnsupportedValue);
    expect(call).toThrow(message);
  });

  const table: Table = { nodes: [0, 1, 2], values: [1, 2, 4] };
  it.each<[string, () => unknown, RegExp]>([
    ["padding", () => conv1d([1, 2], [1], { padding: "full" as "same" }), /padding is "full". It may be "valid" or "same" or/],
    [
      "a method",
      () => interpolate(table, 0.5, { method: "quintic" as "cubic" }),
      /method is "quintic". It may be "linear" or "cubic"/,
    ],
    ["a key", () => interpolate(table, 0.5, { kind: "cubic" } as object), /interpolate: there is no "kind"/],
    ["a table's key", () => interpolate({ ...table, left: 0 } as Table, 0.5), /interpolate: its table: there is no "left"/],
  ])("options: %s", (_, call, message) => {
    expect(call).toThrow(BadOption);
    expect(call).toThrow(message);
  });

  it("nested arrays", () => {
    const rows = [
      [1, 2],
      [3, 4],
    ];
    // @ts-expect-error a matrix is an ndarray
    const call = (): unknown => matmul(rows, [1, 2]);
    expect(call).toThrow(UnsupportedValue);
    expect(call).toThrow(/ndarray\(/);
  });
});
