/**
 * Approximate minimum degree ordering (Amestoy, Davis & Duff, "An approximate minimum degree ordering algorithm", SIAM J.
 * Matrix Anal. Appl. 17, 1996): a fill-reducing order of elimination for a symmetric pattern.
 *
 * Elimination is played on the quotient graph. An eliminated variable becomes an element, which stands for the clique of the
 * variables that its elimination couples. Variables that have become indistinguishable are merged into one (a supervariable).
 */
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import { adjacencyOf, neighboursOf, type Adjacency } from "../../src/analysis/pattern.ts";

/** The order in which to eliminate: element k is the k-th pivot. The pattern of A + Aᵀ is what is ordered. */
export function minimumDegree(pattern: SparsityPattern): Int32Array {
  return new QuotientGraph(adjacencyOf(pattern)).eliminate();
}

class QuotientGraph {
  private readonly size: number;
  /** A_i: the variables that i is coupled to by entries of the matrix that no element covers. */
  private readonly variables: number[][];
  /** E_i: the elements that i belongs to. */
  private readonly elements: number[][];
  /** L_e: the variables of an element; empty for what is no element (any more). */
  private readonly members: number[][];
  /** How many variables each supervariable stands for; 0 once it is eliminated or merged into another. */
  private readonly weight: Int32Array;
  /** The weight of an element's members. */
  private readonly extent: Int32Array;
  private readonly absorbed: Uint8Array;
  /** |L_e \ L_p| + stamp, for the elements seen since the present pivot's stamp. */
  private readonly outside: Float64Array;
  private stamp = 1;
  private readonly inPivot: Int32Array;
  private readonly degrees: DegreeLists;
  /** Variables merged into one, or eliminated along with it. */
  private readonly followers: number[][];

  constructor(adjacency: Adjacency) {
    const n = (this.size = adjacency.start.length - 1);
    this.variables = Array.from({ length: n }, (_, i) => [...neighboursOf(adjacency, i)]);
    this.elements = this.variables.map(() => []);
    this.members = this.variables.map(() => []);
    this.followers = this.variables.map(() => []);
    this.weight = new Int32Array(n).fill(1);
    this.extent = new Int32Array(n);
    this.absorbed = new Uint8Array(n);
    this.outside = new Float64Array(n);
    this.inPivot = new Int32Array(n).fill(-1);
    this.degrees = new DegreeLists(this.variables.map((list) => list.length));
  }

  eliminate(): Int32Array {
    const order: number[] = [];
    while (order.length < this.size) {
      const pivot = this.degrees.takeLeast();
      const pivotWeight = this.weight[pivot];
      this.makeElement(pivot);
      this.measureOutside(pivot);
      this.update(pivot, this.size - order.length - pivotWeight);
      this.mergeIndistinguishable(pivot);
      this.members[pivot] = this.members[pivot].filter((i) => this.weight[i] > 0);
      for (const i of this.members[pivot]) this.degrees.put(i, this.degrees.of(i));
      const stack = [pivot];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        order.push(next);
        stack.push(...this.followers[next]);
      }
    }
    return Int32Array.from(order);
  }

  /** L_p: everything the pivot is coupled to, directly or through its elements, which it absorbs. */
  private makeElement(pivot: number): void {
    this.weight[pivot] = 0;
    const members: number[] = [];
    const gather = (list: readonly number[]): void => {
      for (const i of list) {
        if (this.weight[i] === 0 || this.inPivot[i] === pivot) continue;
        this.inPivot[i] = pivot;
        members.push(i);
        this.extent[pivot] += this.weight[i];
      }
    };
    gather(this.variables[pivot]);
    for (const e of this.elements[pivot]) {
      if (this.absorbed[e]) continue;
      gather(this.members[e]);
      this.absorb(e);
    }
    this.members[pivot] = members;
    this.variables[pivot] = [];
    this.elements[pivot] = [];
  }

  private absorb(element: number): void {
    this.absorbed[element] = 1;
    this.members[element] = [];
  }

  /** |L_e \ L_p| for every element e that shares a variable with the pivot (the paper's Algorithm 2). */
  private measureOutside(pivot: number): void {
    this.stamp += this.size + 1;
    for (const i of this.members[pivot]) {
      for (const e of this.elements[i]) {
        if (this.absorbed[e]) continue;
        if (this.outside[e] < this.stamp) this.outside[e] = this.stamp + this.extent[e];
        this.outside[e] -= this.weight[i];
      }
    }
  }

  /** New lists and approximate external degrees of the pivot's variables; those coupled to nothing else go with it. */
  private update(pivot: number, remaining: number): void {
    for (const i of this.members[pivot]) {
      let degree = 0;
      const elements: number[] = [];
      for (const e of this.elements[i]) {
        if (this.absorbed[e]) continue;
        const outside = this.outside[e] - this.stamp;
        if (outside === 0) {
          // The element lies within the pivot's (aggressive absorption).
          this.absorb(e);
          continue;
        }
        elements.push(e);
        degree += outside;
      }
      const variables = this.variables[i].filter((j) => this.weight[j] > 0 && this.inPivot[j] !== pivot);
      for (const j of variables) degree += this.weight[j];
      this.variables[i] = variables;
      elements.push(pivot);
      this.elements[i] = elements;
      const weight = this.weight[i];
      this.degrees.remove(i);
      if (degree === 0) {
        this.follow(i, pivot);
        this.extent[pivot] -= weight;
        continue;
      }
      const others = this.extent[pivot] - weight;
      this.degrees.set(i, Math.min(remaining - weight, this.degrees.of(i) + others, degree + others));
    }
  }

  /** Merges variables of the pivot that have the same elements and the same variables. */
  private mergeIndistinguishable(pivot: number): void {
    const alike = new Map<number, number[]>();
    for (const i of this.members[pivot]) {
      if (this.weight[i] === 0) continue;
      const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
      const hash = (sum(this.elements[i]) + sum(this.variables[i])) % this.size;
      const candidates = alike.get(hash);
      const twin = candidates?.find((j) => this.indistinguishable(i, j));
      if (twin !== undefined) {
        this.degrees.set(twin, this.degrees.of(twin) - this.weight[i]);
        this.weight[twin] += this.weight[i];
        this.follow(i, twin);
      } else if (candidates) candidates.push(i);
      else alike.set(hash, [i]);
    }
  }

  private indistinguishable(i: number, j: number): boolean {
    return sameSet(this.elements[i], this.elements[j]) && sameSet(this.variables[i], this.variables[j]);
  }

  private follow(variable: number, leader: number): void {
    this.weight[variable] = 0;
    this.followers[leader].push(variable);
    this.variables[variable] = [];
    this.elements[variable] = [];
  }
}

function sameSet(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x) => b.includes(x));
}

/** Variables by degree, in doubly linked lists. */
class DegreeLists {
  private readonly head: Int32Array;
  private readonly next: Int32Array;
  private readonly previous: Int32Array;
  private readonly degree: Int32Array;
  private least = 0;

  constructor(degrees: readonly number[]) {
    const n = degrees.length;
    this.head = new Int32Array(n).fill(-1);
    this.next = new Int32Array(n).fill(-1);
    this.previous = new Int32Array(n).fill(-1);
    this.degree = new Int32Array(n);
    for (let i = n - 1; i >= 0; i--) this.put(i, degrees[i]);
  }

  of(variable: number): number {
    return this.degree[variable];
  }

  /** Changes the degree of a variable that is in no list. */
  set(variable: number, degree: number): void {
    this.degree[variable] = degree;
  }

  put(variable: number, degree: number): void {
    this.degree[variable] = degree;
    const first = this.head[degree];
    this.next[variable] = first;
    this.previous[variable] = -1;
    if (first >= 0) this.previous[first] = variable;
    this.head[degree] = variable;
    this.least = Math.min(this.least, degree);
  }

  remove(variable: number): void {
    const [before, after] = [this.previous[variable], this.next[variable]];
    if (before >= 0) this.next[before] = after;
    else this.head[this.degree[variable]] = after;
    if (after >= 0) this.previous[after] = before;
  }

  takeLeast(): number {
    while (this.head[this.least] < 0) this.least++;
    const variable = this.head[this.least];
    this.remove(variable);
    return variable;
  }
}
