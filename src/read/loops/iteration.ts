/**
 * Loops of the program. What a loop changes is carried from one iteration to the next; that is found out by reading the body, which is
 * read again when more turns out to be carried, or in another type, than was thought.
 */
import type { AnyNode } from "acorn";
import type { ScalarType, Value } from "../../ir/ir.ts";
import { mayBeMinusZero } from "../../ir/minus-zero.ts";
import type { Interval } from "../../ir/ranges.ts";
import type { Cell, Watcher } from "../state/cells.ts";
import { isNullish, isScalar, maybe, UNSET, type HostItem, type Item } from "../state/items.ts";
import type { LoopPlan } from "../state/loop-plans.ts";
import { zeroOf } from "../state/numbers.ts";
import type { OpenLoop } from "../state/open-loops.ts";
import type { Site } from "../state/site.ts";
import { assignedIn } from "../syntax/assigned.ts";
import { absentOf, partsOfMaybe } from "../values/branch.ts";
import { formOf, scalarCells } from "../values/forms.ts";
import { noteReach, noteRoot, type Reach } from "../values/reach.ts";
import { checkIntegers, type CarriedInteger } from "./carried-integers.ts";
import { CarriedScalars, type Carried } from "./carried-scalars.ts";
import { CarriedSlots, type Carrier } from "./carried-slots.ts";

/** Gives up reading a loop, to read it again with what its plan now says. */
export class Retry {
  constructor(readonly iteration: Iteration) {}
}

/** Any iteration of a loop, read for all of them. */
export class Iteration implements Watcher, OpenLoop, Carrier {
  birth = 0;
  private readonly carried = new CarriedScalars();
  /** What they are in the iteration that is read. */
  private phis: readonly Value[] = [];
  /** How many iterations there are at most, where that is known. */
  maxTripCount: number | undefined;
  /** Where its counters may be. */
  private reach: Reach | undefined;
  private readonly slots: CarriedSlots;
  /** Cells whose content cannot be carried. */
  private readonly opaque: Cell[] = [];
  /** Starts a cell as nothing of which it is not known what it becomes? It is taken for a number until then. */
  hasOpen = false;
  /** Cells that the text shows to be written, and those that the plan has. */
  private readonly expected: Set<Cell>;
  /** Cells that are written beside those. */
  private readonly missed = new Set<Cell>();
  private readonly written = new Set<Cell>();
  private readonly before = new Map<Cell, Item>();
  index: OpenLoop["index"];
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
    this.expected = new Set([...cells.flatMap(([, cell]) => [cell, ...scalarCells(cell.item)]), ...plan.extra]);
    this.slots = new CarriedSlots(at, this);
  }

  /** What is carried into the first iteration. The counter of a counted loop is not. */
  initial(counter?: Cell): Value[] {
    if (counter) this.expected.delete(counter);
    const { builder: b, journal } = this.at.r;
    for (const cell of this.expected) {
      const form = this.plan.forms.get(cell);
      const { item } = partsOfMaybe(b, cell.item);
      if (form) {
        this.before.set(cell, cell.item);
        this.slots.add(cell, form, this.plan.optional.get(cell) ?? absentOf(cell.item));
      } else if (this.plan.opaque.has(cell)) this.opaque.push(cell);
      else if (isScalar(item) || item === UNSET) this.carry(cell);
      else this.before.set(cell, cell.item);
    }
    this.birth = journal.now();
    return this.carried.first;
  }

  /** Intervals of carried cells, where one is known. */
  intervals(cell: Cell | undefined, interval: Interval): (Interval | undefined)[] {
    return this.carried.intervals(cell, interval);
  }

  /** More cells that the loop writes. */
  alsoCarry(cells: readonly Cell[]): void {
    cells.forEach((cell) => this.expected.add(cell));
  }

  carry(cell: Cell): void {
    const { builder: b } = this.at.r;
    const { plan } = this;
    this.before.set(cell, cell.item);
    const absent = plan.optional.get(cell) ?? absentOf(cell.item);
    const { present, item } = partsOfMaybe(b, cell.item);
    const type = plan.types.get(this.keyOf(cell));
    if (isNullish(cell.item) && type === undefined) {
      this.hasOpen = true;
      // It stays what it is for this reading.
      if (plan.startsAsNothing) return;
    }
    const first = isScalar(item) ? item : zeroOf(b, type ?? "f64");
    const value =
      type === "f64" || isLarge(first) || mayBeMinusZero(first) || (first.type === "i32" && this.fractional.has(cell))
        ? b.toF64(first)
        : first;
    this.learnKinds(cell, value.type, first);
    this.carried.add(cell, { type: value.type, absent }, present, value);
  }

  /** What the plan has a cell under. */
  private keyOf(cell: Cell): Cell | string {
    return this.slots.isInside(cell) ? cell.name : cell;
  }

  /** Notes of what kinds a cell's number may be; false where nothing is new. */
  private learnKinds(cell: Cell, type: ScalarType, value: Value): boolean {
    const kinds = this.plan.kinds.get(this.keyOf(cell)) ?? [];
    if (!this.at.r.kinds.isNew(value, type, kinds)) return false;
    this.plan.kinds.set(this.keyOf(cell), [...kinds, value]);
    return true;
  }

  /** Reads the body, with the carried cells holding these values; returns what they hold after it. */
  body(phis: readonly Value[], run: () => void): Value[] {
    const { r } = this.at;
    this.hold(phis);
    this.opaque.forEach((cell) =>
      r.journal.write(cell, {
        kind: "unknown",
        reason: `\`${cell.name}\` is not known from one iteration of the loop to the next`,
      }),
    );
    r.openLoops.push(this);
    r.journal.watch(this, () => {
      run();
      this.slots.keep();
    });
    r.openLoops.pop();
    return this.next();
  }

  /** Reads a condition, which must not write. */
  condition(phis: readonly Value[], read: () => Value): Value {
    this.hold(phis);
    const { builder, openLoops, journal } = this.at.r;
    let value = builder.bool(false);
    const built = builder.mark();
    openLoops.push(this);
    const writes = journal.isolate(() => void (value = read()));
    openLoops.pop();
    if (writes.size === 0 && !builder.hasWritten(built)) return value;
    this.plan.rotated = true;
    return this.retry();
  }

  note(cell: Cell): void {
    this.written.add(cell);
    if (!this.expected.has(cell) && !this.carried.has(cell)) this.missed.add(cell);
  }

  /** After the loop: what changed holds the results, what did not holds what it held before. */
  finish(results: readonly Value[]): void {
    const { journal } = this.at.r;
    const { reach, plan } = this;
    if (reach) this.integers().forEach(({ key, position }) => plan.unbounded.has(key) || noteReach(results[position], reach));
    for (const [cell, item] of this.before) if (!this.slots.has(cell)) journal.write(cell, item);
    this.each(results, (cell, item) => {
      if (this.written.has(cell)) journal.write(cell, item);
    });
    this.slots.showAll();
    this.opaque.forEach((cell) =>
      journal.write(cell, {
        kind: "unknown",
        reason: `\`${cell.name}\` is assigned in a loop and is not a number or array of fixed shape`,
      }),
    );
  }

  retry(): never {
    throw new Retry(this);
  }

  unroll(): never {
    this.plan.unrolled = true;
    return this.retry();
  }

  learnOptional(cell: Cell, absent: HostItem): never {
    this.plan.optional.set(cell, absent);
    return this.retry();
  }

  private hold(phis: readonly Value[]): void {
    this.phis = phis;
    this.each(phis, (cell, item) => this.at.r.journal.write(cell, item));
    for (const { key, phi } of this.integers()) if (!this.plan.unbounded.has(key)) noteRoot(phi);
    this.slots.showAll();
  }

  private each(values: readonly Value[], visit: (cell: Cell, item: Item) => void): void {
    const { kinds } = this.at.r;
    this.carried.each(values, (cell, present, value, absent) => {
      kinds.join(value, ...(this.plan.kinds.get(this.keyOf(cell)) ?? []));
      visit(cell, absent ? maybe(present!, value, absent) : value);
    });
  }

  private integers(): CarriedInteger[] {
    return this.carried.integers(this.at.r.builder, this.phis, (cell) => this.keyOf(cell));
  }

  /** The values carried into the next iteration. */
  private next(): Value[] {
    if (this.missed.size) this.learnMissed();
    const isLearnt = this.learnChanged();
    this.checkIntegers();
    const next = [...this.carried.cells].map(([cell, carried]) => this.yieldOf(cell, carried));
    if (isLearnt || next.includes(undefined)) this.retry();
    return next.flatMap((values) => values!);
  }

  private learnMissed(): never {
    for (const cell of this.missed) {
      if (cell === this.index?.cell) this.plan.general = true;
      this.plan.extra.add(cell);
      const { item } = partsOfMaybe(this.at.r.builder, cell.item);
      if (!isScalar(item) && item !== UNSET) this.keepInSlot(cell);
    }
    return this.retry();
  }

  /** Learns from cells that were taken to stay what they are; returns whether one did not. */
  private learnChanged(): boolean {
    let isLearnt = false;
    for (const [cell, item] of this.before) {
      if (this.slots.has(cell) || this.carried.has(cell) || cell.item === item) continue;
      isLearnt = true;
      const { item: next } = partsOfMaybe(this.at.r.builder, cell.item);
      if (isNullish(item) && isScalar(next)) this.plan.types.set(this.keyOf(cell), next.type);
      else this.keepInSlot(cell);
    }
    return isLearnt;
  }

  private checkIntegers(): void {
    const { plan } = this;
    const { reach, unbounded, floats } = checkIntegers(this.integers(), plan.unbounded, this.maxTripCount);
    this.reach = reach;
    for (const key of unbounded) plan.unbounded.add(key);
    for (const key of floats) plan.types.set(key, "f64");
    if (unbounded.length + floats.length > 0) this.retry();
  }

  /** What a cell hands on; nothing where it has to be carried otherwise. */
  private yieldOf(cell: Cell, { type, absent }: Carried): Value[] | undefined {
    const { builder: b } = this.at.r;
    const { plan } = this;
    const nothing = absentOf(cell.item);
    if (nothing && nothing.value !== (absent ?? nothing).value) return this.keepInSlot(cell);
    if (nothing && !absent) return void plan.optional.set(cell, nothing);
    const { present, item } = partsOfMaybe(b, cell.item);
    const value = item === UNSET ? zeroOf(b, type) : item;
    if (!isScalar(value)) return this.keepInSlot(cell);
    if (value.type !== type && !plan.types.has(this.keyOf(cell)) && partsOfMaybe(b, this.before.get(cell)!).item === UNSET)
      return void plan.types.set(this.keyOf(cell), value.type);
    if (value.type !== type && type !== "f64") return void plan.types.set(this.keyOf(cell), "f64");
    if (this.learnKinds(cell, type, value)) return undefined;
    const next = value.type === type ? value : b.toF64(value);
    return absent ? [present, next] : [next];
  }

  /** A cell that holds another array or object after an iteration gets a slot; anything else cannot be carried. */
  private keepInSlot(cell: Cell): undefined {
    const form = formOf(partsOfMaybe(this.at.r.builder, cell.item).item);
    if (form && !this.plan.forms.has(cell)) this.plan.forms.set(cell, form);
    else this.plan.opaque.add(cell);
    return undefined;
  }
}

/** Is an integer so large that counting on may leave 32 bits? */
function isLarge({ type, constant }: Value): boolean {
  return type === "i32" && constant !== undefined && Math.abs(constant) > 2 ** 30;
}
