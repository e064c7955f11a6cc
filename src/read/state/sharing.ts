/**
 * Where the program keeps copies of what JavaScript has once: an array that a variable holds after a branch or from one iteration to the
 * next, rows of a literal. A copy serves as long as none of them is written while another is still read. So it is noted what
 * copies what, and when each is written and read; once all is read, it is checked.
 */
import { isScalar, type Item } from "./items.ts";
import type { OpenLoop } from "./open-loops.ts";
import {
  listIn,
  SharingCheck,
  type Event,
  type Link,
  type Moment,
  type Move,
  type Thing,
  type Use,
  type Write,
} from "./sharing-check.ts";
import type { Site } from "./site.ts";
import type { Storage } from "./storage.ts";

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
    const { births, links, moves, given, reads, writes, replaced, uses } = this;
    new SharingCheck({ births, links, moves, given, reads, writes, replaced, uses }).run();
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

function contentOf(item: Item): Item {
  return !isScalar(item) && item.kind === "maybe" ? item.item : item;
}
