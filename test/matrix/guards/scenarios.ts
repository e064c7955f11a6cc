/**
 * Functions of two numbers beside something that is not smooth, or no number: branches not taken, terms left out, loads that are guarded.
 * What was not taken contributes nothing.
 */
import { mul, relu, sqrt, sub, sum } from "../../../src/operations/plain-operations.ts";

export interface Guarded {
  readonly name: string;
  readonly f: (x: readonly number[]) => number;
  readonly x: readonly [number, number];
  readonly gradient: readonly [number, number];
  /** Of x0 twice, x0 and x1, x1 twice. */
  readonly hessian: readonly [number, number, number];
  /** Central differences reach over an edge. */
  readonly atEdge?: true;
}

export const guarded: readonly Guarded[] = [
  {
    name: "a neighbour that is not there",
    f: (x) => {
      let s = 0;
      for (let i = 0; i < 2; i++) s += (i > 0 ? x[0] * x[i - 1] : 0) - x[0] * x[i];
      return s;
    },
    x: [2, 3],
    gradient: [-3, -2],
    hessian: [0, -1, 0],
  },
  {
    name: "neighbours on either side",
    f: (x) => {
      let s = 0;
      for (let i = 0; i < 2; i++) {
        const left = i > 0 ? x[i - 1] ** 2 : 0;
        const right = i < 1 ? x[i + 1] * x[0] : 0;
        s += left * right + left + right;
      }
      return s;
    },
    x: [2, 3],
    gradient: [7, 2],
    hessian: [2, 1, 0],
  },
  {
    name: "a constant, of a choice within a choice",
    f: (x) => {
      const inner = x[0] > 1 ? x[0] * x[0] : 3;
      return x[1] * x[1] + (x[0] > 0 ? inner : x[0]);
    },
    x: [0.5, 2],
    gradient: [0, 4],
    hessian: [0, 0, 2],
  },
  {
    name: "elements that only a branch reads",
    f: (x) => {
      const roots = new Float64Array(2);
      for (let i = 0; i < 2; i++) roots[i] = Math.sqrt(x[i]);
      const products = new Float64Array(2);
      if (x[1] > 10) for (let i = 0; i < 2; i++) products[i] = roots[i] * Math.exp(roots[i]);
      let s = x[1] * x[1];
      for (let i = 0; i < 2; i++) s += products[i];
      return s;
    },
    x: [0, 3],
    gradient: [0, 6],
    hessian: [0, 0, 2],
    atEdge: true,
  },
  {
    name: "missing data",
    f: (x) => {
      const data = [1, NaN];
      let s = 0;
      for (let i = 0; i < 2; i++) s += Number.isNaN(data[i]) ? 0 : (x[i] - data[i]) ** 2 * x[0];
      return s;
    },
    x: [3, 5],
    gradient: [16, 0],
    hessian: [14, 0, 0],
  },
  {
    name: "missing data, residuals in arrays",
    f: (x) => {
      const data = [1, NaN];
      const squares = new Float64Array(2);
      for (let i = 0; i < 2; i++) {
        const residual = x[i] - data[i];
        squares[i] = residual * residual;
      }
      let s = 0;
      for (let i = 0; i < 2; i++) if (data[i] === data[i]) s += squares[i];
      return s;
    },
    x: [3, 5],
    gradient: [4, 0],
    hessian: [2, 0, 0],
  },
  {
    name: "a power of what max cut off",
    f: (x) => Math.max(0, x[0]) ** 0.5 * x[1] + x[1],
    x: [-1, 3],
    gradient: [0, 1],
    hessian: [0, 0, 0],
  },
  {
    name: "a root of what min and max cut off",
    f: (x) => Math.sqrt(Math.min(1, Math.max(x[0], 0))) + Math.log(Math.max(x[1], 1)) * Math.cbrt(Math.max(x[0], 0)) + x[1],
    x: [-2, -3],
    gradient: [0, 1],
    hessian: [0, 0, 0],
  },
  {
    name: "max of what has an infinite slope",
    f: (x) => Math.max(0, Math.sqrt(x[0]) - 1) + x[1] ** 2,
    x: [0, 3],
    gradient: [0, 6],
    hessian: [0, 0, 2],
    atEdge: true,
  },
  {
    name: "a root in a branch",
    f: (x) => (x[0] > 0 ? Math.sqrt(x[0]) * x[1] : 0) + x[1],
    x: [0, 3],
    gradient: [0, 1],
    hessian: [0, 0, 0],
    atEdge: true,
  },
  {
    name: "a root before its branch",
    f: (x) => {
      const r = Math.sqrt(x[0]);
      const l = Math.log(x[0]);
      return (x[0] > 0 ? r * x[1] + l : 0) + x[1];
    },
    x: [0, 3],
    gradient: [0, 1],
    hessian: [0, 0, 0],
    atEdge: true,
  },
  {
    name: "a quotient of zeros",
    f: (x) => (x[0] === 0 ? 1 : Math.sin(x[0]) / x[0]) * x[1],
    x: [0, 3],
    gradient: [0, 1],
    hessian: [0, 0, 0],
    atEdge: true,
  },
  {
    name: "an assignment behind &&",
    f: (x) => {
      let y = x[1];
      const isIn = x[0] > 0 && !!(y = Math.log(x[0]) * x[1]);
      return isIn ? -y : y * y;
    },
    x: [-1, 3],
    gradient: [0, 6],
    hessian: [0, 0, 2],
  },
  {
    name: "an early return",
    f: (x) => {
      if (x[0] <= 0) return x[1] ** 3;
      const l = Math.log(x[0]);
      if (l < 0) return l;
      return Math.sqrt(l) + x[1];
    },
    x: [-1, 2],
    gradient: [0, 12],
    hessian: [0, 0, 12],
  },
  {
    name: "a distance of zero",
    f: (x) => {
      const r = Math.hypot(x[0], x[1]);
      const q = Math.sqrt(x[0] * x[0] + x[1] * x[1]);
      return (r > 0 ? x[0] / r : 0) + (q > 0 ? 1 / q : 0) + x[0];
    },
    x: [0, 0],
    gradient: [1, 0],
    hessian: [0, 0, 0],
    atEdge: true,
  },
  {
    name: "arms of a switch",
    f: (x) => {
      let y = 0;
      switch (x[0] > 0 ? 2 : x[1] > 0 ? 1 : 0) {
        case 2:
          y = Math.sqrt(x[0]);
          break;
        case 1:
          y = x[1] ** 2;
          break;
        default:
          y = Math.log(x[1]);
      }
      return y;
    },
    x: [-1, 3],
    gradient: [0, 6],
    hessian: [0, 0, 2],
  },
  {
    name: "choices in choices",
    f: (x) => {
      const y = x[0] > 1 ? Math.sqrt(x[0] - 1) : x[0] > 0 ? Math.sqrt(x[0]) : x[0] < -5 ? Math.log(x[0]) : x[1] * x[0];
      return y + (x[1] > 0 ? (x[1] > 2 ? x[1] * x[1] : 1 / (x[1] - 3)) : Math.log(x[1]));
    },
    x: [-1, 3],
    gradient: [3, 5],
    hessian: [0, 1, 2],
  },
  {
    name: "operations on arrays",
    f: (x) => {
      const r = relu([x[0], x[1]]);
      return sum(sqrt(r)) + sum(mul(r, r));
    },
    x: [-1, 4],
    gradient: [0, 8.25],
    hessian: [0, 0, 2 - 1 / 32],
  },
  {
    name: "operations on arrays, the other way round",
    f: (x) => sum(relu(sub(sqrt([x[0], x[1]]), 1))) + x[0] * x[1],
    x: [0, 4],
    gradient: [4, 0.25],
    hessian: [0, 1, -1 / 32],
    atEdge: true,
  },
  {
    name: "elements of an array, filled by branches",
    f: (x) => {
      const y = new Float64Array(2);
      for (let i = 0; i < 2; i++) if (x[i] > 0) y[i] = x[i] * x[0];
      return Math.sqrt(y[0]) + Math.log(1 + y[1]) + Math.sqrt(y[1]) + x[1];
    },
    x: [-1, -2],
    gradient: [0, 1],
    hessian: [0, 0, 0],
  },
  {
    name: "roots in an array, used by branches",
    f: (x) => {
      const y = new Float64Array(2);
      for (let i = 0; i < 2; i++) y[i] = Math.sqrt(x[i]);
      let s = 0;
      for (let i = 0; i < 2; i++) s += x[i] > 0 ? y[i] * x[1] : 0;
      return s;
    },
    x: [0, 4],
    gradient: [0, 3],
    hessian: [0, 0, 0.375],
    atEdge: true,
  },
  {
    name: "a helper with a guard",
    f: (x) => {
      const root = (v: number): number => (v > 0 ? Math.sqrt(v) : 0);
      const inverse = (v: number): number => {
        if (v === 0) return 0;
        return 1 / v;
      };
      return root(x[0]) + inverse(x[0]) + root(x[1]) * inverse(x[1]);
    },
    x: [0, 4],
    gradient: [0, -0.0625],
    hessian: [0, 0, 0.75 / 32],
    atEdge: true,
  },
  {
    name: "a loop that is left before the edge",
    f: (x) => {
      let s = 0;
      for (let i = 0; i < 4; i++) {
        const y = x[1] - i;
        if (y <= 0) break;
        if (x[0] <= 0) continue;
        s += Math.sqrt(y) * Math.log(x[0]);
      }
      return s + x[1] * x[1];
    },
    x: [0, 2],
    gradient: [0, 4],
    hessian: [0, 0, 2],
    atEdge: true,
  },
  {
    name: "roots in a loop, cut off from some turn on",
    f: (x) => {
      let y = x[0];
      for (let i = 0; i < 4; i++) y = Math.sqrt(Math.max(0, y - 1));
      return y + x[1] * x[1];
    },
    x: [4, 3],
    gradient: [0, 6],
    hessian: [0, 0, 2],
  },
  {
    name: "a factor that is zero, before a branch",
    f: (x) => {
      const square = (x[0] - 0.5) ** 2;
      let y = x[1];
      if (x[1] > 0) y = x[0] * (square > 0.1 ? Math.sqrt(square) : x[0]);
      return y;
    },
    x: [0, 3],
    gradient: [0.5, 0],
    hessian: [-2, 0, 0],
  },
  {
    name: "a mask over powers",
    f: (x) => {
      let s = 0;
      for (let i = 0; i < 2; i++) s += x[i] > 0 ? x[i] ** x[1] * x[i] ** -0.5 : 0;
      return s;
    },
    x: [0, 2],
    gradient: [0, 2 ** 1.5 * (Math.LN2 + 0.75)],
    hessian: [0, 0, 2 ** 1.5 * ((Math.LN2 + 0.75) ** 2 + 0.5 + 0.125)],
    atEdge: true,
  },
];

/** Derivatives that are infinite, or not there, where they are taken. Nobody is to get a number, zero least of all. */
export const singular: readonly Pick<Guarded, "name" | "f" | "x">[] = [
  { name: "a root", f: (x) => Math.sqrt(x[0]) + x[1], x: [0, 1] },
  { name: "the square of a root", f: (x) => Math.sqrt(x[0]) ** 2 + x[1], x: [0, 1] },
  { name: "a root times itself", f: (x) => (x[1] > 0 ? Math.sqrt(x[0]) * Math.sqrt(x[0]) : 0), x: [0, 1] },
  { name: "a root that max takes", f: (x) => Math.max(-1, Math.sqrt(x[0])) + x[1], x: [0, 1] },
  { name: "a root in the branch taken", f: (x) => (x[1] > 0 ? Math.sqrt(x[0]) : 0), x: [0, 1] },
  { name: "a distance", f: (x) => Math.sqrt(x[0] * x[0] + x[1] * x[1]), x: [0, 0] },
  { name: "hypot", f: (x) => Math.hypot(x[0], x[1]), x: [0, 0] },
  { name: "a small power", f: (x) => x[0] ** 0.3 + x[1], x: [0, 1] },
  { name: "a cube root", f: (x) => Math.cbrt(x[0]) + x[1], x: [0, 1] },
  { name: "an arc", f: (x) => Math.asin(x[0]) + x[1], x: [1, 1] },
];
