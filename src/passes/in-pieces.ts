/**
 * A long program as calls of shorter ones: assemblers and engines take more than twice the time over a function of twice the
 * length. What one piece computes and a later one uses lies in memory between them.
 */
import { Builder } from "../ir/builder.ts";
import { Clone } from "../ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Instruction, Parameter, Program, Value } from "../ir/ir.ts";
import { blocksOf, operandsOf, walk } from "../ir/ir.ts";

/** Instructions of a piece, those within others not counted. */
const LENGTH = 1000;

export interface Pieces {
  /** Takes one more argument, the last: `inout between`, of that many elements, which need hold nothing. */
  readonly program: Program;
  readonly between: number;
}

/** Undefined for a program that is short enough. */
export function inPieces(program: Program): Pieces | undefined {
  const { instructions } = program.body;
  if (instructions.length <= LENGTH) return undefined;
  const pieces = Array.from({ length: Math.ceil(instructions.length / LENGTH) }, (_, k) =>
    instructions.slice(k * LENGTH, (k + 1) * LENGTH),
  );
  const slots = slotsOf(pieces, program.result);
  const b = new Builder(program.name);
  const given = new Map(program.parameters.map((parameter) => [contentOf(parameter), declared(b, parameter)]));
  for (const array of program.arrays)
    if (array.role === "local")
      given.set(array, { array: b.localArray(array.name, array.size, array.element), offset: b.i32(0) });
  const between = b.arrayParameter("between", slots.size, "inout");
  pieces.forEach((piece, k) => {
    const used = usedBy(piece);
    const own = [...given].filter(([content]) => used.has(content));
    const callee = pieceOf(
      `${program.name}_${k}`,
      piece,
      own.map(([content]) => content),
      slots,
    );
    b.call(callee, [{ array: between, offset: b.i32(0) }, ...own.map(([, argument]) => argument)]);
  });
  const { result } = program;
  const returned = result && (slots.has(result) ? taken(b, between, slots, result) : uncomputed(b, result, given));
  return { program: b.finish(returned), between: slots.size };
}

/** A result that no piece computes: a parameter, or a constant. */
function uncomputed(b: Builder, result: Value, given: ReadonlyMap<Value | ArrayDeclaration, ArrayArgument | Value>): Value {
  return (given.get(result) as Value | undefined) ?? new Clone(b).value(result);
}

/** Which elements hold the values that one piece defines and another, or the caller, uses. */
function slotsOf(pieces: readonly (readonly Instruction[])[], result: Value | undefined): Map<Value, number> {
  const home = new Map<unknown, number>();
  pieces.forEach((piece, k) => piece.flatMap(resultsOf).forEach((value) => home.set(value, k)));
  const slots = new Map<Value, number>();
  const users = [...pieces.map(usedBy), new Set([result])];
  users.forEach((used, k) => {
    for (const value of used)
      if (home.has(value) && home.get(value) !== k && !slots.has(value as Value)) slots.set(value as Value, slots.size);
  });
  return slots;
}

/** (inout between, what the piece uses of the caller's). */
function pieceOf(
  name: string,
  piece: readonly Instruction[],
  own: readonly (Value | ArrayDeclaration)[],
  slots: ReadonlyMap<Value, number>,
): Program {
  const b = new Builder(name);
  const between = b.arrayParameter("between", slots.size, "inout");
  const clone = new Clone(b);
  for (const content of own) {
    if (!("role" in content))
      clone.values.set(content, b.scalarParameter(`x${content.id}`, content.type, content.min, content.max));
    else {
      const role = content.role === "input" ? "input" : "inout";
      clone.arrays.set(content, { array: b.arrayParameter(content.name, content.size, role, content.element), offset: b.i32(0) });
    }
  }
  const here = new Set(piece.flatMap(resultsOf));
  for (const content of usedBy(piece)) {
    if ("role" in content && content.role === "constant")
      clone.arrays.set(content, { array: b.constantArray(content.name, content.data!), offset: b.i32(0) });
    else if (!("role" in content) && slots.has(content) && !here.has(content))
      clone.values.set(content, taken(b, between, slots, content));
  }
  for (const instruction of piece) {
    clone.instruction(instruction);
    for (const result of resultsOf(instruction)) {
      const slot = slots.get(result);
      if (slot !== undefined) b.store(between, b.i32(slot), b.toF64(clone.value(result)));
    }
  }
  return b.finish();
}

/** A value that another piece left. */
function taken(b: Builder, between: ArrayDeclaration, slots: ReadonlyMap<Value, number>, value: Value): Value {
  const number = b.load(between, b.i32(slots.get(value)!));
  if (value.type === "bool") return b.operation("ne", number, b.f64(0));
  return value.type === "i32" ? b.operation("i32.from_f64", number) : number;
}

function contentOf(parameter: Parameter): Value | ArrayDeclaration {
  return parameter.kind === "array" ? parameter.array : parameter.value;
}

function declared(b: Builder, parameter: Parameter): ArrayArgument | Value {
  if (parameter.kind === "scalar")
    return b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max);
  const { name, size, role, element } = parameter.array;
  return { array: b.arrayParameter(name, size, role as "input" | "output" | "inout", element), offset: b.i32(0) };
}

function resultsOf(i: Instruction): readonly Value[] {
  if (i.kind === "let" || i.kind === "load") return [i.result];
  if (i.kind === "if" || i.kind === "for" || i.kind === "while") return i.results;
  return i.kind === "call" && i.result ? [i.result] : [];
}

/** Values and arrays. */
function usedBy(piece: readonly Instruction[]): Set<Value | ArrayDeclaration> {
  const used = new Set<Value | ArrayDeclaration>();
  for (const i of walk({ instructions: [...piece], yields: [] })) {
    operandsOf(i).forEach((value) => used.add(value));
    for (const block of blocksOf(i)) block.yields.forEach((value) => used.add(value));
    if (i.kind === "call") i.args.forEach((argument) => used.add("array" in argument ? argument.array : argument));
    else if ("array" in i) used.add(i.array);
  }
  return used;
}
