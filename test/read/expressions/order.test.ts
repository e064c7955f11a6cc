/** The order in which things are evaluated, and names that are the user's own: as JavaScript has them. */
import { testRows } from "../exactly.ts";

testRows({
  read: [
    ["(u) => { let n = 0; const f = [(x) => x * u[0], (x) => x * u[1]]; return f[0](++n) + 10 * f[1](++n) + 100 * n; }"],
    ["(u) => { let n = 0; const f = [(x) => x * u[0], (x) => x * u[1]]; return f[n++](3) + 100 * n; }"],
    [
      "(u, p, t, c) => { let n = 0; return c.f[n++](n++) + u[0] + 100 * n; }",
      { f: [(x: number) => x * 2, (x: number) => x * 3] },
    ],
    ["(u) => { let n = 0; const o = { a: (x) => x * u[0] }; return o['a'](++n) + 100 * n; }"],
    // What a condition writes, it writes once for each time that it is asked.
    ["(u) => { const w = [u[0], 1]; const f = () => { w[0] += 2; }; for (; f(); ); return w[0]; }"],
    [
      "(u) => { const w = [u[0], 1]; const f = () => { w[0] += 2; return w[0]; }; while (f() < 9) w[1] += u[1]; return w[0] * w[1]; }",
    ],
    [
      "(u) => { const w = [u[0], 1]; let n = 0; const f = () => { w[0] += 2; n++; return n; }; for (let i = 0; i < Math.min(f(), 3); i++) w[1] += 1; return w[0] * w[1]; }",
    ],
    [
      "(u) => { const w = [u[0], 0.5]; const f = () => { w[0] += w[1]; return 3; }; for (let i = 0; i < f(); i++) w[1] *= u[1]; return w[0]; }",
    ],
    ["(u) => { const a = [1, 2]; let i = 0; const f = () => { a[0] = 7; return 3; }; a[i] += f(); return a[0] * u[0]; }"],
    ["(u) => { const a = [1, 2]; const f = () => { a[0] = 7; return 3; }; a[0] -= f(); return a[0] * u[0]; }"],
    ["(u) => { const a = [1, 2]; const f = () => { a[0] = 7; return 3; }; a[0] *= f(); return a[0] * u[0]; }"],
    [
      "(u) => { const a = [u[0], 2]; const f = () => { a[0] = u[1]; return 3; }; const k = Math.floor(Math.abs(u[2])) % 2; a[k] += f(); return a[0] + 10 * a[1]; }",
    ],
    ["(u) => { const a = [u[0], 2]; const f = () => { a[1] = u[1]; return 3; }; a[0] += f(); return a[0] + 10 * a[1]; }"],
    ["(u) => { const a = [0, 0, 0]; for (let i = 0; i < 3; i++) { a[0] += (a[0] = u[i]) * 2; } return a[0]; }"],
    ["(u) => { const a = [0, 0, 0]; let i = 0; a[i++] = i; a[i++] = i; return a[0] + 10 * a[1] + u[0]; }"],
    ["(u) => { let i = 1; const a = [5, 6, 7]; i = i++ + ++i; return i + a[2] + u[0]; }"],
    ["(u) => { let x = 1; x += x++ + ++x; return x + u[0]; }"],
    [
      "(u) => { const log = [0, 0]; let n = 0; const f = () => { log[n++] = 1; return 0; }; const g = () => { log[n++] = 2; return u[0]; }; const a = [0, 0]; a[f()] = g(); return a[0] + 10 * log[0] + log[1]; }",
    ],
    ["(u) => { let n = 1; const f = (a, b) => a * 10 + b; return f(n++, n) + u[0]; }"],
    ["(u) => { let n = 1; const f = () => (n = 5); return n + f() + n + u[0]; }"],
    ["(u) => { let a, b; a = b = u[0] + 1; return a + b; }"],
    ["(u) => { let a = u[0], b = u[1]; [a, b] = [b, a]; return a + 2 * b; }"],
    ["(u) => { const a = [u[0], u[1], u[2]]; [a[0], a[2]] = [a[2], a[0]]; return a[0] + 2 * a[2]; }"],
    ["(u) => { let i = 0; const a = [1, 2, 3]; const x = (i++, a[i]); return x + u[0]; }"],
    ["(u) => { let i = 0; const b = u[0] > 1 && i++ < 5; return i + (b ? 10 : 20); }"],
    ["(u) => { let a = 0; a ||= u[0]; let b = 2; b &&= u[1]; return a + b; }"],
    ["(u) => { const o = { x: 1 }; const f = () => { o.x = 5; return 2; }; o.x += f(); return o.x + u[0]; }"],
    ["(u) => { let x = 1; const f = () => { x = 5; return 2; }; x += f(); return x + u[0]; }"],
    ["(u) => { let x = 1; const f = () => { x = 5; return 2; }; return x * f() + x + u[0]; }"],
    ["(u) => { const a = [1, 2]; const f = () => { a[0] = 7; return 3; }; return a[0] + f() + a[0] + u[0]; }"],
    ["(u) => { const a = [1, 2]; const { x = (a[0] = 9), y = a[0] } = {}; return x + y + u[0]; }"],
    ["(u) => { let i = 0; const a = [0, 0, 0]; a[i] = i = 2; return a[0] + 10 * a[2] + u[0]; }"],
    ["(u) => { let i = 0; const a = [1, 2, 3]; a[i] += a[++i]; return a[0] + 10 * a[1] + u[0]; }"],
    ["(u) => { let i = 0; const a = [1, 2, 3]; a[i++] += 5; return a[0] + i + u[0]; }"],
    ["(u) => { let s = 0; for (let i = 0; i < 3; s += u[i], i++); return s; }"],
    ["(u) => { const cov_matrix = (x) => x * x; return cov_matrix(u[0]) + 1; }"],
    ["(u) => { const c = { s: [0] }; const cov_1 = () => c; cov_1().s[0]++; return c.s[0] + u[0]; }"],
    ["(u) => { const __name = (x, y) => x + y; return __name(u[0], 2); }"],
    ["(u, p, t, c) => c.cov_of(u[0]) + 1", { cov_of: (x: number) => 3 * x }],
    ["(u, p, t, { sum }) => sum(u)", { sum: (a: number[]) => a[0] - a[1] }],
    ["(u) => { const Math = { sin: (x) => 2 * x }; return Math.sin(u[0]); }"],
    ["(u, p, t, { Infinity: big }) => big * u[0]", { Infinity: 5 }],
  ],
});
