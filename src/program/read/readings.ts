/**
 * Programs of functions, kept by content: the same text, with constants that hold the same and free names that stand for the
 * same, is read once, in whatever closure, problem, event or loss it comes. What is derived and compiled is kept by program.
 */
import type { HostContent, Program } from "../ir.ts";
import { bind } from "./bindings.ts";
import { contentOf, sameContent, type Content } from "./contents.ts";
import { madeUpSamples } from "./samples.ts";
import type { ReadRequest } from "./index.ts";

/** A program, as one function's. */
export class Reading {
  constructor(
    readonly program: Program,
    private readonly taken: readonly HostContent[],
  ) {}

  /** Another form of the program. */
  with(program: Program): Reading {
    return new Reading(program, this.taken);
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

interface Entry {
  readonly key: string;
  readonly content: Content;
  /** Places of work buffers: what they hold does not count. */
  readonly buffers: ReadonlySet<number>;
  readonly program: Program;
}

/** The one used last comes last. */
const entries: Entry[] = [];
/** Functions whose constants are new each time are not kept for ever. */
const MOST_ENTRIES = 128;

export function keptReading(request: ReadRequest, read: () => Program): Reading {
  const { fn, name, parameters, returns, constants, samples = madeUpSamples(parameters) } = request;
  bind(fn, constants ?? {}, samples);
  const key = JSON.stringify([name, parameters, returns]);
  const content = contentOf(fn, constants);
  const at = entries.findIndex(
    (entry) => entry.key === key && sameContent(entry.content, content, entry.buffers) && holds(entry, content),
  );
  if (at < 0) {
    const program = read();
    const taken = program.host ?? [];
    const places = new Map(content.objects.map((object, place) => [object, place]));
    const buffers = new Set([...arraysWithin(program.buffers ?? [])].flatMap((object) => places.get(object) ?? []));
    entries.push({ key, content, buffers, program });
    if (entries.length > MOST_ENTRIES) entries.shift();
    return new Reading(program, taken);
  }
  const [found] = entries.splice(at, 1);
  entries.push(found);
  const own = counterparts(found, content);
  return new Reading(
    found.program,
    (found.program.host ?? []).map((taken) => taken.of(own(taken.object))),
  );
}

/** For what contents do not show: what getters give. */
function holds(entry: Entry, content: Content): boolean {
  const own = counterparts(entry, content);
  return (entry.program.host ?? []).every((taken) => taken.holdsFor?.(own(taken.object)) ?? true);
}

/** The objects of equal content in the places of the entry's. */
function counterparts(entry: Entry, content: Content): (object: object) => object {
  const places = new Map(entry.content.objects.map((object, place) => [object, place]));
  return (object) => content.objects[places.get(object) ?? -1] ?? object;
}

/** Arrays, and those nested in them. */
function* arraysWithin(arrays: readonly object[]): Generator<object> {
  for (const array of arrays) {
    yield array;
    if (Array.isArray(array) && typeof array[0] === "object") yield* arraysWithin(array as object[]);
  }
}
