/** The programs of a unit, and those they call, as one WebAssembly module that any arena can instantiate. */
import { memo } from "../../core/memo.ts";
import {
  hasLoops,
  isProgram,
  walk,
  type ArrayDeclaration,
  type External,
  type Instruction,
  type Parameter,
  type Program,
} from "../../ir/ir.ts";
import { calleesOf } from "../../passes/eliminate.ts";
import { distributeLoops } from "../../passes/distribute.ts";
import { gatherNeighbours } from "../../passes/gather.ts";
import { lower } from "../../passes/lower.ts";
import { splitLoops } from "../../passes/split.ts";
import { unrollInnermost } from "../../passes/unroll.ts";
import { elementSize } from "./address.ts";
import { assemble, bodyOf } from "./assemble.ts";
import { emitFunction, type Surroundings } from "./function.ts";
import { scalarOperations, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { vectorFunctions } from "./math.ts";
import { wasmType, type Tree } from "./tree.ts";

/** Imports come from one namespace, `m`, under these names. */
export const NAMESPACE = "m";

export interface Code {
  readonly module: WebAssembly.Module;
  /** Bytes of the region that the module's local and constant arrays fill. */
  readonly regionSize: number;
  /** Tables to be copied into the region, with their byte offsets. */
  readonly tables: readonly (readonly [offset: number, data: Float64Array | Int32Array])[];
  /** Functions of the host, by the names they are imported under. */
  readonly functions: Readonly<Record<string, HostCall>>;
}

export type HostCall = Pick<External, "call" | "over">;

/** What a SIMD load likes. */
const ALIGNMENT = 16;

/** How programs become functions. */
export interface Form {
  prepare(program: Program): Program;
  emit(program: Program, name: string, surroundings: Surroundings): Tree;
  /** Of each local array, which the functions have in memory. */
  readonly copies: number;
}

/** One state a call; loops run on two lanes where they can. */
export const oneByOne: Form = {
  prepare(program) {
    const lowered = lower(program);
    return hasLoops(lowered.body) ? distributeLoops(gatherNeighbours(unrollInnermost(splitLoops(lowered)))) : lowered;
  },
  emit: emitFunction,
  copies: 1,
};

/** A function that needs nothing of the module around it. */
interface Alone {
  /** Its parameters and its result. */
  readonly signature: readonly Tree[];
  readonly body: Uint8Array;
  readonly hasLoops: boolean;
}

/**
 * A right-hand side is part of the modules of several methods, of the check and of adjoints: one that is arithmetic on its arguments is
 * made once for all of them. Undefined for what calls something, or has memory of its own.
 */
const aloneOf = memo((program: Program, form: Form): Alone | undefined => {
  const asks = (i: Instruction): boolean =>
    i.kind === "call" || (i.kind === "let" && typeof scalarOperations[i.operation].wasm !== "string");
  if (program.arrays.some(isInRegion) || walk(program.body).some(asks)) return undefined;
  let asked = false;
  const ask =
    <T>(answer: T) =>
    () => ((asked = true), answer);
  const prepared = form.prepare(program);
  const surroundings = { offsetOf: ask(0), callee: ask(""), math: ask(""), vectorFunction: ask("") };
  const tree = form.emit(prepared, "", surroundings);
  if (asked) return undefined;
  const signature = tree.slice(2).filter((part): part is Tree => ["param", "result"].includes((part as Tree)[0] as string));
  return { signature, body: bodyOf(tree), hasLoops: hasLoops(prepared.body) };
});

function isInRegion({ role }: ArrayDeclaration): boolean {
  return role === "local" || role === "constant";
}

export function compileModule(programs: readonly Program[], form: Form): Code {
  const seen = new Set<Program>();
  const every = programs.flatMap((program) => calleesOf(program, seen));
  const ready = new Map(every.map((program) => [program, aloneOf(program, form)] as const));
  const all = every.filter((program) => !ready.get(program));
  const split = all.map((program) => form.prepare(program));
  const region = new Region(split, form.copies);
  // Without loops and arrays a module needs no memory, and may be made when memory is already given out.
  const isStraight = !split.some(({ body }) => hasLoops(body)) && !every.some((program) => ready.get(program)?.hasLoops);
  const names = new Map<Program | External, string>(every.map((program, i) => [program, `$f${i}`]));
  const functions: Record<string, HostCall> = {};
  const vectors = new Map<ScalarOperationName, Tree>();
  const imports: Tree[] = [
    ["import", text(NAMESPACE), text("memory"), ["memory", 0]],
    ["import", text(NAMESPACE), text("region"), ["global", "$region", "i32"]],
  ];

  const imported = (name: string, signature: readonly Tree[], host: HostCall): string => {
    functions[name] = host;
    imports.push(["import", text(NAMESPACE), text(name), ["func", `$${name}`, ...signature]]);
    return `$${name}`;
  };
  const surroundings: Surroundings = {
    offsetOf: (array) => region.offsets.get(array)!,
    callee(target) {
      let name = names.get(target);
      if (!name && !isProgram(target)) {
        const types = target.parameters.map((parameter): Tree => ["param", parameterType(parameter)]);
        names.set(target, (name = imported(`external${names.size}`, types, target)));
      }
      return name!;
    },
    math(name) {
      if (name in functions) return `$${name}`;
      const { args, result, value } = Object.values(scalarOperations).find(
        ({ wasm }) => typeof wasm === "object" && "math" in wasm && wasm.math === name,
      )!;
      return imported(name, [...args.map((type): Tree => ["param", wasmType(type)]), ["result", wasmType(result)]], {
        call: value,
      });
    },
    vectorFunction(name) {
      if (!vectors.has(name))
        vectors.set(name, vectorFunctions[name]!(`$${name}x2`, isStraight ? undefined : (x) => region.constant(x)));
      return `$${name}x2`;
    },
  };

  const bodies = split.map((program, i) => form.emit(program, names.get(all[i])!, surroundings));
  const exports = programs.map((program, i): Tree => ["export", text(String(i)), ["func", names.get(program)!]]);
  const [heads, found]: [Tree[], Map<string, Uint8Array>] = [[], new Map()];
  for (const [program, alone] of ready) {
    if (!alone) continue;
    heads.push(["func", names.get(program)!, ...alone.signature]);
    found.set(names.get(program)!, alone.body);
  }
  const items = [...imports, ...bodies, ...heads, ...vectors.values(), ...exports];
  const module = new WebAssembly.Module(assemble(items, found));
  return { module, ...region.finish(), functions };
}

/** One stretch of memory for all local and constant arrays; equal tables lie there once. */
class Region {
  readonly offsets = new Map<ArrayDeclaration, number>();
  private readonly tables: [offset: number, data: Float64Array | Int32Array][] = [];
  private readonly constants: number[] = [];
  private size = 0;

  constructor(
    programs: readonly Program[],
    private readonly copies: number,
  ) {
    for (const program of programs) {
      for (const array of program.arrays) if (isInRegion(array)) this.offsets.set(array, this.place(array));
    }
  }

  /** Offset of a constant of the vector functions; these lie after all arrays. */
  constant(x: number): number {
    let at = this.constants.findIndex((known) => Object.is(known, x));
    if (at < 0) at = this.constants.push(x) - 1;
    return this.size + 8 * at;
  }

  finish(): Pick<Code, "regionSize" | "tables"> {
    const { tables, constants, size } = this;
    return { regionSize: size + 8 * constants.length, tables: [...tables, [size, Float64Array.from(constants)]] };
  }

  private place(array: ArrayDeclaration): number {
    const known = this.tables.find(([, data]) => data === array.data);
    if (known) return known[0];
    const offset = this.size;
    if (array.data) this.tables.push([offset, array.data]);
    const copies = array.role === "local" ? this.copies : 1;
    this.size = Math.ceil((offset + copies * array.size * elementSize(array)) / ALIGNMENT) * ALIGNMENT;
    return offset;
  }
}

function parameterType(parameter: Parameter): "f64" | "i32" {
  return parameter.kind === "array" ? "i32" : wasmType(parameter.value.type);
}

function text(name: string): string {
  return `"${name}"`;
}
