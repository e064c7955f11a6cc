/** Keeps what variables hold while a function is read, and takes it back: branches are read side by side, loops more than once. */
import type { Item, ListItem, ObjectItem } from "./items.ts";

/** A variable, or a field of an object. */
export class Cell {
  constructor(
    readonly name: string,
    public item: Item,
    readonly birth: number,
  ) {}
}

/** Told of every write to a cell older than itself. */
export interface Watcher {
  readonly birth: number;
  note(cell: Cell): void;
}

interface Mark {
  readonly writes: number;
  readonly undos: number;
  readonly watchers: number;
  readonly level: number;
}

export class Journal {
  private clock = 0;
  private readonly writes: { readonly cell: Cell; readonly before: Item }[] = [];
  private readonly undos: (() => void)[] = [];
  private readonly watchers: Watcher[] = [];

  /** How many branches and loops are being read around. */
  level = 0;

  /** An object made now. */
  object(fields: Map<string, Cell>): ObjectItem {
    return { kind: "object", fields, birth: this.clock++, level: this.level };
  }

  /** An array of these items, made now. */
  list(items: readonly Item[]): ListItem {
    return { kind: "list", elements: items.map((item, i) => this.cell(`[${i}]`, item)) };
  }

  now(): number {
    return this.clock++;
  }

  cell(name: string, item: Item): Cell {
    return new Cell(name, item, this.clock++);
  }

  write(cell: Cell, item: Item): void {
    this.writes.push({ cell, before: cell.item });
    cell.item = item;
    for (let i = this.watchers.length - 1; i >= 0 && cell.birth < this.watchers[i].birth; i--) this.watchers[i].note(cell);
  }

  /** Something done beside cells that a rollback has to take back. */
  onRollback(undo: () => void): void {
    this.undos.push(undo);
  }

  watch(watcher: Watcher, run: () => void): void {
    this.watchers.push(watcher);
    this.level++;
    run();
    this.level--;
    this.watchers.pop();
  }

  mark(): Mark {
    return { writes: this.writes.length, undos: this.undos.length, watchers: this.watchers.length, level: this.level };
  }

  /** Back to how everything was at the mark. */
  rollback(mark: Mark): void {
    this.restore(mark.writes);
    while (this.undos.length > mark.undos) this.undos.pop()!();
    this.watchers.length = mark.watchers;
    this.level = mark.level;
  }

  /** Runs, then gives the cells back what they held; returns what those older than the run came to hold. */
  isolate(run: () => void): Map<Cell, Item> {
    const birth = this.now();
    const start = this.writes.length;
    this.level++;
    run();
    this.level--;
    const after = new Map<Cell, Item>();
    for (const { cell } of this.writes.slice(start)) if (cell.birth < birth) after.set(cell, cell.item);
    this.restore(start, birth);
    return after;
  }

  /** Takes writes back; cells born later than `birth` keep what they hold. */
  private restore(length: number, birth = Infinity): void {
    while (this.writes.length > length) {
      const { cell, before } = this.writes.pop()!;
      if (cell.birth < birth) cell.item = before;
    }
  }
}
