/**
 * Sets of indices, made by unions. Small ones are sorted lists; a larger union only notes its two parts, and is listed when it
 * is stored, so that the sum over a row of a dense matrix costs its length and not its square.
 */

/** Up to here a union is listed at once. */
const SMALL = 16;
/** Unions within a union that are looked at for parts of others. */
const MOST_LOOKS = 32;

type List = readonly number[] | Int32Array;

export interface IndexSet {
  /** Sorted, a plain array where there are few, of which many are made; absent while the set is only known as the union of its parts. */
  elements?: List;
  parts?: readonly [IndexSet, IndexSet];
  /** The last traversal that met this set. */
  visited: number;
}

/** The subsets of 0 … size - 1. */
export class IndexSets {
  readonly empty: IndexSet = { elements: [], visited: -1 };
  readonly all: IndexSet;
  private readonly singletons: (IndexSet | undefined)[];
  private readonly marks: Int32Array;
  private traversal = 0;

  constructor(private readonly size: number) {
    this.all = { elements: Int32Array.from({ length: size }, (_, i) => i), visited: -1 };
    this.singletons = new Array<IndexSet | undefined>(size);
    this.marks = new Int32Array(size).fill(-1);
  }

  single(index: number): IndexSet {
    return (this.singletons[index] ??= { elements: [index], visited: -1 });
  }

  union(a: IndexSet, b: IndexSet): IndexSet {
    if (a === b || b === this.empty || a === this.all) return a;
    if (a === this.empty || b === this.all) return b;
    if (!a.elements || !b.elements || a.elements.length + b.elements.length > SMALL) return { parts: [a, b], visited: -1 };
    const merged = merge(a.elements, b.elements);
    if (merged === a.elements) return a;
    return merged === b.elements ? b : { elements: merged, visited: -1 };
  }

  /** The same set with its elements listed. */
  listed(set: IndexSet): IndexSet & { readonly elements: List } {
    this.listShared(set);
    set.elements ??= this.list(set);
    set.parts = undefined;
    return (set.elements.length === this.size ? this.all : set) as IndexSet & { readonly elements: List };
  }

  /** Parts that were gone through for another set are listed by themselves: every row of a matrix may have them. */
  private listShared(set: IndexSet): void {
    const open = [set];
    for (let looks = 0; open.length > 0 && looks < MOST_LOOKS; looks++) {
      for (const part of open.pop()!.parts ?? []) {
        if (!part.parts) continue;
        if (part.visited < 0) open.push(part);
        else {
          part.elements = this.list(part);
          part.parts = undefined;
        }
      }
    }
  }

  private list(set: IndexSet): List {
    const traversal = this.traversal++;
    const found: number[] = [];
    const stack = [set];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (next.visited === traversal) continue;
      next.visited = traversal;
      if (next.parts) stack.push(...next.parts);
      else if (next.elements!.length === this.size) return this.all.elements!;
      else {
        for (const index of next.elements!) {
          if (this.marks[index] === traversal) continue;
          this.marks[index] = traversal;
          found.push(index);
        }
      }
    }
    return Int32Array.from(found).sort();
  }
}

/** The union of two sorted lists; one of them itself where it holds the other. */
function merge(a: List, b: List): List {
  const merged: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const [x, y] = [a[i], b[j]];
    merged.push(Math.min(x, y));
    if (x <= y) i++;
    if (y <= x) j++;
  }
  while (i < a.length) merged.push(a[i++]);
  while (j < b.length) merged.push(b[j++]);
  if (merged.length === a.length) return a;
  return merged.length === b.length ? b : merged;
}
