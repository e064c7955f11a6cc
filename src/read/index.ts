/** A user's plain function, by its text, as a program. */
import type { AnyNode } from "acorn";
import type { Layout } from "../arrays/layout.ts";
import { definitionOf, hasOwnDerivative } from "../operations/definitions.ts";
import { UnwrittenOutput } from "../core/errors.ts";
import type { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { guardIndices } from "../passes/guard.ts";
import { isReadOnlyWritten, isWrittenThroughout, neverStored } from "../analysis/coverage.ts";
import type { ArrayDeclaration, Instruction, Program, Value } from "../ir/ir.ts";
import { declareParameters } from "./assign.ts";
import { callDefinition } from "./called-definitions.ts";
import { newExit, returnsSomething } from "./exits.ts";
import { dropHoles, freeze } from "./frozen.ts";
import { runBody } from "./functions.ts";
import { describe, isNullish, isScalar, UNDEFINED, UNSET, type Item, type RecordItem } from "./items.ts";
import { toNumber } from "./numbers.ts";
import { assignComponent, componentAt } from "./properties.ts";
import { fail, Reader, unreadable, type Site } from "./reader.ts";
import { Scope } from "./scope.ts";
import { checkPlain, sourceOf, withinDepth } from "./source.ts";
import { FoundOut, Storage } from "./storage.ts";
import { keptReading, type Reading } from "./readings.ts";
import type { DataChoice } from "./host-storages.ts";
import { withData, withTables } from "./data.ts";
import { valueLike } from "./samples.ts";
import { bind, type Samples } from "./bindings.ts";
import { wrap } from "./wrap.ts";

/** A parameter of the function, bound by position; parameters of the program come in the same order. */
export type ReadParameter =
  /**
   * Seen by the function in the user's shape; one flat f64 array of the program. What the function changes ("inout") is two
   * arrays: an output for what it leaves (`u_after`), then the input that it finds.
   */
  | { readonly kind: "layout"; readonly name: string; readonly layout: Layout; readonly role: "input" | "output" | "inout" }
  | { readonly kind: "scalar"; readonly name: string; readonly type?: "f64" | "i32" };

/** Any function. */
export type Callable = (...args: never[]) => unknown;

export interface ReadRequest {
  readonly fn: Callable;
  /** For messages, and the program's name. */
  readonly name: string;
  readonly parameters: readonly ReadParameter[];
  /** Bound to the function's parameter after those. */
  readonly constants?: Readonly<Record<string, unknown>>;
  /** Nothing (it works in place), a number (the program's result), or a value stored to an output array, the program's first parameter. */
  readonly returns:
    | { readonly kind: "nothing" }
    | { readonly kind: "scalar" }
    | { readonly kind: "layout"; readonly name: string; readonly layout: Layout };
  /** Arguments to find out by what the function's free names stand for. Default: made up. */
  readonly samples?: Samples;
  /**
   * What of the constants is data, where it can be: their arrays, or numbers that change, too. Then the reading is to be held while its
   * program is in use. Default: nothing.
   */
  readonly data?: "arrays" | "numbers";
}

export type { Reading };

/** Throws a {@link ReadError} that shows what cannot be read, where, and what to do about it. */
export function read(request: ReadRequest): Program {
  return readingOf(request).program;
}

/** As {@link read}, with what the program took from the constants. */
export function readingOf(request: ReadRequest): Reading {
  return keptReading(request, (data) =>
    withinDepth(request.name, () => {
      const read = (choice?: DataChoice): Program => knowing((found) => readWith(request, found, choice));
      return request.data === "arrays" ? withTables(read) : withData(data, read);
    }),
  );
}

/** Reads a function whose result `take` gets; `declare` gives its arguments, but for the constants. */
export function readBody(
  fn: object,
  name: string,
  constants: Readonly<Record<string, unknown>> | undefined,
  declare: (at: Site) => Item[],
  take: (at: Site, result: Item) => void,
): Program {
  return knowing((found) => {
    const r = new Reader(name, found);
    const { source, node } = sourceOf(fn, name);
    checkPlain(node, source);
    const value = r.journal.cell("result", UNSET);
    const give = (item: Item): void => r.journal.write(value, item);
    const at: Site = { r, node, scope: new Scope(undefined, { source, node, name, give }, [newExit(r, "return")]) };
    const args = declare(at);
    const own = constants === undefined ? [] : [wrap(at, constants, "constants")];
    bind(fn, constants, [(given) => (constants === undefined ? args.map(valueLike) : [...args.map(valueLike), given])]);
    declareParameters(r, node, [...args, ...own], at.scope);
    runBody(r, node, at.scope);
    take(at, value.item);
    return finish(r);
  });
}

function knowing(readKnowing: (found: ReadonlySet<object>) => Program): Program {
  const found = new Set<object>();
  for (;;) {
    try {
      return readKnowing(found);
    } catch (reason) {
      if (!(reason instanceof FoundOut)) throw reason;
      found.add(reason.key);
    }
  }
}

/** `found`: as in {@link Reader}. */
function readWith(request: ReadRequest, found: ReadonlySet<object>, data: DataChoice | undefined): Program {
  const { fn, name, parameters, returns } = request;
  const r = new Reader(name, found, data);
  const definition = definitionOf(fn);
  const { source, node } = sourceOf(definition?.fn ?? fn, name);
  checkPlain(node, source);
  const value = r.journal.cell("result", UNSET);
  const outputs: Leaves[] = [];
  const result = returns.kind === "layout" ? new Leaves(r, returns.name, returns.layout, "output") : undefined;
  if (result) outputs.push(result);
  const scope: Scope = new Scope(undefined, { source, node, name, give: (item, place) => give(item, place) }, [
    newExit(r, "return"),
  ]);
  const at: Site = { r, node, scope };
  const give = (item: Item, place: AnyNode): void => {
    const here: Site = { r, node: place, scope };
    if (returns.kind !== "nothing" && isNullish(item)) returnsNothing(here, item);
    if (returns.kind === "scalar") r.journal.write(value, returned(here, item));
    else if (returns.kind === "layout") assignComponent(here, result!, returns.layout, item);
  };
  const args = parameters.map((parameter): Item => {
    if (parameter.kind === "scalar") return r.builder.scalarParameter(parameter.name, parameter.type);
    const leaves = new Leaves(r, parameter.name, parameter.layout, parameter.role);
    if (parameter.role === "output") outputs.push(leaves);
    return leaves.item(at, parameter.layout);
  });
  if (definition && hasOwnDerivative(definition)) give(callDefinition(at, definition, args), node);
  else {
    const constants = [request.constants, definition?.constants].filter((given) => given !== undefined);
    declareParameters(r, node, [...args, ...constants.map((given) => wrap(at, given, "constants"))], scope);
    runBody(r, node, scope);
  }
  for (const leaves of outputs) leaves.checkWritten(at);
  if (returns.kind !== "scalar") return finish(r);
  if (!isScalar(value.item)) return returnsNothing(at, value.item);
  return finish(r, r.builder.toF64(value.item));
}

/** What is no number fails where the value is used. */
function returned(at: Site, item: Item): Value {
  const b = at.r.builder;
  if (isScalar(item) || item.kind !== "maybe") return toNumber(at, item);
  return b.operation("select", item.present, b.toF64(toNumber(at, item.item)), b.f64(NaN));
}

function returnsNothing(at: Site, item: Item): never {
  const what = isNullish(item) ? String(item.value) : describe(item);
  return unreadable(
    at,
    "return",
    at.node.type === "ReturnStatement"
      ? `The function returns ${what} here, where a number is needed`
      : "The function may come to its end without returning anything, which gives undefined",
    "Return a number, or the derivative, on every path.",
  );
}

function finish(r: Reader, result?: Value): Program {
  r.sharing.check();
  const literals = new Map(r.literals.flatMap(({ frozen }) => (frozen ? [frozen] : [])));
  const read = r.builder.finish(result);
  for (const { at, storage } of r.wholeUses) requireWhole(at, storage, read);
  dropHoles(
    read,
    r.holes.map((storage) => storage.initialised()),
  );
  const program = initialised(eliminate(freeze(read, literals)), r.builder);
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

/** The components of a parameter, as storages in its one flat array. */
class Leaves implements Pick<RecordItem, "leaf"> {
  private readonly storages = new Map<object, Storage>();
  private readonly array: ArrayDeclaration;

  constructor(
    r: Reader,
    name: string,
    layout: Layout,
    private readonly role: "input" | "output" | "inout",
  ) {
    this.array = role === "inout" ? copied(r.builder, name, layout.size) : r.builder.arrayParameter(name, layout.size, role);
    this.add(name, layout);
  }

  readonly leaf = (layout: object): Storage => this.storages.get(layout)!;

  private add(name: string, layout: Layout): void {
    if (layout.kind === "struct") for (const [key, field] of Object.entries(layout.fields)) this.add(`${name}.${key}`, field);
    else this.storages.set(layout, new Storage(name, this.role, layout.size, "Float64Array", this.array));
  }

  item(at: Site, layout: Layout): Item {
    return layout.kind === "scalar" && this.role === "output" ? UNDEFINED : componentAt(at, this, layout);
  }

  checkWritten(at: Site): void {
    for (const storage of this.storages.values()) {
      if (!storage.neverWritten) continue;
      fail(at, UnwrittenOutput, {
        construct: storage.name,
        what: `\`${storage.name}\` is not assigned, or not all of it`,
        remedy: "Assign every component on every path: one that does not change has the derivative 0.",
      });
    }
  }
}

/** The output that starts as a copy of the input. */
function copied(b: Builder, name: string, size: number): ArrayDeclaration {
  const after = b.arrayParameter(`${name}_after`, size, "output");
  const before = b.arrayParameter(name, size, "input");
  b.for(b.i32(0), b.i32(size), 1, [], (i) => (b.store(after, i, b.load(before, i)), []));
  return after;
}

/** Does the function return a value? Undefined where its text does not tell. Throws NoSourceText where there is none. */
export function returnsValue(fn: Callable): boolean | undefined {
  return returnsSomething(sourceOf(fn, fn.name || "function").node);
}
