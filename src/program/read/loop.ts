/**
 * Loops of the program. What a loop changes is carried from turn to turn; that is found out by reading the body, which is
 * read again when more turns out to be carried, or in another type, than was thought.
 */
import type { AnyNode } from "acorn";
import { InternalError } from "../../errors.ts";
import { affine } from "../affine.ts";
import type { Interval } from "../ranges.ts";
import type { Value } from "../ir.ts";
import { assignedIn } from "./assigned.ts";
import { allocate, assignInto, fits, formOf, partsOf, scalarCells } from "./forms.ts";
import { isScalar, UNSET, type Item } from "./items.ts";
import type { Cell, Watcher } from "./journal.ts";
import type { LoopPlan } from "./plans.ts";
import { unreadable, type Reader, type Site } from "./reader.ts";

/** Far more than plans can grow in practice. */
const MOST_ATTEMPTS = 200;

/** Gives up reading a loop, to read it again with what its plan now says. */
export class Retry {
  constructor(readonly turn: Turn) {}
}

/** Reads a loop as often as its plan grows. `nodes`: the text that runs every turn. */
export function planned(
  at: Site,
  key: object,
  nodes: readonly (AnyNode | null | undefined)[],
  read: (turn: Turn) => void,
  canUnroll = false,
): void {
  const { r } = at;
  const plan = r.plans.of(at.scope, key);
  for (let attempt = 0; ; attempt++) {
    if (attempt > MOST_ATTEMPTS) throw new InternalError("a loop is read again and again");
    const mark = r.journal.mark();
    const turns = r.turns.length;
    const turn = new Turn(at, plan, nodes);
    try {
      return read(turn);
    } catch (reason) {
      if (!(reason instanceof Retry) || reason.turn !== turn) throw reason;
      if (plan.unrolled && !canUnroll) {
        unreadable(
          at,
          "loop",
          "What this loop computes with changes shape or kind from turn to turn",
          "Use a counted loop with known bounds, which is read turn by turn.",
        );
      }
      r.journal.rollback(mark);
      r.turns.length = turns;
    }
  }
}

/** Any turn of a loop, read for all of them. */
export class Turn implements Watcher {
  birth = 0;
  /** Scalars carried, and what they are before the first turn. */
  private readonly carried: Cell[] = [];
  /** Arrays and objects carried, each in a place of its own. */
  private readonly places = new Map<Cell, Item>();
  private readonly types = new Map<Cell, Value["type"]>();
  private readonly loose: Cell[] = [];
  private readonly missed = new Set<Cell>();
  private readonly written = new Set<Cell>();
  private readonly before = new Map<Cell, Item>();
  /** The counter of a counted loop. */
  index: { readonly cell: Cell | undefined; readonly value: Value } | undefined;
  private readonly known: Set<Cell>;

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
    for (const [name, cell] of cells) if (fractional.has(name)) plan.widened.add(cell);
    this.known = new Set([...cells.flatMap(([, cell]) => [cell, ...scalarCells(cell.item)]), ...plan.extra]);
  }

  /** What is carried into the first turn. The counter of a counted loop is not. */
  initial(counter?: Cell): Value[] {
    if (counter) this.known.delete(counter);
    const { journal } = this.at.r;
    for (const cell of this.known) {
      const form = this.plan.forms.get(cell);
      if (form) {
        const place = allocate(this.at, form, cell.name);
        if (fits(place, cell.item)) assignInto(this.at, place, cell.item);
        scalarCells(place).forEach((scalar) => this.carry(scalar, true));
        this.places.set(cell, place);
        this.before.set(cell, cell.item);
        journal.write(cell, place);
      } else if (this.plan.loose.has(cell)) this.loose.push(cell);
      else if (isScalar(cell.item) || cell.item === UNSET || (cell.item.kind === "host" && cell.item.value === undefined))
        this.carry(cell);
      else this.before.set(cell, cell.item);
    }
    this.birth = journal.now();
    return this.carried.map((cell) => cell.item as Value);
  }

  /** More cells that the loop writes. */
  alsoCarry(cells: readonly Cell[]): void {
    cells.forEach((cell) => this.known.add(cell));
  }

  /** Intervals of carried cells, where one is known. */
  intervals(cell: Cell | undefined, interval: Interval): (Interval | undefined)[] {
    return this.carried.map((carried) => (carried === cell && (carried.item as Value).type === "i32" ? interval : undefined));
  }

  private carry(cell: Cell, widened = this.plan.widened.has(cell)): void {
    const { builder: b, journal } = this.at.r;
    this.before.set(cell, cell.item);
    let value = isScalar(cell.item) ? cell.item : b.f64(cell.item === UNSET ? 0 : NaN);
    const isUndefined = !isScalar(cell.item) && cell.item.kind === "host";
    if (isUndefined || this.at.r.undefineds.has(value)) this.undefineds.add(cell);
    if (widened) value = b.toF64(value);
    journal.write(cell, value);
    this.types.set(cell, value.type);
    this.carried.push(cell);
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
    const writes = this.at.r.journal.isolate(() => void (value = read()));
    if (writes.size === 0) return value;
    this.plan.rotated = true;
    return this.retry();
  }

  note(cell: Cell): void {
    this.written.add(cell);
    if (!this.known.has(cell) && !this.carried.includes(cell)) this.missed.add(cell);
  }

  /** After the loop: what changed holds the results, what did not holds what it held before. */
  finish(results: readonly Value[]): void {
    const { journal } = this.at.r;
    for (const [cell, item] of this.before) if (!this.places.has(cell)) journal.write(cell, item);
    this.carried.forEach((cell, i) => {
      if (!this.written.has(cell)) return;
      journal.write(cell, results[i]);
      if (this.undefineds.has(cell)) this.at.r.undefineds.add(results[i]);
    });
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

  private readonly undefineds = new Set<Cell>();

  private hold(phis: readonly Value[]): void {
    this.carried.forEach((cell, i) => {
      this.at.r.journal.write(cell, phis[i]);
      if (this.undefineds.has(cell)) this.at.r.undefineds.add(phis[i]);
    });
  }

  /** Copies what cells came to hold into the places that they hold at the start of a turn. */
  private keepPlaces(): void {
    const changed = [...this.places].filter(([cell, place]) => cell.item !== place);
    for (const [cell, place] of changed) if (!fits(place, cell.item)) this.unroll();
    // What lies in another place is taken out before that is overwritten: two may have been swapped.
    const taken = changed.map(([cell, place]) => {
      const others = changed.filter(([other]) => other !== cell).flatMap(([, other]) => partsOf(other));
      if (!partsOf(cell.item).some((part) => others.includes(part))) return cell.item;
      const copy = allocate(this.at, formOf(place)!, cell.name);
      assignInto(this.at, copy, cell.item);
      return copy;
    });
    changed.forEach(([cell, place], i) => {
      assignInto(this.at, place, taken[i]);
      this.at.r.journal.write(cell, place);
    });
  }

  /** The values handed on to the next turn. */
  private next(): Value[] {
    const { builder: b } = this.at.r;
    if (this.missed.size) {
      for (const cell of this.missed) {
        if (cell === this.index?.cell) this.plan.general = true;
        this.plan.extra.add(cell);
        if (!isScalar(cell.item)) this.settle(cell);
      }
      this.retry();
    }
    let again = false;
    for (const [cell, item] of this.before) {
      if (this.places.has(cell) || this.carried.includes(cell) || cell.item === item) continue;
      again = true;
      this.settle(cell);
    }
    const next = this.carried.map((cell) => {
      const value = cell.item;
      const type = this.types.get(cell);
      if (!isScalar(value)) {
        again = true;
        this.settle(cell);
        return b.f64(0);
      }
      if (value.type === type) return value;
      if (type === "f64") return b.toF64(value);
      this.plan.widened.add(cell);
      again = true;
      return value;
    });
    if (again) this.retry();
    return next;
  }

  /** A cell that holds another array or object after a turn gets a place; anything else cannot be handed on. */
  private settle(cell: Cell): void {
    const form = formOf(cell.item);
    if (form && !this.plan.forms.has(cell)) this.plan.forms.set(cell, form);
    else this.plan.loose.add(cell);
  }
}

/** A list is indexed by a computed value: if that counts the turns of a loop, each turn must be read by itself. */
export function unrollFor(r: Reader, index: Value): void {
  const terms = affine(index).terms;
  const turn = r.turns.findLast((candidate) => candidate.index && terms.has(candidate.index.value));
  turn?.unroll();
}
