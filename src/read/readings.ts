/**
 * Programs of functions, kept by content: the same text, with constants that hold the same and free names that stand for the
 * same, is read once, in whatever closure, problem, event or loss it comes. What is derived and compiled is kept by program.
 */
import { memo } from "../core/memo.ts";
import type { Layout } from "../arrays/layout.ts";
import { isNdArray, isPlainObject, isTypedArray } from "../core/array-values.ts";
import type { HostContent, HostData, Program } from "../ir/ir.ts";
import { bind } from "./constants/bindings.ts";
import { differenceIn } from "./constants/host-contents.ts";
import { fillTable, fits } from "../ir/tables.ts";
import {
  contentOf,
  counterpartsIn,
  hasAliases,
  otherNumbers,
  locationOf,
  sameContent,
  type Content,
  type Location,
} from "./constants/contents.ts";
import { arraysWithin, type DataFields } from "./state/host-storages.ts";
import { capturesTooMuch } from "./constants/scopes.ts";
import { madeUpSamples } from "./functions/samples.ts";
import type { ReadParameter, ReadRequest } from "./functions/request.ts";

/** A program, as one function's. */
export class Reading {
  private filled: number;

  constructor(
    readonly program: Program,
    private readonly taken: readonly HostContent[],
    private readonly entry: Entry,
    private readonly constants: unknown,
    /** Where it is known without looking. */
    private readonly content?: Content,
  ) {
    this.filled = entry.filled;
  }

  /** Another form of the program. */
  with(program: Program): Reading {
    return new Reading(program, this.taken, this.entry, this.constants, this.content);
  }

  /**
   * Of the same function with other constants, or with other numbers in these, where only what is in the tables is another; undefined where
   * that is not plain to see, or cannot be now.
   */
  refilled(constants: unknown): Reading | undefined {
    const { entry } = this;
    const counterparts = entry.isPlain && entry.users === 0 ? counterpartsIn(this.constants, constants) : undefined;
    if (!counterparts) return undefined;
    const taken: HostContent[] = [];
    for (const content of this.taken) {
      const { object, data, isPart, isState } = content;
      const now = counterparts.get(object) ?? object;
      if (isState) return undefined;
      if (data && entry.data.has(data)) taken.push(content.of(now));
      else if (now === object ? content.difference() !== undefined : !isPart) return undefined;
      else taken.push(now === object ? content : content.of(now));
    }
    if (!fitsTables(entry, taken)) return undefined;
    fill(entry, taken);
    return new Reading(this.program, taken, entry, constants);
  }

  /** Do the program's tables hold this function's data? */
  get isFilled(): boolean {
    return this.entry.filled === this.filled;
  }

  /** Fills the program's tables with this function's data, where they hold others'; false where those are held, or these do not fit. */
  fill(): boolean {
    const { entry, taken, content } = this;
    if (this.isFilled) return true;
    if (entry.users > 0 || !fitsTables(entry, taken)) return false;
    this.filled = fill(entry, taken, content);
    return true;
  }

  /** Until it is released as often, the program's tables hold this function's data, as they do now. */
  hold(): void {
    this.entry.users++;
  }

  release(): void {
    this.entry.users--;
  }

  /** What has changed of the constants since, "table[3] was 1 and is 2"; undefined where nothing has. */
  changed(): string | undefined {
    return differenceIn(this.taken);
  }

  /** Has an object that has a state of its own another one now? */
  get isOutdated(): boolean {
    return differenceIn(this.taken.filter(({ isState }) => isState)) !== undefined;
  }
}

interface Entry {
  /** In the order in which they were made. */
  readonly number: number;
  readonly key: string;
  /** How many hold what its tables hold. */
  users: number;
  /** How often they were filled. */
  filled: number;
  /** The content of the constants that it was read with. */
  readonly content: Content;
  /** The content that the tables hold now, where that is known. */
  held: Content | undefined;
  /** Nothing is written, and everything was met once: what replaces an array replaces nothing else. */
  readonly isPlain: boolean;
  /** The indices of the objects that the program was read with. */
  readonly indices: ReadonlyMap<object, number>;
  /** Places of work buffers: what they hold does not count. */
  readonly buffers: ReadonlySet<Location>;
  /** What the tables are filled with; their locations do not count either. */
  readonly data: ReadonlySet<HostData>;
  readonly free: ReadonlySet<Location>;
  /** Numbers in properties that were found to be code. */
  readonly code: ReadonlySet<Location>;
  readonly program: Program;
}

/** The one used last comes last. */
const entries: Entry[] = [];
let made = 0;
/** Functions whose constants are new each time are not kept for ever. */
const MOST_ENTRIES = 128;

/** `read`: with these properties for data, too, or where none can be with none. */
export function keptReading(request: ReadRequest, read: (data?: DataFields) => Program): Reading {
  const { fn, constants } = request;
  const key = keyOf(request);
  // What names stand for is mostly known.
  const known = contentOf(fn, constants);
  if (known.tooMuchBy !== undefined) throw capturesTooMuch(request, known.tooMuchBy);
  const kept = readingOf(key, constants, known);
  if (kept) return kept;
  bind(fn, constants ?? {}, request.samples ?? madeUpSamples(request.parameters));
  const content = contentOf(fn, constants);
  return readingOf(key, constants, content) ?? readAnew(request, key, content, read);
}

function readingOf(key: string, constants: unknown, content: Content): Reading | undefined {
  const alike = entries.filter(
    (entry) => entry.key === key && sameContent(entry.content, content, entry.free) && holds(entry, content),
  );
  const hasTheseNumbers = (entry: Entry): boolean =>
    entry.free.size === entry.buffers.size || (entry.held !== undefined && sameContent(entry.held, content, entry.buffers));
  const takenBy = (entry: Entry): HostContent[] => {
    const own = counterparts(entry, content);
    return (entry.program.host ?? []).map((each) => each.of(own(each.object)));
  };
  const filled = alike.find(hasTheseNumbers);
  // The oldest, of which most is compiled.
  const free = (): Entry[] => alike.filter((entry) => entry.users === 0 && fitsTables(entry, takenBy(entry)));
  const found =
    filled ??
    free()
      .sort((a, b) => a.number - b.number)
      .at(0);
  if (!found) return undefined;
  entries.push(...entries.splice(entries.indexOf(found), 1));
  const taken = takenBy(found);
  if (!filled) fill(found, taken, content);
  return new Reading(found.program, taken, found, constants, content);
}

/** Are the programs of an entry right for these numbers? */
function fitsTables({ data: tables }: Entry, taken: readonly HostContent[]): boolean {
  return taken.every(({ data, numbers }) => !data || !tables.has(data) || fits(data.table, numbers!));
}

function fill(entry: Entry, taken: readonly HostContent[], content?: Content): number {
  for (const { data, numbers } of taken) if (data && entry.data.has(data)) fillTable(data.table, numbers!);
  entry.held = content;
  return ++entry.filled;
}

/** A key of all that a program depends on beside the content. */
function keyOf({ name, parameters, returns, data }: ReadRequest): string {
  let key = `${name} ${data} ${shapeOf(returns)}`;
  for (const parameter of parameters) key += ` ${shapeOf(parameter)}`;
  return key;
}

function shapeOf(part: ReadParameter | ReadRequest["returns"]): string {
  switch (part.kind) {
    case "nothing":
      return part.kind;
    case "scalar":
      return "name" in part ? `${part.name}:${part.type ?? "f64"}` : part.kind;
    case "layout":
      return `${part.name}:${"role" in part ? part.role : ""}:${textOf(part.layout)}`;
  }
}

const textOf = memo((layout: Layout): string => JSON.stringify(layout));

function readAnew(
  { constants, data: asked }: ReadRequest,
  key: string,
  content: Content,
  read: (data?: DataFields) => Program,
): Reading {
  const hasFields = asked === "numbers";
  const { fields, code } = hasFields ? dataAmong(key, content) : { fields: NONE, code: NONE };
  const program = read(hasFields ? propertiesIn(fields, content) : undefined);
  const { host = [] } = program;
  const indices = new Map(content.objects.map((object, index) => [object, index]));
  const locationsOf = (object: object): Location[] => [...arraysWithin([object])].flatMap((array) => indices.get(array) ?? []);
  const buffers = new Set((program.buffers ?? []).flatMap(locationsOf));
  // What a getter gives has no location.
  const data = host.flatMap((each) =>
    each.data && [each, ...each.data.holders].every(({ object }) => indices.has(object)) ? [each.data] : [],
  );
  const free = new Set(buffers);
  for (const array of unmetArrays(constants, host)) for (const location of locationsOf(array)) free.add(location);
  for (const { object, field } of data.flatMap(({ holders }) => holders)) free.add(locationOf(indices.get(object)!, field));
  const entry = {
    number: made++,
    key,
    content,
    held: content,
    isPlain: buffers.size === 0 && !hasAliases(content),
    indices,
    buffers,
    data: new Set(data),
    free,
    code: new Set([...code, ...[...fields].filter((location) => !free.has(location))]),
    program,
    users: 0,
    filled: 0,
  };
  entries.push(entry);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return new Reading(program, host, entry, constants, content);
}

const NONE: ReadonlySet<Location> = new Set();

/** Arrays of numbers among the constants that the program took nothing of: what they hold does not count. */
function unmetArrays(constants: unknown, host: readonly HostContent[]): object[] {
  const taken = host.flatMap(({ object, isPart }) => (isPart ? [] : [object]));
  const met = new Set(contentOf(...taken).objects);
  return [...numbersWithin(constants)].filter((array) => !met.has(array));
}

/** Arrays of numbers in plain objects, in arrays, and of ndarrays. */
function* numbersWithin(value: unknown, seen = new Set<unknown>()): Generator<object> {
  if (seen.has(value)) return;
  seen.add(value);
  if (isTypedArray(value)) yield value;
  else if (isNdArray(value)) yield value.data;
  else if (Array.isArray(value)) {
    if (typeof value[0] === "number") yield value;
    else for (const element of value) yield* numbersWithin(element, seen);
  } else if (isPlainObject(value)) for (const field of Object.values(value)) yield* numbersWithin(field, seen);
}

/** Numbers in properties that were others in earlier calls; and those that were found to be code. */
function dataAmong(
  key: string,
  content: Content,
): { readonly fields: ReadonlySet<Location>; readonly code: ReadonlySet<Location> } {
  for (const entry of entries.toReversed()) {
    const others = entry.key === key ? otherNumbers(entry.content, content, entry.free) : undefined;
    if (!others) continue;
    const fields = [...entry.free].filter((location) => typeof location === "string");
    return { fields: new Set([...fields, ...others].filter((location) => !entry.code.has(location))), code: entry.code };
  }
  return { fields: NONE, code: NONE };
}

function propertiesIn(locations: ReadonlySet<Location>, { objects }: Content): DataFields {
  const fields = new Map<object, Set<string>>();
  for (const location of locations) {
    const [, object, field] = /^(\d+)\.(.*)$/s.exec(String(location))!;
    const owner = objects[Number(object)];
    fields.set(owner, (fields.get(owner) ?? new Set()).add(field));
  }
  return fields;
}

/** For what contents do not show: what getters give. */
function holds(entry: Entry, content: Content): boolean {
  const own = counterparts(entry, content);
  return (entry.program.host ?? []).every((taken) => taken.holdsFor?.(own(taken.object)) ?? true);
}

/** The objects of equal content at the indices of the entry's. */
function counterparts({ indices }: Entry, content: Content): (object: object) => object {
  return (object) => content.objects[indices.get(object) ?? -1] ?? object;
}
