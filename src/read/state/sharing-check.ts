/** Checks, once a function is read, that copies serve for what JavaScript has once: that none is written while another is still read. */
import type { OpenLoop } from "./open-loops.ts";
import { textOf, unreadable, type Site } from "./site.ts";
import { Storage } from "./storage.ts";

/** What has an identity: the memory of arrays, an object by its fields, a list by its elements. */
export type Thing = Storage | object;

/** When something happens, in the order of the text, and within which loops. */
export interface Moment {
  readonly time: number;
  readonly loops: readonly OpenLoop[];
}

export interface Event extends Moment {
  readonly thing: Thing;
  readonly at: Site;
}

/** From here on, two things (or a row of the first) are one in JavaScript. */
export interface Link extends Moment {
  readonly of: Thing;
  readonly row?: number;
  readonly and: Thing;
  /** It came with a move. */
  readonly isMoved?: boolean;
}

/** One thing holds from here on what another one held, which comes to hold something else. */
export interface Move extends Moment {
  readonly to: Thing;
  readonly from: Thing;
}

/** A part of an array that was taken out of it, `const row = rows[i]`, and is used later. */
export interface Use extends Event {
  readonly taken: Moment;
}

export interface Write extends Event {
  /** How many copies had been made by then. */
  readonly links: number;
}

/** What was noted while a function was read. */
export interface SharingRecords {
  readonly births: ReadonlyMap<Thing, number>;
  readonly links: readonly Link[];
  readonly moves: readonly Move[];
  /** Links of what is handed over to the function. */
  readonly given: readonly Link[];
  readonly reads: ReadonlyMap<Thing, readonly Event[]>;
  readonly writes: ReadonlyMap<Thing, readonly Write[]>;
  /** Rows that were put in place of others. */
  readonly replaced: readonly Event[];
  readonly uses: readonly Use[];
}

export class SharingCheck {
  constructor(private readonly records: SharingRecords) {}

  /** Throws where a copy was not enough. */
  run(): void {
    for (const event of this.records.replaced)
      for (const use of this.records.uses)
        if (use.thing === event.thing && isBetween(event, use)) {
          this.refuse(use, "is a row of an array in which another row was put in its place since");
        }
    if (this.records.links.length + this.records.given.length === 0 || this.records.writes.size === 0) return;
    for (const links of this.groups()) {
      if (!links.some(({ of, and }) => this.records.writes.has(of) || this.records.writes.has(and))) continue;
      if (links.length > MOST_LINKS) this.checkCrowd(links);
      for (const link of links.length > MOST_LINKS ? links : this.allLinks(links)) {
        this.checkLink(link, link.of, link.and);
        if (link.of !== link.and) this.checkLink(link, link.and, link.of);
      }
    }
  }

  private checkCrowd(links: readonly Link[]): void {
    const things = new Set(links.flatMap(({ of, and }) => [of, and]));
    for (const thing of things) {
      for (const write of this.records.writes.get(thing) ?? []) {
        if (!links.some((link) => this.follows(link, write, [thing]))) continue;
        for (const other of things) if (other !== thing && this.isSeenAfter(other, write)) this.refuseWrite(write);
      }
    }
  }

  /** Is a thing looked at after a write to what it may be? What is handed over, others look at. */
  private isSeenAfter(thing: Thing, write: Write): boolean {
    if (thing instanceof Storage && thing.role !== "local") return true;
    const both = [thing, write.thing];
    return this.records.reads.get(thing)?.some((read) => this.follows(write, read, both)) ?? false;
  }

  private refuseWrite(write: Write): never {
    return this.refuse(write, "is written, and may be the very array or object that another name stands for");
  }

  /** The links, by the things that hang together. */
  private groups(): Iterable<Link[]> {
    const parents = new Map<Thing, Thing>();
    const rootOf = (thing: Thing): Thing => {
      let root = thing;
      for (let next = parents.get(root); next; next = parents.get(root)) root = next;
      for (let each = thing; each !== root;) {
        const next = parents.get(each)!;
        parents.set(each, root);
        each = next;
      }
      return root;
    };
    const join = (a: Thing, b: Thing): void => {
      const [x, y] = [rootOf(a), rootOf(b)];
      if (x !== y) parents.set(x, y);
    };
    const all = [...this.records.given, ...this.records.links];
    for (const { of, and } of all) join(of, and);
    for (const { to, from } of this.records.moves) join(to, from);
    const groups = new Map<Thing, Link[]>();
    for (const link of all) listIn(groups, rootOf(link.of)).push(link);
    return groups.values();
  }

  private checkLink(link: Link, written: Thing, other: Thing): void {
    for (const write of this.records.writes.get(written) ?? [])
      if (this.follows(link, write, [written, other]) && this.isSeenAfter(other, write)) this.refuseWrite(write);
  }

  /** The links, and those that follow from them. */
  private allLinks(links: readonly Link[]): readonly Link[] {
    const all = [...links];
    const keys = new Set(all.map((link) => this.keyOf(link)));
    const add = (link: Link): void => {
      const key = this.keyOf(link);
      if (keys.has(key)) return;
      keys.add(key);
      all.push(link);
    };
    for (let i = 0; i < all.length; i++) {
      const link = all[i];
      for (const side of sidesOf(link)) {
        for (const move of this.records.moves) {
          if (move.from === side.own && this.follows(link, move, [side.own]) && side.other !== move.to)
            add({ of: move.to, and: side.other, time: move.time, loops: move.loops, isMoved: true });
        }
        for (const other of all.slice(0, i)) {
          for (const next of sidesOf(other)) {
            if (next.own !== side.own || next.other === side.other || !mayMeet(side.row, next.row)) continue;
            // Slots that only exchange what they hold have nothing in common: each had it at another time.
            const isMoved = link.isMoved || other.isMoved;
            if (isMoved && this.areExchanged(side.other, next.other)) continue;
            const { time, loops } = link.time > other.time ? link : other;
            add({ of: side.other, and: next.other, time, loops, isMoved });
          }
        }
      }
    }
    return all;
  }

  private areExchanged(a: Thing, b: Thing): boolean {
    const loopsOf = (thing: Thing): (OpenLoop | undefined)[] =>
      this.records.moves.filter((move) => move.to === thing).map((move) => move.loops.at(-1));
    const loops = loopsOf(a);
    return loopsOf(b).some((loop) => loops.includes(loop));
  }

  private keyOf({ of, and, row, loops }: Link): string {
    return `${this.numberOf(of)} ${this.numberOf(and)} ${row ?? ""} ${loops.map((loop) => loop.birth).join()}`;
  }

  private readonly numbers = new Map<Thing, number>();

  private numberOf(thing: Thing): number {
    let number = this.numbers.get(thing);
    if (number === undefined) this.numbers.set(thing, (number = this.numbers.size));
    return number;
  }

  /** May one moment come after another while the things live on? In a loop, what stands before comes again after. */
  private follows(earlier: Moment, later: Moment, things: readonly Thing[]): boolean {
    if (later.time > earlier.time) return true;
    return earlier.loops.some(
      (loop) => later.loops.includes(loop) && things.every((thing) => (this.records.births.get(thing) ?? -1) < loop.birth),
    );
  }

  private refuse({ at }: Event, what: string): never {
    return unreadable(
      at,
      "shared array",
      `What \`${textOf(at)}\` goes to ${what}: a program keeps copies of the two, which would differ`,
      "Copy it where it gets its second name (slice(), { ...o }), or choose between numbers, or indices, in place of arrays and objects.",
    );
  }
}

/** Among so many, all that follows from links is not looked for: each thing is taken to be any other. */
const MOST_LINKS = 40;

/** Was another row put in place between the taking of one and its use? */
function isBetween(event: Event, use: Use): boolean {
  if (event.time > use.taken.time && event.time < use.time) return true;
  return event.loops.some((loop) => use.loops.includes(loop) && !use.taken.loops.includes(loop));
}

interface Side {
  readonly own: Thing;
  readonly other: Thing;
  readonly row?: number;
}

function sidesOf({ of, and, row }: Link): readonly Side[] {
  return of === and
    ? []
    : [
        { own: of, other: and, row },
        { own: and, other: of },
      ];
}

function mayMeet(a: number | undefined, b: number | undefined): boolean {
  return a === undefined || b === undefined || a === b;
}

export function listIn<T>(lists: Map<Thing, T[]>, thing: Thing): T[] {
  let list = lists.get(thing);
  if (!list) lists.set(thing, (list = []));
  return list;
}
