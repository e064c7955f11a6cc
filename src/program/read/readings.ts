/**
 * Programs of functions, kept by content: the same text, with constants that hold the same and free names that stand for the
 * same, is read once, in whatever closure, problem, event or loss it comes. What is derived and compiled is kept by program.
 */
import type { Layout } from "../../arrays/layout.ts";
import type { HostContent, HostData, Program } from "../ir.ts";
import { bind } from "./bindings.ts";
import { fillTable } from "../tables.ts";
import { contentOf, otherNumbers, placeOf, sameContent, type Content, type Place } from "./contents.ts";
import { arraysWithin, type DataFields } from "./host-storages.ts";
import { madeUpSamples } from "./samples.ts";
import type { ReadParameter, ReadRequest } from "./index.ts";

/** A program, as one function's. */
export class Reading {
  private readonly filled: number;

  constructor(
    readonly program: Program,
    private readonly taken: readonly HostContent[],
    private readonly tables: Tables,
  ) {
    this.filled = tables.filled;
  }

  /** Another form of the program. */
  with(program: Program): Reading {
    return new Reading(program, this.taken, this.tables);
  }

  /** Do the program's tables hold this function's data? */
  get isFilled(): boolean {
    return this.tables.filled === this.filled;
  }

  /** Until it is released as often, the program's tables hold this function's data. */
  hold(): void {
    this.tables.users++;
  }

  release(): void {
    this.tables.users--;
  }

  /** What has changed of the constants since, "table[3] was 1 and is 2"; undefined where nothing has. */
  changed(): string | undefined {
    for (const content of this.taken) {
      const difference = content.difference();
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  /** Has an object that has a state of its own another one now? */
  get isOutdated(): boolean {
    return this.taken.some((content) => content.isState && content.difference() !== undefined);
  }
}

/** Of what a program's tables hold. */
interface Tables {
  users: number;
  /** How often they were filled. */
  filled: number;
}

interface Entry extends Tables {
  readonly key: string;
  /** With what the tables hold now. */
  content: Content;
  /** Of the objects that the program was read with. */
  readonly places: ReadonlyMap<object, number>;
  /** Places of work buffers: what they hold does not count. */
  readonly buffers: ReadonlySet<Place>;
  /** What the tables are filled with; its places do not count either. */
  readonly data: ReadonlySet<HostData>;
  readonly free: ReadonlySet<Place>;
  /** Numbers in properties that were found to be code. */
  readonly code: ReadonlySet<Place>;
  readonly program: Program;
}

/** The one used last comes last. */
const entries: Entry[] = [];
/** Functions whose constants are new each time are not kept for ever. */
const MOST_ENTRIES = 128;

/** `read`: with these properties for data, too, or where nothing is data with none. */
export function keptReading(request: ReadRequest, read: (data: DataFields | undefined) => Program): Reading {
  const { fn, constants, hasData = false } = request;
  const key = keyOf(request);
  // What names stand for is mostly known.
  const kept = readingOf(key, contentOf(fn, constants));
  if (kept) return kept;
  bind(fn, constants ?? {}, request.samples ?? madeUpSamples(request.parameters));
  const content = contentOf(fn, constants);
  return readingOf(key, content) ?? readAnew(key, content, hasData, read);
}

function readingOf(key: string, content: Content): Reading | undefined {
  const alike = entries.filter(
    (entry) => entry.key === key && sameContent(entry.content, content, entry.free) && holds(entry, content),
  );
  const hasTheseNumbers = (entry: Entry): boolean =>
    entry.free.size === entry.buffers.size || sameContent(entry.content, content, entry.buffers);
  const filled = alike.find(hasTheseNumbers);
  const found = filled ?? alike.find(({ users }) => users === 0);
  if (!found) return undefined;
  entries.push(...entries.splice(entries.indexOf(found), 1));
  const own = counterparts(found, content);
  const taken = (found.program.host ?? []).map((each) => each.of(own(each.object)));
  if (!filled) {
    for (const { object, data } of taken) if (data && found.data.has(data)) fillTable(data.table, data.numbersOf(object));
    found.content = content;
    found.filled++;
  }
  return new Reading(found.program, taken, found);
}

/** Of all that a program depends on beside the content. */
function keyOf({ name, parameters, returns, hasData }: ReadRequest): string {
  let key = `${name} ${hasData} ${shapeOf(returns)}`;
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

const texts = new WeakMap<Layout, string>();

function textOf(layout: Layout): string {
  let text = texts.get(layout);
  if (text === undefined) texts.set(layout, (text = JSON.stringify(layout)));
  return text;
}

function readAnew(key: string, content: Content, hasData: boolean, read: (data: DataFields | undefined) => Program): Reading {
  const { fields, code } = hasData ? dataAmong(key, content) : { fields: NONE, code: NONE };
  const program = read(hasData ? propertiesIn(fields, content) : undefined);
  const { host = [] } = program;
  const places = new Map(content.objects.map((object, place) => [object, place]));
  const placesOf = (object: object): Place[] => [...arraysWithin([object])].flatMap((array) => places.get(array) ?? []);
  const buffers = new Set((program.buffers ?? []).flatMap(placesOf));
  // What a getter gives is in no place.
  const data = host.flatMap((each) =>
    each.data && [each, ...each.data.holders].every(({ object }) => places.has(object)) ? [each.data] : [],
  );
  const free = new Set(buffers);
  for (const { object, field } of data.flatMap(({ holders }) => holders)) free.add(placeOf(places.get(object)!, field));
  const entry = {
    key,
    content,
    places,
    buffers,
    data: new Set(data),
    free,
    code: new Set([...code, ...[...fields].filter((place) => !free.has(place))]),
    program,
    users: 0,
    filled: 0,
  };
  entries.push(entry);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return new Reading(program, host, entry);
}

const NONE: ReadonlySet<Place> = new Set();

/** Numbers in properties that were others in earlier calls; and those that were found to be code. */
function dataAmong(key: string, content: Content): { readonly fields: ReadonlySet<Place>; readonly code: ReadonlySet<Place> } {
  for (const entry of entries.toReversed()) {
    const others = entry.key === key ? otherNumbers(entry.content, content, entry.free) : undefined;
    if (!others) continue;
    const known = [...entry.free].filter((place) => typeof place === "string");
    return { fields: new Set([...known, ...others].filter((place) => !entry.code.has(place))), code: entry.code };
  }
  return { fields: NONE, code: NONE };
}

function propertiesIn(places: ReadonlySet<Place>, { objects }: Content): DataFields {
  const fields = new Map<object, Set<string>>();
  for (const place of places) {
    const [, object, field] = /^(\d+)\.(.*)$/s.exec(String(place))!;
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

/** The objects of equal content in the places of the entry's. */
function counterparts({ places }: Entry, content: Content): (object: object) => object {
  return (object) => content.objects[places.get(object) ?? -1] ?? object;
}
