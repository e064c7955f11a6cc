/**
 * The intermediate representation: structured programs in static single assignment form.
 *
 * Scalars are immutable values; what changes over a loop or a branch is *carried* or *yielded* (as in MLIR's `scf`
 * dialect), so a derivative never meets an overwritten scalar. Arrays are mutable, flat, of static size, and addressed by an
 * i32 index; views, shapes and names are resolved before a program is made.
 */
import type { SourceLocation } from "../core/source-location.ts";
import type { ScalarOperationName } from "./scalar-operations.ts";

/** f64 is a JavaScript number; i32 is a number known to be a 32-bit integer (loop counters, indices). */
export type ScalarType = "f64" | "i32" | "bool";

/** A scalar, assigned once. A constant has no definition; a loop index, carried value or parameter has none either. */
export interface Value {
  readonly id: number;
  readonly type: ScalarType;
  /** The value itself, where it is known when the program is made (booleans as 0 or 1). */
  readonly constant?: number;
  /** i32 only: an inclusive interval that holds the value. */
  readonly min: number;
  readonly max: number;
  /** The instruction that computes it. */
  readonly definition?: Let | Load;
}

/**
 * - `input` is only read; `output` is fully defined by the program (what it holds before is not read);
 * - `inout` is read and written (`accumulate` into a gradient, state advanced in place);
 * - `local` is scratch, zero when the program starts only if the program fills it;
 * - `constant` holds `data`.
 */
export type ArrayRole = "input" | "output" | "inout" | "local" | "constant";

export interface ArrayDeclaration {
  readonly id: number;
  readonly name: string;
  readonly element: "f64" | "i32";
  /** Number of elements. */
  readonly size: number;
  readonly role: ArrayRole;
  readonly data?: Float64Array | Int32Array;
}

export type Parameter =
  | { readonly kind: "array"; readonly array: ArrayDeclaration }
  | { readonly kind: "scalar"; readonly name: string; readonly value: Value };

export interface Program {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** Every array of the program: parameters, locals and constants. */
  readonly arrays: readonly ArrayDeclaration[];
  readonly body: Block;
  /** The scalar it returns, if it returns one. */
  readonly result?: Value;
  /** What a function that was read took from the host. */
  readonly host?: readonly HostContent[];
  /** Nanoseconds of a call, about, where its maker knows them better than they can be counted. */
  readonly cost?: number;
  /** Likewise: arrays of the host that it writes, as its scratch space. */
  readonly buffers?: readonly object[];
  /** Only for a program whose parameters are f64 arrays, inputs before outputs, and which returns nothing. */
  readonly rules?: Rules;
}

/** Memory of the host whose content is part of a program. */
export interface HostContent {
  readonly object: object;
  /** The same of another object that now holds the same. */
  of(object: object): HostContent;
  /** What has changed since, "k was 1 and is 2"; undefined where nothing has. */
  difference(): string | undefined;
  /** Only what a property gives, or the names of properties. */
  readonly isPart?: boolean;
  /** It is of an object with a state of its own, an instance of a class, or what a getter gives: it may change at any time. */
  readonly isState?: boolean;
  /** Would the program hold for another object? Only where that is not known by the objects' contents. */
  holdsFor?(object: object): boolean;
  /** What it holds is data: the program reads it from a table, which may be filled with another object's. */
  readonly data?: HostData;
  /** What the table of data is filled with for this object. */
  readonly numbers?: ArrayLike<number>;
}

export interface HostData {
  readonly table: Float64Array | Int32Array;
  /** The numbers of an object like this one. */
  numbersOf(object: object): ArrayLike<number>;
  /** The arrays that they are elements of, and the objects that they are properties of. */
  readonly holders: readonly { readonly object: object; readonly field?: string }[];
}

/**
 * Derivatives that a program carries with it, for calls of it. Each rule makes a program for the inputs (by name, in
 * order) that are active, so that none works for the others. Rules are made of calls and plain instructions, and are derived
 * again like any other program.
 */
export interface Rules {
  /** Parameters that no derivative passes through, such as factors kept of a matrix that is handed over beside them. */
  readonly inert: readonly string[];
  /** (inputs, outputs as inputs, tangents of the active inputs, output tangents of the outputs). Without it: through the body. */
  readonly jvp?: (active: readonly string[]) => Program;
  /**
   * (inputs, outputs as inputs, cotangents of the outputs, inout gradients of the active inputs): adds to the gradients.
   * Without it: through the body. Inert outputs have no cotangent or tangent.
   */
  readonly vjp?: (active: readonly string[]) => Program;
  /** Whose decisions are its own: the program without rules, or the equations that it solves, by the unknowns first. Absent of what does not jump. */
  readonly decides?: Program;
}

export interface Block {
  readonly instructions: Instruction[];
  /** What the block hands to the construct that owns it (next carried values, branch results, a condition). */
  yields: Value[];
}

export type Instruction = Let | Load | Store | Accumulate | Fill | If | For | While | Call;

/** result = operation(args): a pure scalar operation of the operations table. */
export interface Let {
  readonly kind: "let";
  readonly result: Value;
  readonly operation: ScalarOperationName;
  readonly args: readonly Value[];
  readonly source?: SourceLocation;
}

/** result = array[index]. */
export interface Load {
  readonly kind: "load";
  readonly result: Value;
  readonly array: ArrayDeclaration;
  readonly index: Value;
  readonly source?: SourceLocation;
}

/** array[index] = value. */
export interface Store {
  readonly kind: "store";
  readonly array: ArrayDeclaration;
  readonly index: Value;
  readonly value: Value;
  readonly source?: SourceLocation;
}

/** array[index] += value; order among accumulates is free (to rounding), which is what lets scatter loops run on SIMD lanes. */
export interface Accumulate {
  readonly kind: "accumulate";
  readonly array: ArrayDeclaration;
  readonly index: Value;
  readonly value: Value;
  readonly source?: SourceLocation;
}

/** Every element of the array = value. */
export interface Fill {
  readonly kind: "fill";
  readonly array: ArrayDeclaration;
  readonly value: Value;
}

export interface If {
  readonly kind: "if";
  readonly condition: Value;
  readonly then: Block;
  readonly else: Block;
  /** One a yield of both blocks. */
  readonly results: readonly Value[];
  readonly source?: SourceLocation;
}

/** A value that changes from one iteration to the next: `phi` inside the loop, `initial` before the first. */
export interface Carried {
  readonly phi: Value;
  readonly initial: Value;
}

/**
 * for (index = from; step > 0 ? index < to : index > to; index += step).
 * The body yields the next carried values; `results` are the carried values after the last iteration.
 */
export interface For {
  readonly kind: "for";
  readonly index: Value;
  readonly from: Value;
  readonly to: Value;
  /** A non-zero integer. */
  readonly step: number;
  readonly carried: readonly Carried[];
  readonly body: Block;
  readonly results: readonly Value[];
  /** A loop of the user's text may not end: nothing bounds its iterations but what it computes with. */
  readonly mayNotEnd?: boolean;
  readonly source?: SourceLocation;
}

/** while (condition) body; `condition` yields one bool, `body` the next carried values; both see the phis. */
export interface While {
  readonly kind: "while";
  readonly carried: readonly Carried[];
  readonly condition: Block;
  readonly body: Block;
  readonly results: readonly Value[];
  /** As of a `for`. */
  readonly mayNotEnd?: boolean;
  readonly source?: SourceLocation;
}

/** A stretch of an array handed to a call, from element `offset` on. */
export interface ArrayArgument {
  readonly array: ArrayDeclaration;
  readonly offset: Value;
}

/** A function of the host (JavaScript); array parameters arrive as byte offsets into the arena. */
export interface External {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly call: (...args: number[]) => number | void;
  /** The call of a function that belongs to no arena, over that of the program that calls it; it replaces `call`. */
  readonly over?: (memory: Memory) => (...args: number[]) => number | void;
}

/** Where the arrays handed to a function of the host are. */
export interface Memory {
  readonly f64: (address: number, count: number) => Float64Array;
}

/**
 * Calls another program, or the host. One argument a parameter, of the same kind; what is written overlaps nothing else. A
 * program is differentiated by its rules or through its body, the host not at all.
 */
export interface Call {
  readonly kind: "call";
  readonly callee: Program | External;
  readonly args: readonly (ArrayArgument | Value)[];
  readonly result?: Value;
}

export function isProgram(callee: Program | External): callee is Program {
  return "body" in callee;
}

/** The blocks an instruction owns. */
export function blocksOf(instruction: Instruction): readonly Block[] {
  switch (instruction.kind) {
    case "if":
      return [instruction.then, instruction.else];
    case "for":
      return [instruction.body];
    case "while":
      return [instruction.condition, instruction.body];
    default:
      return [];
  }
}

/** The values an instruction itself uses; those its inner blocks use and yield are theirs. */
export function operandsOf(instruction: Instruction): readonly Value[] {
  switch (instruction.kind) {
    case "let":
      return instruction.args;
    case "load":
      return [instruction.index];
    case "store":
    case "accumulate":
      return [instruction.index, instruction.value];
    case "fill":
      return [instruction.value];
    case "if":
      return [instruction.condition];
    case "for":
      return [instruction.from, instruction.to, ...instruction.carried.map((c) => c.initial)];
    case "while":
      return instruction.carried.map((c) => c.initial);
    case "call":
      return instruction.args.map((argument) => ("array" in argument ? argument.offset : argument));
  }
}

/** Every instruction of a block, those of inner blocks after the one that owns them. */
export function walk(block: Block): Instruction[] {
  const found: Instruction[] = [];
  collect(block, found);
  return found;
}

function collect(block: Block, found: Instruction[]): void {
  for (const instruction of block.instructions) {
    found.push(instruction);
    for (const inner of blocksOf(instruction)) collect(inner, found);
  }
}

/** Is there a loop in a block, or in one within? */
export function hasLoops({ instructions }: Block): boolean {
  return instructions.some((i) => i.kind === "for" || i.kind === "while" || blocksOf(i).some(hasLoops));
}
