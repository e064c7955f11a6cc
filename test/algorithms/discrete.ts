/** Sorting, graphs, tables of dynamic programming, counting. */
import { rows } from "./algorithm.ts";

const six = [0.5, -1.2, 2.3, 0.1, 1.7, -0.4];
const ordered = [...six].sort((a, b) => a - b).reduce((s, v, i) => s + v * (i + 1), 0);

export const discrete = rows(
  {
    name: "bubble sort",
    x: six,
    value: ordered,
    f: (x) => {
      const a = [...x];
      let swapped = true;
      while (swapped) {
        swapped = false;
        for (let i = 0; i + 1 < a.length; i++) {
          if (a[i] > a[i + 1]) {
            [a[i], a[i + 1]] = [a[i + 1], a[i]];
            swapped = true;
          }
        }
      }
      return a.reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "insertion sort",
    x: six,
    value: ordered,
    f: (x) => {
      const a = Float64Array.from(x);
      for (let i = 1; i < a.length; i++) {
        const v = a[i];
        let j = i - 1;
        while (j >= 0 && a[j] > v) {
          a[j + 1] = a[j];
          j--;
        }
        a[j + 1] = v;
      }
      return a.reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "quick sort, recursive",
    x: six,
    value: ordered,
    f: (x) => {
      const sort = (a: number[]): number[] => {
        if (a.length < 2) return a;
        const [pivot, ...rest] = a;
        return [...sort(rest.filter((v) => v < pivot)), pivot, ...sort(rest.filter((v) => v >= pivot))];
      };
      return sort(Array.from(x)).reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "merge sort",
    x: six,
    value: ordered,
    f: (x) => {
      function sort(a: number[]): number[] {
        if (a.length < 2) return a;
        const mid = a.length >> 1;
        const [l, r] = [sort(a.slice(0, mid)), sort(a.slice(mid))];
        const out: number[] = [];
        let i = 0,
          j = 0;
        while (i < l.length || j < r.length) out.push(j >= r.length || (i < l.length && l[i] <= r[j]) ? l[i++] : r[j++]);
        return out;
      }
      return sort([...x]).reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "heap sort",
    x: six,
    value: ordered,
    f: (x) => {
      const a = x.slice();
      const sift = (root: number, end: number): void => {
        for (;;) {
          let child = 2 * root + 1;
          if (child >= end) return;
          if (child + 1 < end && a[child] < a[child + 1]) child++;
          if (a[root] >= a[child]) return;
          [a[root], a[child]] = [a[child], a[root]];
          root = child;
        }
      };
      for (let i = (a.length >> 1) - 1; i >= 0; i--) sift(i, a.length);
      for (let end = a.length - 1; end > 0; end--) {
        [a[0], a[end]] = [a[end], a[0]];
        sift(0, end);
      }
      return a.reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "the built-in sort",
    x: six,
    value: ordered,
    f: (x) =>
      x
        .slice()
        .sort()
        .reduce((s, v, i) => s + v * (i + 1), 0),
  },
  {
    name: "sorting indices by what they point at",
    x: six,
    value: ordered,
    f: (x) => {
      const order = Array.from(x.keys()).sort((i, j) => x[i] - x[j]);
      return order.reduce((s, k, i) => s + x[k] * (i + 1), 0);
    },
  },
  {
    name: "a priority queue",
    x: six,
    f: (x) => {
      class Heap {
        items: number[] = [];
        push(v: number): void {
          const { items } = this;
          items.push(v);
          let i = items.length - 1;
          while (i > 0 && items[(i - 1) >> 1] > items[i]) {
            const parent = (i - 1) >> 1;
            [items[parent], items[i]] = [items[i], items[parent]];
            i = parent;
          }
        }
        pop(): number {
          const { items } = this;
          const top = items[0];
          const last = items.pop()!;
          if (items.length) {
            items[0] = last;
            let i = 0;
            for (;;) {
              let c = 2 * i + 1;
              if (c >= items.length) break;
              if (c + 1 < items.length && items[c + 1] < items[c]) c++;
              if (items[i] <= items[c]) break;
              [items[i], items[c]] = [items[c], items[i]];
              i = c;
            }
          }
          return top;
        }
      }
      const heap = new Heap();
      for (const v of x) heap.push(v * v);
      // Huffman's sum: the two least are joined, again and again.
      let total = 0;
      while (heap.items.length > 1) {
        const joined = heap.pop() + heap.pop();
        total += joined;
        heap.push(joined);
      }
      return total;
    },
  },
  {
    name: "union-find, and the lightest spanning tree",
    x: [1.5, 0.7, 2.1, 0.9, 1.1],
    value: 0.7 + 0.9 + 1.1,
    constants: {
      ends: [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 2],
        [3, 1],
      ],
    },
    f: (w, _p, { ends }: { ends: number[][] }) => {
      const parent = [0, 1, 2, 3];
      const find = (i: number): number => {
        while (parent[i] !== i) i = parent[i] = parent[parent[i]];
        return i;
      };
      let total = 0;
      const edges = ends.map(([a, b], k) => ({ a, b, w: w[k] })).sort((l, r) => l.w - r.w);
      for (const { a, b, w: weight } of edges) {
        const [ra, rb] = [find(a), find(b)];
        if (ra === rb) continue;
        parent[ra] = rb;
        total += weight;
      }
      return total;
    },
  },
  {
    name: "breadth first",
    x: [1.5, 0.7, 2.1, 0.9, 1.1],
    constants: { neighbours: { a: ["b", "c"], b: ["d"], c: ["d", "e"], d: [], e: [] } },
    f: (w, _p, { neighbours }: { neighbours: Record<string, string[]> }) => {
      const depth: Record<string, number> = { a: 0 };
      const queue = ["a"];
      while (queue.length) {
        const at = queue.shift()!;
        for (const next of neighbours[at]) {
          if (next in depth) continue;
          depth[next] = depth[at] + 1;
          queue.push(next);
        }
      }
      return Object.keys(depth).reduce((s, key, i) => s + w[i] ** 2 * depth[key], 0);
    },
  },
  {
    name: "Dijkstra",
    x: [1.5, 0.7, 2.1, 0.9, 1.1],
    value: 0.9 + 1.1,
    constants: {
      ends: [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 2],
        [2, 3],
      ],
    },
    f: (w, _p, { ends }: { ends: number[][] }) => {
      const distance = [0, Infinity, Infinity, Infinity];
      const done = new Set<number>();
      while (done.size < 4) {
        let at = -1;
        for (let i = 0; i < 4; i++) if (!done.has(i) && (at < 0 || distance[i] < distance[at])) at = i;
        done.add(at);
        ends.forEach(([a, b], k) => {
          if (a === at && distance[a] + w[k] < distance[b]) distance[b] = distance[a] + w[k];
        });
      }
      return distance[3];
    },
  },
  {
    name: "Floyd and Warshall",
    x: [1.5, 0.7, 2.1, 0.9],
    f: (w) => {
      const far = 1e9;
      const d = [
        [0, w[0], far, w[3]],
        [far, 0, w[1], far],
        [far, far, 0, w[2]],
        [w[1], far, w[0], 0],
      ];
      for (let k = 0; k < 4; k++)
        for (let i = 0; i < 4; i++) for (let j = 0; j < 4; j++) if (d[i][k] + d[k][j] < d[i][j]) d[i][j] = d[i][k] + d[k][j];
      let s = 0;
      for (const row of d) for (const v of row) s += v < far ? v : 0;
      return s;
    },
  },
  {
    name: "edit distance with weights",
    x: [1, 1.3, 0.8],
    constants: { a: "kitten", b: "sitting" },
    f: ([insert, remove, replace], _p, { a, b }: { a: string; b: string }) => {
      let row = Array.from({ length: b.length + 1 }, (_, j) => j * insert);
      for (let i = 1; i <= a.length; i++) {
        const next = [i * remove];
        for (let j = 1; j <= b.length; j++) {
          const same = row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : replace);
          next.push(Math.min(same, row[j] + remove, next[j - 1] + insert));
        }
        row = next;
      }
      return row[b.length];
    },
    value: 2 * 0.8 + 1,
  },
  {
    name: "knapsack",
    x: [1.5, 2.7, 2.1, 0.9],
    constants: { weight: [2, 3, 4, 1], capacity: 6 },
    value: 1.5 + 2.7 + 0.9,
    f: (worth, _p, { weight, capacity }: { weight: number[]; capacity: number }) => {
      const best = new Float64Array(capacity + 1);
      for (let i = 0; i < worth.length; i++)
        for (let c = capacity; c >= weight[i]; c--) best[c] = Math.max(best[c], best[c - weight[i]] + worth[i]);
      return best[capacity];
    },
  },
  {
    name: "the longest increasing run of choices",
    x: six,
    value: -1.2 + 0.1 + 1.7 + 3,
    f: (x) => {
      const length = x.map(() => 1);
      const from = Array.from(x, () => -1);
      for (let i = 1; i < x.length; i++) {
        for (let j = 0; j < i; j++) {
          if (x[j] < x[i] && length[j] + 1 > length[i]) {
            length[i] = length[j] + 1;
            from[i] = j;
          }
        }
      }
      let at = length.indexOf(Math.max(...length));
      let s = Math.max(...length);
      while (at >= 0) {
        s += x[at];
        at = from[at];
      }
      return s - 0;
    },
  },
  {
    name: "the largest sum of neighbours, by Kadane",
    x: six,
    value: 2.3 + 0.1 + 1.7,
    f: (x) => {
      let best = -Infinity;
      let here = 0;
      for (const v of x) {
        here = Math.max(v, here + v);
        if (here > best) best = here;
      }
      return best;
    },
  },
  {
    name: "a sieve of primes, and a product over them",
    x: [2.5],
    f: ([s]) => {
      const composite = new Uint8Array(50);
      let product = 1;
      for (let n = 2; n < 50; n++) {
        if (composite[n]) continue;
        product /= 1 - n ** -s;
        for (let m = n * n; m < 50; m += n) composite[m] = 1;
      }
      return product;
    },
  },
  {
    name: "Gray's code",
    x: [1, 2, 3],
    f: (x) => {
      let s = 0;
      for (let i = 0; i < 8; i++) {
        const g = i ^ (i >> 1);
        let term = 1;
        for (let b = 0; b < 3; b++) if ((g >> b) & 1) term *= x[b];
        s += term * (i + 1);
      }
      return s;
    },
  },
  {
    name: "bits counted",
    x: [1.1],
    f: ([x]) => {
      let s = 0;
      for (let n = 1; n < 20; n++) {
        let v = n,
          bits = 0;
        while (v) {
          v &= v - 1;
          bits++;
        }
        s += x ** bits;
      }
      return s;
    },
  },
  {
    name: "a linear congruential generator",
    x: [0.3, 1.2],
    f: ([a, b]) => {
      let seed = 12345;
      const random = (): number => (seed = (seed * 16807) % 2147483647) / 2147483647;
      let s = 0;
      for (let i = 0; i < 30; i++) s += Math.exp(-a * random()) * Math.cos(b * random());
      return s / 30;
    },
  },
  {
    name: "mulberry32",
    x: [0.3],
    f: ([a]) => {
      let state = 42 | 0;
      const random = (): number => {
        state = (state + 0x6d2b79f5) | 0;
        let z = Math.imul(state ^ (state >>> 15), 1 | state);
        z = (z + Math.imul(z ^ (z >>> 7), 61 | z)) ^ z;
        return ((z ^ (z >>> 14)) >>> 0) / 4294967296;
      };
      let s = 0;
      for (let i = 0; i < 10; i++) s += Math.sin(a * random() * 6);
      return s;
    },
  },
  {
    name: "a cellular automaton that gates a sum",
    x: six,
    f: (x) => {
      let cells = [0, 0, 1, 0, 0, 0];
      let s = 0;
      for (let step = 0; step < 5; step++) {
        cells.forEach((on, i) => {
          if (on) s += x[i] ** 2;
        });
        cells = cells.map((_, i) => {
          const pattern = (cells[(i + 5) % 6] << 2) | (cells[i] << 1) | cells[(i + 1) % 6];
          return (110 >> pattern) & 1;
        });
      }
      return s;
    },
  },
  {
    name: "the logistic map",
    x: [3.2, 0.4],
    f: ([r, x0]) => {
      let x = x0;
      for (let i = 0; i < 10; i++) x = r * x * (1 - x);
      return x;
    },
  },
);
