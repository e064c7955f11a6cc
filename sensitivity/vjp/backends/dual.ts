/**
 * The vjp backend by forward mode: directional derivatives in chunks, multiplied by the cotangent. Columns of the Jacobian that share no row
 * are carried in one direction (see colouring.ts), so it suits functions of few inputs, and sparse ones.
 */
import { memo } from "../../../src/core/memo.ts";
import { colourColumns } from "../../../src/derive/colouring.ts";
import { forward } from "../../../src/derive/forward.ts";
import { derivativesOf } from "../../../src/derive/program-derivatives.ts";
import { Builder } from "../../../src/ir/builder.ts";
import { inline } from "../../../src/ir/clone.ts";
import { eliminate } from "../../../src/passes/eliminate.ts";
import { outputsOf } from "../../../src/analysis/activity.ts";
import { sparsityOf, type SparsityPattern } from "../../../src/analysis/sparsity.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../../src/ir/ir.ts";
import type { VjpBackend } from "../backend.ts";

/** The backend. */
export const dual: VjpBackend = {
  name: "dual",
  capabilities: {
    needsText: true,
    scalars: true,
    mutation: true,
    branches: true,
    dynamic: false,
    programs: true,
    exact: true,
    modes: ["forward"],
  },
  // Each input is a direction, and SIMD lanes share what does not depend on it.
  cost: ({ layout }) => ({ unit: "compiled", u: 1 + 0.5 * layout.u.size, p: 1 + 0.5 * layout.p.size }),
  prepare({ code }) {
    const rhs = code.rhsProgram();
    return {
      wrtU: vjpByForward(rhs, "u"),
      wrtP: vjpByForward(rhs, "p"),
      get jvp() {
        return derivativesOf(rhs).jvp(["u", "p"]);
      },
    };
  },
};

/** The largest number of directions carried through one evaluation: their tangents compete for registers and cache. */
const LARGEST_CHUNK = 8;

/**
 * What `reverse(program, { wrt: [input] })` gives, for a program with one output array: the same parameters (the inputs, then
 * the output's cotangent, then `<input>_bar`), computed by forward mode. A program that can be derived again.
 */
export const vjpByForward = memo((program: Program, input: string): Program => {
  const [output] = outputsOf(program) as [ArrayDeclaration];
  const pattern = sparsityOf(program, output.name, input);
  const directions = chunksOf(pattern);
  const { chunk } = directions;
  const tangents = forward(program, { wrt: [input], chunk });
  const b = new Builder(`${program.name}_vjp_by_forward`);
  const argumentOf = new Map<string, ArrayArgument | Value>();
  for (const parameter of program.parameters) {
    if (parameter.kind === "scalar") argumentOf.set(parameter.name, b.scalarParameter(parameter.name));
    else if (parameter.array !== output)
      argumentOf.set(parameter.array.name, whole(b, b.arrayParameter(parameter.array.name, parameter.array.size, "input")));
  }
  const cotangent = b.arrayParameter(`${output.name}_bar`, pattern.rows, "input");
  const gradient = b.arrayParameter(`${input}_bar`, pattern.columns, "output");
  const seeds = b.localArray("seeds", chunk * pattern.columns);
  const slopes = b.localArray("slopes", chunk * pattern.rows);
  argumentOf.set(output.name, whole(b, b.localArray(output.name, pattern.rows)));
  argumentOf.set(`${input}_dot`, whole(b, seeds));
  argumentOf.set(`${output.name}_dot`, whole(b, slopes));
  const args = tangents.parameters.map((parameter) =>
    argumentOf.get(parameter.kind === "array" ? parameter.array.name : parameter.name)!,
  );
  const each = tables(b, pattern, directions);
  count(b, b.i32(0), b.i32(directions.calls), (call) => {
    b.fill(seeds, b.f64(0));
    each.column(call, (d, column) => b.store(seeds, at(b, d, pattern.columns, column), b.f64(1)));
    inline(b, tangents, args);
    each.column(call, (d, column) => {
      const product = (row: Value): Value =>
        b.operation("mul", b.load(cotangent, row), b.load(slopes, at(b, d, pattern.rows, row)));
      b.store(gradient, column, each.sumOverRows(column, product));
    });
  });
  return eliminate(b.finish());
});

/** The columns by direction. Directions fill `calls` evaluations of `chunk` each, the last ones perhaps with no columns. */
interface Directions {
  readonly calls: number;
  readonly chunk: number;
  readonly starts: Int32Array;
  readonly columns: Int32Array;
}

function chunksOf(pattern: SparsityPattern): Directions {
  const { count: colours, colors } = colourColumns(pattern);
  const calls = Math.ceil(colours / LARGEST_CHUNK);
  const chunk = Math.ceil(colours / Math.max(1, calls)) || 1;
  const columns = Int32Array.from(colors.keys()).sort((a, c) => colors[a] - colors[c] || a - c);
  const starts = new Int32Array(calls * chunk + 1);
  for (const color of colors) starts[color + 1]++;
  for (let d = 0; d < calls * chunk; d++) starts[d + 1] += starts[d];
  return { calls, chunk, starts, columns };
}

function tables(b: Builder, pattern: SparsityPattern, { chunk, starts, columns }: Directions) {
  const startTable = b.constantArray("starts", starts);
  const columnTable = b.constantArray("columns", columns);
  const pointers = b.constantArray("column_pointers", pattern.columnPointers);
  const rows = b.constantArray("row_indices", pattern.rowIndices);
  const next = (index: Value): Value => b.operation("i32.add", index, b.i32(1));
  return {
    /** Calls the body with every direction of one evaluation and each of its columns. */
    column(call: Value, body: (d: Value, column: Value) => void): void {
      count(b, b.i32(0), b.i32(chunk), (d) => {
        const direction = at(b, call, chunk, d);
        count(b, b.load(startTable, direction), b.load(startTable, next(direction)), (e) => body(d, b.load(columnTable, e)));
      });
    },
    /** Sums over the rows where the column is not zero. */
    sumOverRows(column: Value, term: (row: Value) => Value): Value {
      const [sum] = b.for(b.load(pointers, column), b.load(pointers, next(column)), 1, [b.f64(0)], (e, [partial]) => [
        b.operation("add", partial, term(b.load(rows, e))),
      ]);
      return sum;
    },
  };
}

function count(b: Builder, from: Value, to: Value, body: (i: Value) => void): void {
  b.for(from, to, 1, [], (i) => (body(i), []));
}

/** The index major * stride + minor. */
function at(b: Builder, major: Value, stride: number, minor: Value): Value {
  return b.operation("i32.add", b.operation("i32.mul", major, b.i32(stride)), minor);
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
