/**
 * Loops of the program. What a loop changes is carried from turn to turn; that is found out by reading the body, which is
 * read again when more turns out to be carried, or in another type, than was thought.
 */
import type { AnyNode } from "acorn";
import type { Interval } from "../../ir/ranges.ts";
import type { ScalarType, Value } from "../../ir/ir.ts";
import { mayBeMinusZero } from "../../ir/minus-zero.ts";
import { assignedIn } from "../syntax/assigned.ts";
import { absentOf, partsOfMaybe } from "../values/branch.ts";
import { allocate, assignInto, fits, formOf, partsOf, scalarCells } from "../values/forms.ts";
import { isNullish, isScalar, maybe, UNSET, type HostItem, type Item } from "../state/items.ts";
import type { Cell, Watcher } from "../state/cells.ts";
import type { Form, LoopPlan } from "../state/loop-plans.ts";
import { nonNegatives } from "./non-negative.ts";
import { zeroOf } from "../state/numbers.ts";
import { isMoving, noteReach, noteRoot, reachAfter, reachOf, type Reach } from "../values/reach.ts";
import type { Site } from "../state/site.ts";
import type { OpenLoop } from "../state/open-loops.ts";

/** How a cell is carried from turn to turn: its number, after whether it has one where it may have none. */
interface Carried {
  readonly type: ScalarType;
  readonly absent?: HostItem;
}

/** An integer that is carried, in the turn that is read. */
interface Integer {
  readonly key: Cell | string;
  /** Among all that is carried. */
  readonly position: number;
  readonly phi: Value;
  readonly first: Value;
  readonly next: Value;
}

/** A place of an array or object that is carried. */
interface Place {
  readonly item: Item;
  /** Whether there is one, where there may be none. */
  readonly presence?: { readonly cell: Cell; readonly absent: HostItem };
}

/** Any turn of a loop, read for all of them. */
export class Turn implements Watcher, OpenLoop {
  birth = 0;
  /** Scalars carried, and what they are before the first turn. */
  private readonly carried = new Map<Cell, Carried>();
  private readonly first: Value[] = [];
  /** What it is in the turn that is read. */
  private phis: readonly Value[] = [];
  /** How many turns there are at most, where that is known. */
  turns: number | undefined;
  /** Where its counters may be. */
  private reach: Reach | undefined;
  /** Arrays and objects carried, each in a place of its own. */
  private readonly places = new Map<Cell, Place>();
  private readonly inPlaces = new Set<Cell>();
  private readonly loose: Cell[] = [];
  /** Starts a cell as nothing of which it is not known what it becomes? It is taken for a number until then. */
  hasOpen = false;
  private readonly missed = new Set<Cell>();
  private readonly written = new Set<Cell>();
  private readonly before = new Map<Cell, Item>();
  /** The counter of a counted loop. */
  index: { readonly cell: Cell | undefined; readonly value: Value } | undefined;
  private readonly known: Set<Cell>;
  /** Cells that by the text do not stay integers. */
  private readonly fractional: ReadonlySet<Cell>;

  constructor(
    private readonly at: Site,
    readonly plan: LoopPlan,
    nodes: readonly (AnyNode | null | undefined)[],
  ) {
    const { scope } = at;
    const { names, fractional } = assignedIn(nodes);
    const cells = [...names]
      .map((name) => [name, scope.find(name)] as const)
      .filter((entry): entry is readonly [string, Cell] => entry[1] !== undefined);
    this.fractional = new Set(cells.flatMap(([name, cell]) => (fractional.has(name) ? [cell] : [])));
    this.known = new Set([...cells.flatMap(([, cell]) => [cell, ...scalarCells(cell.item)]), ...plan.extra]);
  }

  /** What is carried into the first turn. The counter of a counted loop is not. */
  initial(counter?: Cell): Value[] {
    if (counter) this.known.delete(counter);
    const { journal } = this.at.r;
    for (const cell of this.known) {
      const form = this.plan.forms.get(cell);
      const { item } = partsOfMaybe(this.at.r.builder, cell.item);
      if (form) this.place(cell, form);
      else if (this.plan.loose.has(cell)) this.loose.push(cell);
      else if (isScalar(item) || item === UNSET) this.carry(cell);
      else this.before.set(cell, cell.item);
    }
    this.birth = journal.now();
    return this.first;
  }

  /** More cells that the loop writes. */
  alsoCarry(cells: readonly Cell[]): void {
    cells.forEach((cell) => this.known.add(cell));
  }

  /** Intervals of carried cells, where one is known. */
  intervals(cell: Cell | undefined, interval: Interval): (Interval | undefined)[] {
    return [...this.carried].flatMap(([each, { type, absent }]) => {
      const known = each === cell && type === "i32" ? interval : undefined;
      return absent ? [undefined, known] : [known];
    });
  }

  private place(cell: Cell, form: Form): void {
    const { builder: b, journal } = this.at.r;
    const place = allocate(this.at, form, cell.name);
    const { present, item } = partsOfMaybe(b, cell.item);
    const absent = this.plan.optional.get(cell) ?? absentOf(cell.item);
    if (fits(place, item)) {
      assignInto(this.at, place, item);
      this.at.r.sharing.share(place, item);
    } else if (item !== UNSET) this.unroll();
    this.before.set(cell, cell.item);
    for (const scalar of scalarCells(place)) {
      this.inPlaces.add(scalar);
      this.carry(scalar);
    }
    if (absent) {
      const presence = journal.cell(`there is ${cell.name}`, present);
      this.carry(presence);
      this.places.set(cell, { item: place, presence: { cell: presence, absent } });
    } else this.places.set(cell, { item: place });
    this.showPlace(cell);
  }

  private showPlace(cell: Cell): void {
    const { item, presence } = this.places.get(cell)!;
    const shown = presence
      ? ({ kind: "maybe", present: presence.cell.item as Value, item, absent: presence.absent } as const)
      : item;
    this.at.r.journal.write(cell, shown);
  }

  /** Places are made anew for each reading, and so are the cells within. */
  private keyOf(cell: Cell): Cell | string {
    return this.inPlaces.has(cell) ? cell.name : cell;
  }

  private carry(cell: Cell): void {
    const { builder: b } = this.at.r;
    const { plan } = this;
    this.before.set(cell, cell.item);
    const absent = plan.optional.get(cell) ?? absentOf(cell.item);
    const { present, item } = partsOfMaybe(b, cell.item);
    if (isNullish(cell.item) && !plan.types.has(this.keyOf(cell))) {
      this.hasOpen = true;
      // It stays what it is for this reading.
      if (plan.startsAsNothing) return;
    }
    const type = plan.types.get(this.keyOf(cell));
    const first = isScalar(item) ? item : zeroOf(b, type ?? "f64");
    const value =
      type === "f64" || isLarge(first) || mayBeMinusZero(first) || (first.type === "i32" && this.fractional.has(cell))
        ? b.toF64(first)
        : first;
    this.learnKinds(cell, value.type, first);
    this.carried.set(cell, { type: value.type, absent });
    this.first.push(...(absent ? [present, value] : [value]));
  }

  /** Notes of what kinds a cell's number may be; false where nothing is new. */
  private learnKinds(cell: Cell, type: ScalarType, value: Value): boolean {
    const known = this.plan.kinds.get(this.keyOf(cell)) ?? [];
    if (!this.at.r.kinds.isNew(value, type, known)) return false;
    this.plan.kinds.set(this.keyOf(cell), [...known, value]);
    return true;
  }

  /** Reads the body, with the carried cells holding these values; returns what they hold after it. */
  body(phis: readonly Value[], run: () => void): Value[] {
    const { r } = this.at;
    this.hold(phis);
    this.loose.forEach((cell) =>
      r.journal.write(cell, { kind: "unknown", reason: `\`${cell.name}\` is not known from one turn of the loop to the next` }),
    );
    r.turns.push(this);
    r.journal.watch(this, () => {
      run();
      this.keepPlaces();
    });
    r.turns.pop();
    return this.next();
  }

  /** Reads a condition, which must not write. */
  condition(phis: readonly Value[], read: () => Value): Value {
    this.hold(phis);
    let value = this.at.r.builder.bool(false);
    const { builder, turns, journal } = this.at.r;
    const built = builder.mark();
    turns.push(this);
    const writes = journal.isolate(() => void (value = read()));
    turns.pop();
    if (writes.size === 0 && !builder.hasWritten(built)) return value;
    this.plan.rotated = true;
    return this.retry();
  }

  note(cell: Cell): void {
    this.written.add(cell);
    if (!this.known.has(cell) && !this.carried.has(cell)) this.missed.add(cell);
  }

  /** After the loop: what changed holds the results, what did not holds what it held before. */
  finish(results: readonly Value[]): void {
    const { journal } = this.at.r;
    const { reach } = this;
    if (reach) this.integers().forEach(({ key, position }) => this.plan.wide.has(key) || noteReach(results[position], reach));
    for (const [cell, item] of this.before) if (!this.places.has(cell)) journal.write(cell, item);
    this.each(results, (cell, item) => {
      if (this.written.has(cell)) journal.write(cell, item);
    });
    for (const cell of this.places.keys()) this.showPlace(cell);
    this.loose.forEach((cell) =>
      journal.write(cell, {
        kind: "unknown",
        reason: `\`${cell.name}\` is assigned in a loop and is not a number or array of fixed shape`,
      }),
    );
  }

  retry(): never {
    throw new Retry(this);
  }

  /** Reads every turn by itself. */
  unroll(): never {
    this.plan.unrolled = true;
    return this.retry();
  }

  private hold(phis: readonly Value[]): void {
    this.phis = phis;
    this.each(phis, (cell, item) => this.at.r.journal.write(cell, item));
    for (const { key, phi } of this.integers()) if (!this.plan.wide.has(key)) noteRoot(phi);
    for (const cell of this.places.keys()) this.showPlace(cell);
  }

  /** The carried cells with the items that they hold by these values. */
  private each(values: readonly Value[], visit: (cell: Cell, item: Item) => void): void {
    const { kinds } = this.at.r;
    let position = 0;
    for (const [cell, { absent }] of this.carried) {
      const present = absent && values[position++];
      const value = values[position++];
      kinds.join(value, ...(this.plan.kinds.get(this.keyOf(cell)) ?? []));
      visit(cell, absent ? maybe(present!, value, absent) : value);
    }
  }

  /** Copies what cells came to hold into the places that they hold at the start of a turn. */
  private keepPlaces(): void {
    const { builder: b, journal } = this.at.r;
    const changed = [...this.places].flatMap(([cell, place]) => {
      const { present, item } = partsOfMaybe(b, cell.item);
      if (!place.presence && absentOf(cell.item)) this.learnOptional(cell, absentOf(cell.item)!);
      else if (place.presence && (absentOf(cell.item) ?? place.presence.absent).value !== place.presence.absent.value)
        this.unroll();
      if (place.presence) journal.write(place.presence.cell, present);
      return item === UNSET || item === place.item ? [] : [{ cell, item, place: place.item }];
    });
    for (const { place, item } of changed) if (!fits(place, item)) this.unroll();
    // What lies in another place is taken out before that is overwritten: two may have been swapped.
    const taken = changed.map(({ cell, item, place }) => {
      const others = changed.filter((other) => other.cell !== cell).flatMap((other) => partsOf(other.place));
      if (!partsOf(item).some((part) => others.includes(part))) return item;
      const copy = allocate(this.at, formOf(place)!, cell.name);
      assignInto(this.at, copy, item);
      return copy;
    });
    changed.forEach(({ place }, i) => assignInto(this.at, place, taken[i]));
    this.noteSharing(changed);
    for (const cell of this.places.keys()) this.showPlace(cell);
  }

  /** What places hold now, they have in common with where it comes from; with another place that holds something else now, not. */
  private noteSharing(changed: readonly { readonly item: Item; readonly place: Item }[]): void {
    const { sharing } = this.at.r;
    changed.forEach(({ item, place }, i) => {
      for (const other of changed.slice(0, i)) if (other.item === item) sharing.share(place, other.place);
      if (changed.some((other) => other.place === item)) sharing.move(place, item);
      else sharing.share(place, item);
    });
  }

  private learnOptional(cell: Cell, absent: HostItem): never {
    this.plan.optional.set(cell, absent);
    return this.retry();
  }

  /** The values handed on to the next turn. */
  private next(): Value[] {
    if (this.missed.size) {
      for (const cell of this.missed) {
        if (cell === this.index?.cell) this.plan.general = true;
        this.plan.extra.add(cell);
        const { item } = partsOfMaybe(this.at.r.builder, cell.item);
        if (!isScalar(item) && item !== UNSET) this.settle(cell);
      }
      this.retry();
    }
    let again = false;
    const { plan } = this;
    for (const [cell, item] of this.before) {
      if (this.places.has(cell) || this.carried.has(cell) || cell.item === item) continue;
      again = true;
      const { item: next } = partsOfMaybe(this.at.r.builder, cell.item);
      if (isNullish(item) && isScalar(next)) plan.types.set(this.keyOf(cell), next.type);
      else this.settle(cell);
    }
    this.checkIntegers();
    const next = [...this.carried].map(([cell, carried]) => this.handedOn(cell, carried));
    if (again || next.includes(undefined)) this.retry();
    return next.flatMap((values) => values!);
  }

  /** Integers stay what they are where 32 bits hold what they become, and JavaScript has none of them as -0. */
  private checkIntegers(): void {
    const { plan } = this;
    const integers = this.integers();
    const open = integers.filter(({ key, first, next }) => !plan.wide.has(key) && !(reachOf(first) && reachOf(next)));
    for (const { key } of open) plan.wide.add(key);
    const counters = integers.filter(({ key }) => !plan.wide.has(key));
    this.reach = reachAfter({ counters, turns: this.turns });
    const tooFar = this.reach ? [] : counters.filter(({ phi, next }) => isMoving(next, phi));
    const signed = this.signed(integers);
    for (const { key } of [...tooFar, ...signed]) plan.types.set(key, "f64");
    if (open.length + tooFar.length + signed.length > 0) this.retry();
  }

  private integers(): Integer[] {
    const integers: Integer[] = [];
    let position = 0;
    for (const [cell, { type, absent }] of this.carried) {
      if (absent) position++;
      const [phi, first] = [this.phis[position], this.first[position]];
      const { item } = partsOfMaybe(this.at.r.builder, cell.item);
      if (type === "i32" && isScalar(item) && item.type === "i32")
        integers.push({ key: this.keyOf(cell), position, phi, first, next: item });
      position++;
    }
    return integers;
  }

  private signed(integers: readonly Integer[]): readonly Integer[] {
    if (!integers.some(({ next }) => mayBeMinusZero(next))) return [];
    const fromZeroUp = integers.filter(({ first }) => first.min >= 0);
    const isNonNegative = nonNegatives(new Map(fromZeroUp.map(({ phi, next }) => [phi, next])));
    return integers.filter(({ next }) => mayBeMinusZero(next, isNonNegative));
  }

  /** What a cell hands on; nothing where it has to be carried otherwise. */
  private handedOn(cell: Cell, { type, absent }: Carried): Value[] | undefined {
    const { builder: b } = this.at.r;
    const { plan } = this;
    const nothing = absentOf(cell.item);
    if (nothing && nothing.value !== (absent ?? nothing).value) return this.settle(cell);
    if (nothing && !absent) return void plan.optional.set(cell, nothing);
    const { present, item } = partsOfMaybe(b, cell.item);
    const value = item === UNSET ? zeroOf(b, type) : item;
    if (!isScalar(value)) return this.settle(cell);
    if (value.type !== type && !plan.types.has(this.keyOf(cell)) && partsOfMaybe(b, this.before.get(cell)!).item === UNSET)
      return void plan.types.set(this.keyOf(cell), value.type);
    if (value.type !== type && type !== "f64") return void plan.types.set(this.keyOf(cell), "f64");
    if (this.learnKinds(cell, type, value)) return undefined;
    const next = value.type === type ? value : b.toF64(value);
    return absent ? [present, next] : [next];
  }

  /** A cell that holds another array or object after a turn gets a place; anything else cannot be handed on. */
  private settle(cell: Cell): undefined {
    const form = formOf(partsOfMaybe(this.at.r.builder, cell.item).item);
    if (form && !this.plan.forms.has(cell)) this.plan.forms.set(cell, form);
    else this.plan.loose.add(cell);
    return undefined;
  }
}

/** Gives up reading a loop, to read it again with what its plan now says. */
export class Retry {
  constructor(readonly turn: Turn) {}
}

/** Is an integer so large that counting on may leave 32 bits? */
function isLarge({ type, constant }: Value): boolean {
  return type === "i32" && constant !== undefined && Math.abs(constant) > 2 ** 30;
}
