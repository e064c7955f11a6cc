/** Arrays, rows and objects are what JavaScript has them to be under every name, or they are refused. */
import { describe, expect, test } from "vitest";
import { gradient, odeProblem } from "../../../index.ts";
import { ReadError } from "../../../src/core/errors.ts";
import { read, type Callable } from "../../../src/read/index.ts";
import { layoutOf } from "../../../src/arrays/layout.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";

type Outcome = "read" | "refused";
type Row = readonly [what: string, outcome: Outcome, body: string];

const U = [1.3, -0.7, 2.1];

/** What functions of u and constants return, which may change the constants. */
const constants = (): Record<string, unknown> => {
  const buffer = new Float64Array(6);
  const row = [1, 2, 3];
  return {
    all: buffer,
    tail: buffer.subarray(3),
    apart: new Float64Array(3),
    again: row,
    rows: [row, [4, 5, 6], row],
    lo: [1, 2, 3],
    hi: [4, 5, 6],
    f: (x: number[], y: number[]): number => {
      x[0] = 5;
      return y[0];
    },
  };
};

/** An array that may be any of so many, which lie in rows too. */
function chain(count: number): string {
  const link = (i: number): string =>
    `{ const r = [u[${i % 3}], ${i}]; const m = [r, [1, 2]]; if (u[0] > ${i}) w = r; s += m[0][1]; }`;
  return Array.from({ length: count }, (_, i) => link(i)).join(" ");
}

const table: readonly Row[] = [
  ["one of two arrays, read", "read", "const w = u[0] > 1 ? c.lo : c.hi; return w[1] * u[0];"],
  [
    "one of two arrays, then written",
    "refused",
    "const a = [0, 0], b = [0, 0]; const w = u[0] > 0 ? a : b; w[0] = u[0]; return a[0] + b[1];",
  ],
  [
    "one of two, written, and the others never seen",
    "read",
    "let w = [u[0], 1]; if (u[1] < 0) w = [u[1], 2]; w[0] += 1; return w[0] * w[1];",
  ],
  [
    "one of two arrays, a row later",
    "refused",
    "const a = [0, 0], b = [0, 0]; const w = u[0] > 0 ? a : b; a[0] = u[0]; return w[0];",
  ],
  [
    "one of two, in a loop",
    "refused",
    "const lo = [0, 0], hi = [0, 0]; for (let i = 0; i < 3; i++) { const b = u[i] < 0.5 ? lo : hi; b[0] += u[i]; b[1] += 1; } return lo[0] * lo[1] + 2 * hi[0] * hi[1];",
  ],
  [
    "one of two objects, written",
    "refused",
    "const a = { x: 1 }, b = { x: 2 }; const o = u[0] > 1 ? a : b; o.x = 10; return a.x * u[0];",
  ],
  ["one of two objects, read", "read", "const a = { x: u[1] }, b = { x: 2 }; const o = u[0] > 1 ? a : b; return o.x * u[0];"],
  [
    "one of two objects, by let",
    "refused",
    "const a = { x: 1 }, b = { x: 2 }; let o = a; if (u[0] > 5) o = b; o.x = u[1]; return a.x + 3 * b.x;",
  ],
  [
    "one of two lists",
    "refused",
    "const a = [{ x: 1 }, { x: 2 }], b = [{ x: 3 }, { x: 4 }]; const l = u[0] > 1 ? a : b; l[0].x = u[1]; return a[0].x;",
  ],
  [
    "by &&, || and ??",
    "refused",
    "const a = [1], b = [2]; let w = null; if (u[0] > 1) w = a; w = w ?? b; w[0] = u[2]; return a[0] + 2 * b[0];",
  ],
  [
    "what a function returns",
    "refused",
    "const a = [1], b = [2]; const pick = (k) => { if (k > 0) return a; return b; }; pick(u[0])[0] = u[1]; return a[0];",
  ],
  [
    "what a function returns, one of its arguments",
    "read",
    "const a = [1, u[1]]; const same = (x) => x; same(a)[0] = u[0]; return a[0] * a[1];",
  ],
  [
    "chosen by switch",
    "refused",
    "const a = [1], b = [2], d = [3]; let w; switch (Math.floor(u[0])) { case 0: w = a; break; case 1: w = b; break; default: w = d; } w[0] = u[1]; return a[0] + 2 * b[0] + 4 * d[0];",
  ],
  ["arguments that are one", "read", "const a = [1, 2]; return c.f(a, a) * u[0];"],
  [
    "swapped buffers, one read",
    "read",
    "let a = Array.from(u), b = new Array(3).fill(0); for (let k = 0; k < 3; k++) { for (let i = 0; i < 3; i++) b[i] = 0.5 * a[i] + 0.1 * a[(i + 1) % 3]; [a, b] = [b, a]; } return a[0] + 2 * a[1];",
  ],
  [
    "swapped buffers by a third name",
    "read",
    "let a = Float64Array.from(u), b = new Float64Array(3); for (let k = 0; k < 4; k++) { for (let i = 0; i < 3; i++) b[i] = 0.5 * a[i] + 0.1 * a[(i + 1) % 3]; const tmp = a; a = b; b = tmp; } return a[0] + 2 * b[1];",
  ],
  [
    "swapped buffers, as often as data tell",
    "read",
    "let a = Float64Array.from(u), b = new Float64Array(3); let k = 0; while (a[0] > 0.2 && k < 9) { for (let i = 0; i < 3; i++) b[i] = 0.5 * a[i]; [a, b] = [b, a]; k++; } return a[0] + 2 * a[1] + b[2];",
  ],
  [
    "swapped buffers, seen by their first names",
    "refused",
    "const A = new Float64Array(3), B = new Float64Array(3); for (let i = 0; i < 3; i++) A[i] = u[i]; let a = A, b = B; for (let k = 0; k < 4; k++) { for (let i = 0; i < 3; i++) b[i] = 0.5 * a[i] + 0.1 * a[(i + 1) % 3]; [a, b] = [b, a]; } return A[0] + 2 * A[1] + 3 * B[2];",
  ],
  [
    "three buffers, turned",
    "refused",
    "const A = [u[0]], B = [u[1]], D = [u[2]]; let a = A, b = B, d = D; for (let k = 0; k < 2; k++) { a[0] += 1; [a, b, d] = [b, d, a]; } return A[0] + 2 * B[0] + 4 * D[0];",
  ],
  [
    "a buffer handed on, and its first name",
    "refused",
    "const first = [u[0], u[1]]; let x = first; for (let k = 0; k < 2; k++) { x[0] += 1; x = [x[0] * 2, x[1]]; } return first[0] + x[0];",
  ],
  [
    "a buffer handed on",
    "read",
    "let x = [u[0], u[1]]; for (let k = 0; k < 3; k++) { const next = [x[1], x[0] * 0.5]; next[0] += 1; x = next; } return x[0] + 2 * x[1];",
  ],
  [
    "two names after a loop's turn",
    "refused",
    "let a = [u[0], 0], b = [u[1], 0]; for (let k = 0; k < 2; k++) { a = b; a[0] += 1; b[1] = a[0]; } a[0] = 5; return b[0] + b[1];",
  ],
  [
    "rows in a literal, read",
    "read",
    "const r0 = [u[0], 1], r1 = [u[1], 2]; const m = [r0, r1]; let s = 0; for (let i = 0; i < 2; i++) for (let j = 0; j < 2; j++) s += m[i][j] * (i + 1); return s;",
  ],
  [
    "rows in a literal, written by themselves",
    "refused",
    "const a = [1, 2], b = [3, 4]; const m = [a, b]; a[0] = u[0]; return m[0][0] + u[1];",
  ],
  [
    "rows in a literal, written in it",
    "refused",
    "const r0 = [1, 2], r1 = [3, 4]; const rows = [r0, r1]; rows[1][0] = u[0]; return r1[0];",
  ],
  [
    "rows in a literal, written in it alone",
    "read",
    "const rows = [[1, 2], [3, 4]]; for (let i = 0; i < 2; i++) rows[i][0] = u[i]; return rows[0][0] * rows[1][0] + rows[1][1];",
  ],
  ["one row twice", "refused", "const l = [0, 1, 0]; const r = [l, l, l]; r[0][1] = u[0]; return r[2][1];"],
  [
    "one row from a function",
    "refused",
    "const l = [0, 1]; const r = Array.from({ length: 3 }, () => l); r[0][1] = u[0]; return r[2][1];",
  ],
  [
    "rows of their own from a function",
    "read",
    "const r = Array.from({ length: 3 }, () => [0, 1]); r[0][1] = u[0]; return r[2][1] + r[0][1];",
  ],
  [
    "one row that a callback goes on writing",
    "refused",
    "const acc = [0, 0]; const r = Array.from(u).map((x) => { acc[0] += x; return acc; }); return r[0][0];",
  ],
  [
    "best of rows",
    "read",
    "let best = [0, 0]; const pts = [[1, u[0]], [2, u[1]], [3, u[2]]]; for (const p of pts) if (p[1] > best[1]) best = p; return best[0] * best[1];",
  ],
  ["one row, filled in", "refused", "const l = [0, 1]; const r = new Array(3).fill(l); r[0][1] = u[0]; return r[2][1];"],
  [
    "views in a literal",
    "refused",
    "const w = Float64Array.from(u); const rows = [w.subarray(0, 1), w.subarray(1, 2)]; rows[0][0] *= 2; return w[0] + w[1];",
  ],
  [
    "views, written",
    "read",
    "const w = Float64Array.from(u); const v = w.subarray(1); v[0] = 5 * u[0]; w[2] += 1; return w[1] + v[1];",
  ],
  [
    "views that overlap",
    "read",
    "const w = Float64Array.from(u); const v = w.subarray(1), x = w.subarray(0, 2); for (let i = 0; i < 2; i++) v[i] = x[i] * 2; return w[0] + 2 * w[1] + 4 * w[2];",
  ],
  [
    "set over itself",
    "read",
    "const w = new Float64Array(12); for (let i = 0; i < 12; i++) w[i] = i * u[0]; w.set(w.subarray(0, 10), 1); return w[3] + 10 * w[9];",
  ],
  ["a shallow copy of rows", "refused", "const m = [[1, 2], [3, 4]]; const s = m.slice(); s[0][0] = u[0]; return m[0][0];"],
  ["rows spread", "refused", "const m = [[1, 2], [3, 4]]; const s = [...m]; m[1][0] = u[0]; return s[1][0];"],
  [
    "rows joined to others",
    "refused",
    "const m = [[1, 2], [3, 4]]; const s = m.concat([[5, 6]]); m[1][0] = u[0]; return s[1][0];",
  ],
  [
    "a deep copy of rows",
    "read",
    "const m = [[1, 2], [3, u[1]]]; const s = m.map((r) => r.slice()); s[0][0] = u[0]; return m[0][0] + s[0][0] + s[1][1];",
  ],
  [
    "a list copied: its elements are its own",
    "read",
    "const l = [{ x: 1 }, { x: 2 }]; const s = l.slice(); s[0] = { x: u[0] }; return l[0].x + s[0].x;",
  ],
  [
    "a list copied: its objects are the same",
    "read",
    "const l = [{ x: 1 }, { x: 2 }]; const s = l.slice(); s[0].x = u[0]; return l[0].x;",
  ],
  [
    "a row under another name",
    "read",
    "const m = [[1, 2], [3, 4]]; const r = m[1]; r[0] = u[0]; m[1][1] = u[1]; return m[1][0] + r[1];",
  ],
  [
    "rows swapped",
    "read",
    "const m = [[u[0], 1], [u[1], 2], [u[2], 3]]; for (let i = 0; i < 2; i++) { let p = i; for (let k = i; k < 3; k++) if (m[k][0] > m[p][0]) p = k; [m[i], m[p]] = [m[p], m[i]]; m[i][1] += m[i + 1][0]; } return m[0][0] + 2 * m[1][1] + 3 * m[2][0];",
  ],
  [
    "rows swapped by a third name",
    "read",
    "const m = [[u[0], 1], [u[1], 2], [u[2], 3]]; for (let i = 0; i < 2; i++) { let p = i; for (let k = i; k < 3; k++) if (m[k][0] > m[p][0]) p = k; const tmp = m[i]; m[i] = m[p]; m[p] = tmp; tmp[1] *= 2; m[i][1] += m[i + 1][0]; } return m[0][0] + 2 * m[1][1] + 3 * m[2][0];",
  ],
  [
    "rows swapped beneath a name",
    "refused",
    "const m = [[u[0], 1], [u[1], 2]]; const first = m[0]; [m[0], m[1]] = [m[1], m[0]]; return first[0];",
  ],
  [
    "a row put in place of another",
    "read",
    "const m = [[1, 2], [3, 4]]; m[0] = [u[0], u[1]]; m[0][0] += 1; return m[0][0] + m[1][1];",
  ],
  [
    "a row put in place, written later",
    "refused",
    "const m = [[1, 2], [3, 4]]; const r = [u[0], 5]; m[0] = r; r[1] = u[1]; return m[0][1];",
  ],
  [
    "a row put in place, read before it is written",
    "read",
    "const m = [[1, 2], [3, 4]]; const r = [u[0], 5]; m[0] = r; const s = m[0][1]; r[1] = u[1]; return s + r[1];",
  ],
  ["a row that two places hold", "refused", "const m = [[1, 2], [3, 4]]; m[0] = m[1]; m[0][1] = u[0]; return m[1][1];"],
  ["a row replaced beneath a name", "refused", "const m = [[1, 2], [3, 4]]; const r = m[0]; m[0] = [u[0], 1]; return r[0];"],
  [
    "an object in two lists",
    "read",
    "const o = { x: 1 }; const a = [o, { x: 2 }], b = { o }; b.o.x = u[0]; return a[0].x * o.x;",
  ],
  ["arrays in objects", "read", "const w = [1, 2]; const o = { w }; const { w: v } = o; v[0] = u[0]; return w[0] + o.w[1];"],
  [
    "a copied object is shallow",
    "read",
    "const o = { w: [1, 2], k: 1 }; const s = { ...o }; s.k = 5; s.w[0] = u[0]; return o.w[0] + o.k;",
  ],
  [
    "assign gives what it is given",
    "read",
    "const o = { x: 1 }; const s = Object.assign(o, { y: 2 }); s.x = u[0]; return o.x + o.y;",
  ],
  ["what is taken out of an object is a copy", "read", "const o = { x: u[0] }; const { x } = o; o.x = 2; return x + o.x;"],
  [
    "fill and reverse give the same array",
    "read",
    "const a = [1, 2, 3]; const b = a.fill(u[0], 1).reverse(); b[0] = 7; return a[0] + a[1] + a[2];",
  ],
  [
    "written while gone over",
    "read",
    "const a = [u[0], 1, 1]; let s = 0; a.forEach((x, i) => { if (i < 2) a[i + 1] += x; s += a[i]; }); for (const x of a) { a[2] += 1; s += x; } return s;",
  ],
  [
    "written while mapped",
    "read",
    "const a = [u[0], 1, 1]; const b = a.map((x, i, self) => { if (i < 2) self[i + 1] += x; return x * 2; }); return b[2] + a[2];",
  ],
  [
    "written while filtered",
    "read",
    "const a = [1, 2, 3]; const b = a.filter((x, i) => { a[2] = u[0]; return i > 0; }); return b[1];",
  ],
  [
    "written while entries are gone over",
    "refused",
    "const l = [0, 0, 1]; let s = 0; for (const [i, v] of l.entries()) { s += v * (i + 1); if (i < 2) l[i + 1] = u[i]; } return s;",
  ],
  [
    "entries gone over",
    "read",
    "const l = [u[0], u[1], 1]; let s = 0; for (const [i, v] of l.entries()) s += v * (i + 1); return s;",
  ],
  ["constants in one buffer", "refused", "for (let i = 0; i < 6; i++) c.all[i] = u[0] * i; return c.tail[1];"],
  [
    "constants in one buffer, seen first",
    "refused",
    "const t = c.tail; c.all.fill(0); let s = 0; for (let i = 0; i < 6; i++) { c.all[i] = u[0] * i; s += t[0]; } return s;",
  ],
  ["constants apart", "read", "for (let i = 0; i < 3; i++) c.apart[i] = u[0] * i; return c.apart[1] + c.lo[0];"],
  [
    "a row among the constants, twice",
    "refused",
    "for (let i = 2; i >= 0; i--) for (let j = 0; j < 3; j++) c.rows[i][j] = u[0] * (i + j); return c.rows[2][1];",
  ],
  ["a row among the constants by its own name", "refused", "c.again[0] = u[0]; return c.rows[0][0];"],
  ["a literal of constants, written", "refused", "const m = [c.lo, c.hi]; m[0][0] = u[0]; return m[0][0];"],
  [
    "numbers swapped",
    "read",
    "let a = u[0], b = u[1]; for (let k = 0; k < 3; k++) [a, b] = [b, a + b]; const w = [a, b, 1]; [w[0], w[2]] = [w[2], w[0]]; return w[0] + 2 * w[1] + 3 * w[2];",
  ],
  [
    "a sum in an array",
    "read",
    "const s = Array.from(u).reduce((w, x) => { w[0] += x; w[1] += x * x; return w; }, [0, 0]); return s[0] * s[1];",
  ],
  [
    "what a closure holds",
    "read",
    "let w = [1, 2]; const get = () => w[0]; const first = get(); w = [u[0], 3]; w[0] += 1; return first + get();",
  ],
  ["many names, none written", "read", `let w = [0, 0], s = 0; ${chain(60)} return s + w[1];`],
  [
    "many names, the first written",
    "refused",
    `const first = [u[1], 0]; let w = first, s = 0; ${chain(60)} first[0] = 9; return s + w[0];`,
  ],
  [
    "rows change places by a name of before",
    "read",
    "const A = [[u[0], 1], [u[1], 2], [u[2], 3]]; let r; for (let i = 0; i < 2; i++) { r = A[i]; A[i] = A[i + 1]; A[i + 1] = r; } return A[0][0] + 2 * A[1][1] + 4 * A[2][0];",
  ],
  [
    "rows in the other order",
    "read",
    "const A = [[u[0], 1], [u[1], 2], [u[2], 3]]; A.reverse()[0][1] = 7; A[2][0] *= 3; return A[0][0] * A[0][1] + A[1][0] + A[2][0] * A[2][1];",
  ],
  [
    "rows in the other order, one of them known before",
    "refused",
    "const A = [[u[0], 1], [u[1], 2]]; const r = A[0]; A.reverse(); r[0] = 5; return A[1][0];",
  ],
  [
    "objects sorted",
    "read",
    "const xs = [{ k: u[0], v: 1 }, { k: u[1], v: 2 }, { k: u[2], v: 3 }]; for (let i = 0; i < 3; i++) for (let j = 0; j < 2 - i; j++) if (xs[j].k > xs[j + 1].k) { const tmp = xs[j]; xs[j] = xs[j + 1]; xs[j + 1] = tmp; } return xs[0].v * xs[0].k + 2 * xs[1].k + 4 * xs[2].v;",
  ],
];

function made(body: string): Callable {
  // oxlint-disable-next-line no-new-func
  return new Function("u", "p", "c", body) as Callable;
}

describe.each(table)("%s", (_what, outcome, body) => {
  const fn = made(body);
  const plain = (fn as (...args: unknown[]) => number)(Float64Array.from(U), [1], constants());
  const compiled = (): number[] => {
    const program = read({
      fn,
      name: "f",
      parameters: [
        { kind: "layout", name: "u", layout: layoutOf(U, "u"), role: "input" },
        { kind: "layout", name: "p", layout: layoutOf([1], "p"), role: "input" },
      ],
      constants: constants(),
      returns: { kind: "scalar" },
    });
    return (["javascript", "wasm"] as const).map((target) => {
      const arena = new Arena();
      const [u, p] = [arena.reserve(3), arena.reserve(1)];
      const { f } = compile({ f: program }, arena, target).link();
      arena.f64(u, 3).set(U);
      arena.f64(p, 1)[0] = 1;
      f(u, p);
      return f(u, p)!;
    });
  };

  test(outcome, () => {
    if (outcome === "read") expect(compiled()).toEqual([plain, plain]);
    else expect(compiled).toThrow(ReadError);
  });

  // Also of what is refused as a program: it runs by itself.
  test("its gradient", () => {
    const problem = odeProblem({ rhs: (du) => void du.fill(0), u0: [...U], p: [1], tspan: [0, 1] });
    const result = gradient(problem, { loss: { final: fn as never, constants: constants() }, wrt: ["u0"] });
    const at = (i: number, step: number): number =>
      (fn as (...args: unknown[]) => number)(
        U.map((x, k) => (k === i ? x + step : x)),
        [1],
        constants(),
      );
    expect(result.value).toBe(plain);
    U.forEach((_x, i) => expect(result.gradient.u0![i]).toBeCloseTo((at(i, 1e-5) - at(i, -1e-5)) / 2e-5, 6));
  });
});
