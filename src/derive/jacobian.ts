/** The Jacobian of a program's output, entry by entry or by coloured forward mode, and its derivative with respect to time. */
import { memo } from "../core/memo.ts";
import { requireRoom } from "../core/memory.ts";
import { entriesOf } from "./entries.ts";
import { forward } from "./forward.ts";
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import { eliminate } from "../passes/eliminate.ts";
import { outputsOf, rootsOf, varied } from "../analysis/activity.ts";
import { sparsityOf, type SparsityPattern } from "../analysis/sparsity.ts";
import { walk, type ArrayArgument, type ArrayDeclaration, type Program, type Value } from "../ir/ir.ts";
import { colourColumns } from "./colouring.ts";
import { entryIndex } from "../analysis/pattern.ts";

/** Directions carried through one evaluation, at most: their tangents compete for registers and cache. */
const LARGEST_CHUNK = 8;
/** Instructions of a forward program that is still written out in place, where its constant seeds fold. */
const INLINED_INSTRUCTIONS = 400;

export interface JacobianProgram {
  readonly pattern: SparsityPattern;
  /** (output values[nnz] in CSC order, and the program's inputs) */
  readonly values: Program;
}

/** ∂output/∂input of a program with one output array. The values are derived when they are first asked for. */
export function jacobianOf(program: Program, input = "u"): JacobianProgram {
  const output = outputOf(program).name;
  const pattern = sparsityOf(program, output, input);
  const values = memo(
    () =>
      entriesOf(program, { output, input, size: pattern.rowIndices.length, position: entryIndex(pattern) }) ??
      compressedJacobian(program, pattern, input),
  );
  return {
    pattern,
    get values() {
      return values();
    },
  };
}

export function outputOf(program: Program): ArrayDeclaration {
  return outputsOf(program)[0] as ArrayDeclaration;
}

function compressedJacobian(program: Program, pattern: SparsityPattern, input: string): Program {
  const { rows, columns } = pattern;
  const { count, colors } = colourColumns(pattern);
  const calls = Math.ceil(count / LARGEST_CHUNK);
  const chunk = Math.max(1, Math.ceil(count / Math.max(1, calls)));
  requireRoom(
    `The Jacobian of ${program.name}, ${rows} rows by ${columns} columns, along ${count} directions`,
    calls * chunk,
    2 * (rows + columns),
    (most) => `${most} directions would do, as columns need that have rows in common. Take an explicit method (tsit5).`,
  );
  const tangents = forward(program, { wrt: [input], chunk });
  const b = new Builder(`${program.name}_jacobian`);
  const values = b.arrayParameter("values", pattern.rowIndices.length, "output");
  const parameters = argumentsOf(b, program);
  const compressed = b.localArray("compressed", Math.max(1, calls) * chunk * rows);
  const seeds = new Float64Array(calls * chunk * columns);
  colors.forEach((color, column) => (seeds[color * columns + column] = 1));
  const seedArray = b.constantArray("seeds", seeds);
  const emit = walk(tangents.body).length <= INLINED_INSTRUCTIONS && calls === 1 ? inline : callOf;
  for (let k = 0; k < calls; k++) {
    const seed = { array: seedArray, offset: b.i32(k * chunk * columns) };
    emit(b, tangents, [...parameters, seed, { array: compressed, offset: b.i32(k * chunk * rows) }]);
  }
  scatter(b, pattern, colors, compressed, values);
  return eliminate(b.finish());
}

/** values[e] = compressed[colour of e's column, row of e]; written out where there are few. */
function scatter(
  b: Builder,
  pattern: SparsityPattern,
  colors: Int32Array,
  compressed: ArrayDeclaration,
  values: ArrayDeclaration,
): void {
  const { columns, rows, columnPointers, rowIndices } = pattern;
  const positions = new Int32Array(rowIndices.length);
  for (let column = 0; column < columns; column++) {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++)
      positions[e] = colors[column] * rows + rowIndices[e];
  }
  if (positions.length <= 64) {
    positions.forEach((position, e) => b.store(values, b.i32(e), b.load(compressed, b.i32(position))));
    return;
  }
  const table = b.constantArray("positions", positions);
  b.for(b.i32(0), b.i32(positions.length), 1, [], (e) => {
    b.store(values, e, b.load(compressed, b.load(table, e)));
    return [];
  });
}

/** ∂f/∂t as (output ft[n], and the program's inputs); undefined where f does not vary with t (a switch in time is none). */
export function timeDerivativeOf(program: Program): Program | undefined {
  const output = outputOf(program);
  if (!varied(program, rootsOf(program, ["t"])).arrays.has(output)) return undefined;
  const tangent = forward(program, { wrt: ["t"] });
  const b = new Builder(`${program.name}_time_derivative`);
  const ft = b.arrayParameter("ft", output.size, "output");
  const parameters = argumentsOf(b, program);
  const seed = b.constantArray("seed", Float64Array.of(1));
  callOf(b, tangent, [...parameters, whole(b, seed), whole(b, ft)]);
  return eliminate(b.finish());
}

/** The inputs, as parameters, and for the output memory that nobody reads. */
function argumentsOf(b: Builder, { parameters }: Program): (ArrayArgument | Value)[] {
  return parameters.map((parameter) => {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      return b.scalarParameter(parameter.name, type, min, max);
    }
    const { name, size, role } = parameter.array;
    return whole(b, role === "output" ? b.localArray(name, size) : b.arrayParameter(name, size, "input"));
  });
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}

function callOf(b: Builder, callee: Program, args: readonly (ArrayArgument | Value)[]): void {
  b.call(callee, args);
}
