/** What is known of the elements of arrays while a program is interpreted abstractly: see influences.ts. */
import type { ArrayDeclaration, Program } from "../ir/ir.ts";
import { fixedNumbers, isTable, requireZeros, type Numbers } from "../ir/tables.ts";
import { IndexSets, type IndexSet } from "./index-set.ts";

/** What is known of a scalar: its value, where that does not depend on the parameters, and what it depends on. */
export interface Fact {
  readonly number?: number;
  readonly set: IndexSet;
  /** It is a zero of this table. */
  readonly zeroOf?: Numbers;
}

export function isZero({ number, zeroOf }: Fact): boolean {
  return number === 0 || (zeroOf !== undefined && requireZeros(zeroOf) !== undefined);
}

type Elements = Map<ArrayDeclaration, Fact[]>;
type Writes = Map<ArrayDeclaration, Map<number, Fact>>;

export class FactMemory {
  readonly sets: IndexSets;
  readonly nothing: Fact;
  private readonly memory: Elements = new Map();
  /** What elements held before they were written, while a branch is tried. */
  private journal: Writes | undefined;
  /** What it depends on whether the present block is run; only of influence of any kind. */
  private chosenBy: IndexSet;

  constructor(
    program: Program,
    input: ArrayDeclaration,
    private readonly anyhow: boolean,
  ) {
    this.sets = new IndexSets(input.size);
    this.nothing = { set: this.sets.empty };
    this.chosenBy = this.sets.empty;
    for (const array of program.arrays) {
      const numbers = fixedNumbers(array);
      const table = !anyhow && array.data && isTable(array.data) ? array.data : undefined;
      const fact = (i: number): Fact => {
        if (numbers) return this.constant(numbers[i]);
        if (table?.[i] === 0) return { set: this.sets.empty, zeroOf: table };
        return array === input ? { set: this.sets.single(i) } : this.nothing;
      };
      this.memory.set(
        array,
        Array.from({ length: array.size }, (_, i) => fact(i)),
      );
    }
  }

  elements(array: ArrayDeclaration): readonly Fact[] {
    return this.memory.get(array)!;
  }

  constant(number: number): Fact {
    return { number, set: this.sets.empty };
  }

  unite(a: Fact, b: Fact): Fact {
    if (a === b) return a;
    return { number: Object.is(a.number, b.number) ? a.number : undefined, set: this.sets.union(a.set, b.set) };
  }

  sum(a: Fact, b: Fact): Fact {
    const number = a.number !== undefined && b.number !== undefined ? a.number + b.number : undefined;
    return { number, set: this.sets.union(a.set, b.set) };
  }

  write(array: ArrayDeclaration, index: number, fact: Fact): void {
    const elements = this.memory.get(array)!;
    if (index < 0 || index >= elements.length) return;
    if (this.journal) {
      let old = this.journal.get(array);
      if (!old) this.journal.set(array, (old = new Map()));
      if (!old.has(index)) old.set(index, elements[index]);
    }
    const chosen = this.chosenBy === this.sets.empty ? fact : this.also(fact, this.chosenBy);
    elements[index] = chosen.set.elements ? chosen : { set: this.sets.listed(chosen.set) };
  }

  /** What is not known, and depends on more. */
  also({ set }: Fact, more: IndexSet): Fact {
    return { set: this.sets.union(set, more) };
  }

  /** Runs what runs, or not, depending on a condition. */
  chosen(by: IndexSet, run: () => void): void {
    const outer = this.chosenBy;
    if (this.anyhow) this.chosenBy = this.sets.union(outer, by);
    run();
    this.chosenBy = outer;
  }

  /** Runs two branches from the same state and unites what they wrote. Tells whether that changed anything. */
  either(one: () => void, other: () => void): boolean {
    const branches = [this.attempt(one), this.attempt(other)];
    let changed = false;
    for (const array of new Set(branches.flatMap((branch) => [...branch.keys()]))) {
      const elements = this.memory.get(array)!;
      for (const k of new Set(branches.flatMap((branch) => [...(branch.get(array)?.keys() ?? [])]))) {
        const present = elements[k];
        const [a, b] = branches.map((branch) => branch.get(array)?.get(k) ?? present);
        this.write(array, k, this.unite(a, b));
        changed ||= this.differs(present, elements[k]);
      }
    }
    return changed;
  }

  /** Runs, takes back what that wrote, and returns it. */
  private attempt(run: () => void): Writes {
    const outer = this.journal;
    const before: Writes = new Map();
    this.journal = before;
    run();
    this.journal = outer;
    const written: Writes = new Map();
    for (const [array, old] of before) {
      const elements = this.memory.get(array)!;
      written.set(array, new Map([...old.keys()].map((k) => [k, elements[k]])));
      for (const [k, fact] of old) elements[k] = fact;
    }
    return written;
  }

  differs(a: Fact, b: Fact): boolean {
    const size = (fact: Fact): number => this.sets.listed(fact.set).elements.length;
    return !Object.is(a.number, b.number) || size(a) !== size(b);
  }
}
