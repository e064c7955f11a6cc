/** Keeps arrays and objects that a loop carries in slots of fixed form, into which is copied what an iteration leaves. */
import type { Value } from "../../ir/ir.ts";
import type { Cell } from "../state/cells.ts";
import { UNSET, type HostItem, type Item } from "../state/items.ts";
import type { Form } from "../state/loop-plans.ts";
import type { Site } from "../state/site.ts";
import { absentOf, partsOfMaybe } from "../values/branch.ts";
import { allocate, assignInto, fits, formOf, partsOf, scalarCells } from "../values/forms.ts";

interface Slot {
  readonly item: Item;
  /** Whether there is one, where there may be none. */
  readonly presence?: { readonly cell: Cell; readonly absent: HostItem };
}

/** What a loop does about its slots. */
export interface Carrier {
  /** Carries a scalar cell. */
  carry(cell: Cell): void;
  /** Reads the loop again, with each iteration by itself: what it carries takes another form. */
  unroll(): never;
  /** Reads it again with a cell that may hold nothing. */
  learnOptional(cell: Cell, absent: HostItem): never;
}

export class CarriedSlots {
  private readonly slots = new Map<Cell, Slot>();
  private readonly inner = new Set<Cell>();

  constructor(
    private readonly at: Site,
    private readonly carrier: Carrier,
  ) {}

  has(cell: Cell): boolean {
    return this.slots.has(cell);
  }

  /** Is a cell part of what is in a slot? Slots are made anew for each reading, and so are the cells within. */
  isInside(cell: Cell): boolean {
    return this.inner.has(cell);
  }

  /** `absent`: what the cell may hold instead. */
  add(cell: Cell, form: Form, absent: HostItem | undefined): void {
    const { builder: b, journal, sharing } = this.at.r;
    const slot = allocate(this.at, form, cell.name);
    const { present, item } = partsOfMaybe(b, cell.item);
    if (fits(slot, item)) {
      assignInto(this.at, slot, item);
      sharing.share(slot, item);
    } else if (item !== UNSET) this.carrier.unroll();
    for (const scalar of scalarCells(slot)) {
      this.inner.add(scalar);
      this.carrier.carry(scalar);
    }
    const presence = absent && { cell: journal.cell(`there is ${cell.name}`, present), absent };
    if (presence) this.carrier.carry(presence.cell);
    this.slots.set(cell, { item: slot, presence });
    this.show(cell);
  }

  /** The cells hold what their slots do. */
  showAll(): void {
    for (const cell of this.slots.keys()) this.show(cell);
  }

  private show(cell: Cell): void {
    const { item, presence } = this.slots.get(cell)!;
    const shown = presence
      ? ({ kind: "maybe", present: presence.cell.item as Value, item, absent: presence.absent } as const)
      : item;
    this.at.r.journal.write(cell, shown);
  }

  /** Copies what cells came to hold into their slots, where the next iteration finds it. */
  keep(): void {
    const { builder: b, journal } = this.at.r;
    const changed = [...this.slots].flatMap(([cell, { item: slot, presence }]) => {
      const { present, item } = partsOfMaybe(b, cell.item);
      const absent = absentOf(cell.item);
      if (!presence && absent) this.carrier.learnOptional(cell, absent);
      else if (presence && (absent ?? presence.absent).value !== presence.absent.value) this.carrier.unroll();
      if (presence) journal.write(presence.cell, present);
      return item === UNSET || item === slot ? [] : [{ cell, item, slot }];
    });
    for (const { slot, item } of changed) if (!fits(slot, item)) this.carrier.unroll();
    // What lies in another slot is taken out before that is overwritten: two may have been swapped.
    const taken = changed.map(({ cell, item, slot }) => {
      const others = changed.filter((other) => other.cell !== cell).flatMap((other) => partsOf(other.slot));
      if (!partsOf(item).some((part) => others.includes(part))) return item;
      const copy = allocate(this.at, formOf(slot)!, cell.name);
      assignInto(this.at, copy, item);
      return copy;
    });
    changed.forEach(({ slot }, i) => assignInto(this.at, slot, taken[i]));
    this.noteSharing(changed);
    this.showAll();
  }

  /** What slots hold now, they have in common with where it comes from; with another slot that holds something else now, not. */
  private noteSharing(changed: readonly { readonly item: Item; readonly slot: Item }[]): void {
    const { sharing } = this.at.r;
    changed.forEach(({ item, slot }, i) => {
      for (const other of changed.slice(0, i)) if (other.item === item) sharing.share(slot, other.slot);
      if (changed.some((other) => other.slot === item)) sharing.move(slot, item);
      else sharing.share(slot, item);
    });
  }
}
