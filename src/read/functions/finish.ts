/** Finishes a program once all of its function is read: checks what only the whole shows, and simplifies. */
import type { Storage } from "../state/storage.ts";
import type { Reader } from "../state/reader.ts";
import { isReadOnlyWritten, isWrittenThroughout, neverStored } from "../../analysis/coverage.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Builder } from "../../ir/builder.ts";
import type { ArrayDeclaration, Instruction, Program, Value } from "../../ir/ir.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { guardIndices } from "../../passes/guard.ts";
import { dropHoles, freeze } from "./frozen.ts";

export function finish(r: Reader, result?: Value): Program {
  r.sharing.check();
  const literals = new Map(r.literals.flatMap(({ frozen }) => (frozen ? [frozen] : [])));
  const read = r.builder.finish(result);
  for (const { at, storage } of r.wholeUses) requireWhole(at, storage, read);
  dropHoles(
    read,
    r.holes.map((storage) => storage.initialised()),
  );
  const program = initialised(eliminate(freeze(read, literals), { endless: true }), r.builder);
  const kept = new Map<Storage, readonly number[]>();
  for (const { storage, before } of r.hosts.scratch) {
    const elements = keptElements(storage, program);
    if (elements.length === 0) continue;
    kept.set(storage, elements);
    program.body.instructions.unshift(...elements.map((i) => storing(r.builder, storage.initialised(), i, before[i])));
  }
  return guardIndices({ ...program, host: r.hosts.taken(kept), buffers: r.hosts.written });
}

/** So many are stored one by one. */
const MOST_KEPT = 512;

/** Elements of a work buffer that are read and never written: the ghost cells around a grid, the 0 that sums begin with. */
function keptElements(storage: Storage, program: Program): readonly number[] {
  const array = storage.initialised();
  const elements = program.arrays.includes(array) ? neverStored(program, array) : [];
  if (elements && elements.length <= MOST_KEPT) return elements;
  return unreadable(
    storage.readAt!,
    storage.name,
    `\`${storage.name}\` is written by the function and read again, and whether each call writes what it reads does not show`,
    "Fill it, or write all of it, on every path before it is read; what lasts from one call to the next belongs in u.",
  );
}

function storing(b: Builder, array: ArrayDeclaration, index: number, number: number): Instruction {
  const value = array.element === "i32" ? b.i32(number) : b.f64(number);
  return { kind: "store", array, index: b.i32(index), value };
}

/** Throws unless all elements of an array were written before they are gone over. */
function requireWhole(at: Site, storage: Storage, program: Program): void {
  if (isReadOnlyWritten(program, storage.initialised())) return;
  unreadable(
    at,
    "holes",
    `\`${storage.name}\` may have elements that were never written, which this passes over`,
    "Fill it where it is made: new Array(n).fill(0).",
  );
}

/** The program whose outputs are 0 where no path writes them, as a derivative that is handed over is. */
function initialised(program: Program, b: Builder): Program {
  const open = program.arrays.filter((array) => array.role === "output" && !isWrittenThroughout(program, array));
  const fills = open.map((array): Instruction => ({ kind: "fill", array, value: b.f64(0) }));
  return { ...program, body: { ...program.body, instructions: [...fills, ...program.body.instructions] } };
}
