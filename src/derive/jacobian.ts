/** The Jacobian of a right-hand side, entry by entry or by coloured forward mode, and its derivative with respect to time. */
import { requireRoom } from "../core/memory.ts";
import { entriesOf } from "./entries.ts";
import { forward } from "./forward.ts";
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import { eliminate } from "../passes/eliminate.ts";
import { rootsOf, varied } from "../analysis/activity.ts";
import { sparsityOf, type SparsityPattern } from "../analysis/sparsity.ts";
import { walk, type ArrayArgument, type ArrayDeclaration, type Program, type Value } from "../ir/ir.ts";
import { colourColumns } from "./colouring.ts";
import { placeIn } from "../analysis/pattern.ts";

/** Directions carried through one evaluation, at most: their tangents compete for registers and cache. */
const LARGEST_CHUNK = 8;
/** Instructions of a forward program that is still written out in place, where its constant seeds fold. */
const INLINED_INSTRUCTIONS = 400;

export interface JacobianProgram {
  readonly pattern: SparsityPattern;
  /** (output values[nnz] in CSC order, input u[n], input p[np], scalar t) */
  readonly values: Program;
}

/** ∂du/∂u, or ∂du/∂p, of a program (output du, input u, input p, scalar t). */
export function jacobianOf(rhs: Program, input: "u" | "p" = "u"): JacobianProgram {
  const pattern = sparsityOf(rhs, "du", input);
  const entries = entriesOf(rhs, { output: "du", input, size: pattern.rowIndices.length, place: placeIn(pattern) });
  return { pattern, values: entries ?? compressedJacobian(rhs, pattern, input) };
}

function compressedJacobian(rhs: Program, pattern: SparsityPattern, input: "u" | "p"): Program {
  const { rows, columns } = pattern;
  const { count, colors } = colourColumns(pattern);
  const calls = Math.ceil(count / LARGEST_CHUNK);
  const chunk = Math.max(1, Math.ceil(count / Math.max(1, calls)));
  requireRoom(
    `The Jacobian of ${rhs.name}, ${rows} rows by ${columns} columns, along ${count} directions`,
    calls * chunk,
    2 * (rows + columns),
    (most) => `${most} directions would do, as columns need that have rows in common. Take an explicit method (tsit5).`,
  );
  const tangents = forward(rhs, { wrt: [input], chunk });
  const b = new Builder(`${rhs.name}_jacobian`);
  const values = b.arrayParameter("values", pattern.rowIndices.length, "output");
  const parameters = inputs(b, rhs);
  const du = b.localArray("du", rows);
  const compressed = b.localArray("compressed", Math.max(1, calls) * chunk * rows);
  const seeds = new Float64Array(calls * chunk * columns);
  colors.forEach((color, column) => (seeds[color * columns + column] = 1));
  const seedArray = calls > 0 ? b.constantArray("seeds", seeds) : du;
  const emit = [...walk(tangents.body)].length <= INLINED_INSTRUCTIONS && calls === 1 ? inline : callOf;
  for (let k = 0; k < calls; k++) {
    const seed = { array: seedArray, offset: b.i32(k * chunk * columns) };
    emit(b, tangents, [whole(b, du), ...parameters, seed, { array: compressed, offset: b.i32(k * chunk * rows) }]);
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
  const places = new Int32Array(rowIndices.length);
  for (let column = 0; column < columns; column++) {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++) places[e] = colors[column] * rows + rowIndices[e];
  }
  if (places.length <= 64) {
    places.forEach((place, e) => b.store(values, b.i32(e), b.load(compressed, b.i32(place))));
    return;
  }
  const table = b.constantArray("places", places);
  b.for(b.i32(0), b.i32(places.length), 1, [], (e) => {
    b.store(values, e, b.load(compressed, b.load(table, e)));
    return [];
  });
}

/** ∂f/∂t as (output ft[n], input u[n], input p[np], scalar t); undefined where f does not vary with t (a switch in time is none). */
export function timeDerivativeOf(rhs: Program): Program | undefined {
  const [du] = rootsOf(rhs, ["du"]);
  const n = (du as ArrayDeclaration).size;
  if (!varied(rhs, rootsOf(rhs, ["t"])).arrays.has(du as ArrayDeclaration)) return undefined;
  const tangent = forward(rhs, { wrt: ["t"] });
  const b = new Builder(`${rhs.name}_time_derivative`);
  const ft = b.arrayParameter("ft", n, "output");
  const parameters = inputs(b, rhs);
  const seed = b.constantArray("seed", Float64Array.of(1));
  callOf(b, tangent, [whole(b, b.localArray("du", n)), ...parameters, whole(b, seed), whole(b, ft)]);
  return eliminate(b.finish());
}

/** The parameters u, p and t, as arguments. */
function inputs(b: Builder, rhs: Program): (ArrayArgument | Value)[] {
  const [u, p] = rootsOf(rhs, ["u", "p"]) as ArrayDeclaration[];
  return [...[u, p].map(({ name, size }) => whole(b, b.arrayParameter(name, size, "input"))), b.scalarParameter("t")];
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}

function callOf(b: Builder, callee: Program, args: readonly (ArrayArgument | Value)[]): void {
  b.call(callee, args);
}
