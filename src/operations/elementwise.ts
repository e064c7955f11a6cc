/** Elementwise operations: one row each. Those of two operands broadcast by NumPy's rule. */
import { ShapeMismatch } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../ir/scalar-operations.ts";
import { broadcast, showShape } from "../arrays/shape.ts";
import type { ArrayValue } from "../core/array-values.ts";
import { family, type ArrayOperation, type Dense, type Numeric } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit, type Flat } from "./plain.ts";
import { isView, loadF64, nest, scalarOf } from "./view.ts";

/** One element's result, plainly and in a program. */
interface Row {
  readonly value: (x: number, y: number) => number;
  readonly emit: (b: Builder, ...x: Value[]) => Value;
}

export interface Unary {
  (x: number): number;
  (x: ArrayValue): Dense;
  (x: Numeric): Dense | number;
}

export interface Binary {
  (x: number, y: number): number;
  (x: ArrayValue, y: Numeric): Dense;
  (x: Numeric, y: ArrayValue): Dense;
  (x: Numeric, y: Numeric): Dense | number;
}

/** An operation that the scalar operations have under this name. */
function scalar(name: ScalarOperationName): Row {
  return { value: scalarOperations[name].value, emit: (b, ...x) => b.operation(name, ...x) };
}

/** The exponent from which exp would overflow in the denominator of sigmoid; e^-700 is about 1e-304. */
const LARGEST_EXPONENT = 700;

/** log(1 + e^x) is x to rounding from here on (e^-40 < 2^-53). */
const SOFTPLUS_LINEAR = 40;

const unaryRows = {
  neg: scalar("neg"),
  abs: scalar("abs"),
  sqrt: scalar("sqrt"),
  exp: scalar("exp"),
  log: scalar("log"),
  sin: scalar("sin"),
  cos: scalar("cos"),
  tanh: scalar("tanh"),
  // Branch-free and smooth, so its derivative is right at 0 too; e^-x is kept from overflowing, where Infinity * 0 would
  // make the derivative NaN.
  sigmoid: {
    value: (x: number) => 1 / (1 + Math.exp(Math.min(-x, LARGEST_EXPONENT))),
    emit: (b: Builder, x: Value) => {
      const power = b.operation("exp", b.operation("min", b.operation("neg", x), b.f64(LARGEST_EXPONENT)));
      return b.operation("div", b.f64(1), b.operation("add", b.f64(1), power));
    },
  },
  // max(0, x) in this order: the derivative at 0 is 0, and NaN stays NaN.
  relu: {
    value: (x: number) => Math.max(0, x),
    emit: (b: Builder, x: Value) => b.operation("max", b.f64(0), x),
  },
  // The branch not taken is computed too, so its exponent is bounded.
  softplus: {
    value: (x: number) => (x > SOFTPLUS_LINEAR ? x : Math.log1p(Math.exp(x))),
    emit: (b: Builder, x: Value) => {
      const limit = b.f64(SOFTPLUS_LINEAR);
      const curved = b.operation("log1p", b.operation("exp", b.operation("min", x, limit)));
      return b.operation("select", b.operation("gt", x, limit), x, curved);
    },
  },
};

const binaryRows = {
  add: scalar("add"),
  sub: scalar("sub"),
  mul: scalar("mul"),
  div: scalar("div"),
  pow: scalar("pow"),
};

function elementwise<Plain extends Unary | Binary>(name: string, row: Row, operands: 1 | 2, plain: Plain): ArrayOperation<Plain> {
  return {
    name,
    operands,
    resultShape: (shapes) => shapes.reduce((a, b) => broadcastOrThrow(name, a, b)),
    lower(b, args, result) {
      if (!result) return row.emit(b, ...args.map((arg) => scalarOf(b, arg)));
      const arrays = args.filter(isView);
      nest(b, result.shape, [result, ...arrays], [], ([o, ...indices]) => {
        const elements = args.map((arg) => (isView(arg) ? loadF64(b, arg, indices[arrays.indexOf(arg)]) : b.toF64(arg)));
        b.store(result.array, o, row.emit(b, ...elements));
        return [];
      });
    },
    plain,
  };
}

function unary(name: string, row: Row): ArrayOperation<Unary> {
  const plain = (x: unknown): unknown => {
    if (typeof x === "number") return row.value(x, 0);
    return fill(row, flat(x, name), SCALAR_ZERO, name);
  };
  return elementwise(name, row, 1, plain as Unary);
}

function binary(name: string, row: Row): ArrayOperation<Binary> {
  const plain = (x: unknown, y: unknown): unknown => {
    if (typeof x === "number" && typeof y === "number") return row.value(x, y);
    return fill(row, flat(x, name), flat(y, name), name);
  };
  return elementwise(name, row, 2, plain as Binary);
}

const SCALAR_ZERO: Flat = { data: [0], offset: 0, shape: [], strides: [] };

function fill(row: Row, x: Flat, y: Flat, name: string): Dense {
  const result = fresh(broadcastOrThrow(name, x.shape, y.shape));
  visit(result.shape, [result, x, y], (o, i, j) => {
    result.data[o] = row.value(x.data[i], y.data[j]);
  });
  return toNdArray(result);
}

function broadcastOrThrow(name: string, a: readonly number[], b: readonly number[]): readonly number[] {
  const shape = broadcast(a, b);
  if (shape) return shape;
  throw new ShapeMismatch(
    `${name}: shapes ${showShape(a)} and ${showShape(b)} do not go together. ` +
      `Aligned at the last axis, extents must be equal or 1; reshape or slice one of them.`,
  );
}

export const unaryOperations = overridable(family(unaryRows, unary));
export const binaryOperations = overridable(family(binaryRows, binary));
