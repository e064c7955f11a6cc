/**
 * Where the program keeps copies of what JavaScript has once: an array that a variable holds after a branch or from one iteration to the
 * next, rows of a literal. A copy serves as long as none of them is written while another is still read. So it is noted what
 * copies what, and when each is written and read; once all is read, it is checked.
 */
import { isScalar, type Item } from "./items.ts";
import type { OpenLoop } from "./open-loops.ts";
import { textOf, unreadable, type Site } from "./site.ts";
import { Storage } from "./storage.ts";

/** What has an identity: the memory of arrays, an object by its fields, a list by its elements. */
type Thing = Storage | object;

/** When something happens, in the order of the text, and within which loops. */
export interface Moment {
  readonly time: number;
  readonly loops: readonly OpenLoop[];
}

interface Event extends Moment {
  readonly thing: Thing;
  readonly at: Site;
}

/** From here on, two things (or a row of the first) are one in JavaScript. */
interface Link extends Moment {
  readonly of: Thing;
  readonly row?: number;
  readonly and: Thing;
  /** It came with a move. */
  readonly isMoved?: boolean;
}

/** One thing holds from here on what another one held, which comes to hold something else. */
interface Move extends Moment {
  readonly to: Thing;
  readonly from: Thing;
}

/** A part of an array that was taken out of it, `const row = rows[i]`, and is used later. */
interface Use extends Event {
  readonly taken: Moment;
}

interface Write extends Event {
  /** How many copies had been made by then. */
  readonly links: number;
}

interface Mark {
  readonly links: number;
  readonly moves: number;
  readonly replaced: number;
  readonly uses: number;
}

export class Sharing {
  private readonly births = new Map<Thing, number>();
  private readonly links: Link[] = [];
  private readonly moves: Move[] = [];
  /** Links of what is handed over to the function. */
  private readonly given: Link[] = [];
  private readonly reads = new Map<Thing, Event[]>();
  private readonly writes = new Map<Thing, Write[]>();
  /** Rows that were put in place of others. */
  private readonly replaced: Event[] = [];
  private readonly uses: Use[] = [];
  private around: readonly OpenLoop[] = [];
  private isCopying = false;

  /** `loops`: the loops that are being read. */
  constructor(
    private readonly loops: readonly OpenLoop[],
    private readonly now: () => number,
  ) {}

  /** Things that are not told of here were there before the function was called. `together`: what it was made with. */
  made(thing: Thing, together?: Thing): void {
    this.births.set(thing, together ? this.births.get(together)! : this.now());
  }

  /** Is it another one in each iteration of the loop that is being read? */
  isMadeInIteration(thing: Thing): boolean {
    const loop = this.loops.at(-1);
    return loop !== undefined && (this.births.get(thing) ?? -1) > loop.birth;
  }

  read(thing: Thing, at: Site): void {
    const all = listIn(this.reads, thing);
    const event: Event = { ...this.moment(), thing, at };
    // Of the reads within the same loops, the last counts.
    if (all.at(-1)?.loops === event.loops) all.pop();
    all.push(event);
  }

  wrote(thing: Thing, at: Site): void {
    if (this.isCopying) return;
    const all = listIn(this.writes, thing);
    const links = this.links.length + this.moves.length;
    const latest = all.at(-1);
    // Of the writes within the same loops, between which nothing was copied, the first counts.
    if (latest?.loops !== this.current() || latest.links !== links) all.push({ ...this.moment(), thing, at, links });
  }

  /** Runs what only copies: nothing that JavaScript writes. */
  copying(run: () => void): void {
    const outer = this.isCopying;
    this.isCopying = true;
    run();
    this.isCopying = outer;
  }

  /** A copy, or a row of it, is from now on what JavaScript has as the original. */
  share(copy: Item, original: Item, row?: number): void {
    const [a, b] = [contentOf(copy), contentOf(original)];
    if (isScalar(a) || isScalar(b)) return;
    if (a.kind === "array" && b.kind === "array") this.link(a.storage, b.storage, row);
    else if (a.kind === "object" && b.kind === "object") {
      this.link(a.fields, b.fields);
      for (const [key, cell] of a.fields) if (b.fields.has(key)) this.share(cell.item, b.fields.get(key)!.item);
    } else if (a.kind === "list" && b.kind === "list") {
      this.link(a.elements, b.elements);
      a.elements.forEach((cell, i) => b.elements[i] && this.share(cell.item, b.elements[i].item));
    }
  }

  /** Parts of one thing, or of two, may be one. */
  link(of: Thing, and: Thing, row?: number): void {
    this.links.push({ ...this.moment(), of, and, row });
  }

  /** What is handed over to the function lies in the same memory, in whole or in part. */
  overlap(of: Thing, and: Thing): void {
    this.given.push({ of, and, time: -1, loops: [] });
  }

  /** What one slot held, another one holds now; the first holds something else. */
  move(to: Item, from: Item): void {
    if (isScalar(to) || isScalar(from)) return;
    if (to.kind === "array" && from.kind === "array") this.moves.push({ ...this.moment(), to: to.storage, from: from.storage });
    else this.share(to, from);
  }

  /** A row of an array is another one from now on. */
  replacedRow(storage: Storage, at: Site): void {
    this.replaced.push({ ...this.moment(), thing: storage, at });
  }

  /** The moment at which a part is taken out of its array. */
  moment(): Moment {
    return { time: this.now(), loops: this.current() };
  }

  used(storage: Storage, taken: Moment, at: Site): void {
    if (taken.loops === this.current() && !this.replaced.some((event) => event.thing === storage)) return;
    this.uses.push({ ...this.moment(), thing: storage, taken, at });
  }

  /** Throws where a copy was not enough. */
  check(): void {
    for (const event of this.replaced)
      for (const use of this.uses)
        if (use.thing === event.thing && isBetween(event, use)) {
          this.refuse(use, "is a row of an array in which another row was put in its place since");
        }
    if (this.links.length + this.given.length === 0 || this.writes.size === 0) return;
    for (const links of this.groups()) {
      if (!links.some(({ of, and }) => this.writes.has(of) || this.writes.has(and))) continue;
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
      for (const write of this.writes.get(thing) ?? []) {
        if (!links.some((link) => this.follows(link, write, [thing]))) continue;
        for (const other of things) if (other !== thing && this.isSeenAfter(other, write)) this.refuseWrite(write);
      }
    }
  }

  /** Is a thing looked at after a write to what it may be? What is handed over, others look at. */
  private isSeenAfter(thing: Thing, write: Write): boolean {
    if (thing instanceof Storage && thing.role !== "local") return true;
    const both = [thing, write.thing];
    return this.reads.get(thing)?.some((read) => this.follows(write, read, both)) ?? false;
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
    const all = [...this.given, ...this.links];
    for (const { of, and } of all) join(of, and);
    for (const { to, from } of this.moves) join(to, from);
    const groups = new Map<Thing, Link[]>();
    for (const link of all) listIn(groups, rootOf(link.of)).push(link);
    return groups.values();
  }

  private checkLink(link: Link, written: Thing, other: Thing): void {
    for (const write of this.writes.get(written) ?? [])
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
        for (const move of this.moves) {
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
      this.moves.filter((move) => move.to === thing).map((move) => move.loops.at(-1));
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
      (loop) => later.loops.includes(loop) && things.every((thing) => (this.births.get(thing) ?? -1) < loop.birth),
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

  mark(): Mark {
    return { links: this.links.length, moves: this.moves.length, replaced: this.replaced.length, uses: this.uses.length };
  }

  /** Forgets the copies made since the mark: what was done there is read again. */
  rollback(mark: Mark): void {
    this.links.length = mark.links;
    this.moves.length = mark.moves;
    this.replaced.length = mark.replaced;
    this.uses.length = mark.uses;
    this.isCopying = false;
  }

  /** The loops around, one array for as long as they stay the same. */
  private current(): readonly OpenLoop[] {
    const { loops, around } = this;
    if (loops.length !== around.length || loops.at(-1) !== around.at(-1)) this.around = [...loops];
    return this.around;
  }
}

/** Among so many, all that follows from links is not looked for: each thing is taken to be any other. */
const MOST_LINKS = 40;

/** Was another row put in place between the taking of one and its use? */
function isBetween(event: Event, use: Use): boolean {
  if (event.time > use.taken.time && event.time < use.time) return true;
  return event.loops.some((loop) => use.loops.includes(loop) && !use.taken.loops.includes(loop));
}

function listIn<T>(lists: Map<Thing, T[]>, thing: Thing): T[] {
  let list = lists.get(thing);
  if (!list) lists.set(thing, (list = []));
  return list;
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

function contentOf(item: Item): Item {
  return !isScalar(item) && item.kind === "maybe" ? item.item : item;
}
