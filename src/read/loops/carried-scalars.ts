/** The scalars that a loop carries from one iteration to the next, and what they are before the first. */
import type { Builder } from "../../ir/builder.ts";
import type { ScalarType, Value } from "../../ir/ir.ts";
import type { Interval } from "../../ir/ranges.ts";
import type { Cell } from "../state/cells.ts";
import { isScalar, type HostItem } from "../state/items.ts";
import { partsOfMaybe } from "../values/branch.ts";
import type { CarriedInteger } from "./carried-integers.ts";

/** How a cell is carried: its number, after whether it has one where it may have none. */
export interface Carried {
  readonly type: ScalarType;
  readonly absent?: HostItem;
}

export class CarriedScalars {
  readonly cells = new Map<Cell, Carried>();
  /** What they are before the loop. */
  readonly first: Value[] = [];

  has(cell: Cell): boolean {
    return this.cells.has(cell);
  }

  /** `present`: whether there is a number at first, of a cell that may have none. */
  add(cell: Cell, carried: Carried, present: Value, value: Value): void {
    this.cells.set(cell, carried);
    this.first.push(...(carried.absent ? [present, value] : [value]));
  }

  /** Intervals of carried cells, where one is known. */
  intervals(cell: Cell | undefined, interval: Interval): (Interval | undefined)[] {
    return [...this.cells].flatMap(([each, { type, absent }]) => {
      const own = each === cell && type === "i32" ? interval : undefined;
      return absent ? [undefined, own] : [own];
    });
  }

  /** What each of them is by these values, and whether it has a number where it may have none. */
  each(
    values: readonly Value[],
    visit: (cell: Cell, present: Value | undefined, value: Value, absent: HostItem | undefined) => void,
  ): void {
    let position = 0;
    for (const [cell, { absent }] of this.cells) {
      const present = absent && values[position++];
      visit(cell, present, values[position++], absent);
    }
  }

  /** Those that are integers before and after an iteration, of which they are `phis`. */
  integers(b: Builder, phis: readonly Value[], keyOf: (cell: Cell) => Cell | string): CarriedInteger[] {
    const integers: CarriedInteger[] = [];
    let position = 0;
    for (const [cell, { type, absent }] of this.cells) {
      if (absent) position++;
      const [phi, first] = [phis[position], this.first[position]];
      const { item } = partsOfMaybe(b, cell.item);
      if (type === "i32" && isScalar(item) && item.type === "i32")
        integers.push({ key: keyOf(cell), position, phi, first, next: item });
      position++;
    }
    return integers;
  }
}
