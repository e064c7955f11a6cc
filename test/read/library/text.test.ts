/** Text that is known when the function is read, and methods of text, numbers and functions: as JavaScript has them, or refused. */
import { testRows } from "../exactly.ts";

testRows({
  read: [
    ['(u) => { const rates = { a: 2, b: u[1] }; let s = 0; for (const key of "abba") s += rates[key]; return s; }'],
    ['(u) => { let s = 0; for (const key of "0,2,1".split(",")) s += u[Number(key)] * (s + 1); return s; }'],
    [
      '(u) => { let h = 0; const s = "Lotka"; for (let i = 0; i < s.length; i++) h = 31 * h + s.charCodeAt(i); return h * u[0]; }',
    ],
    [
      "(u) => { const o = { k0: 5, k1: 2 }; let s = 0; for (let i = 0; i < 2; i++) { const key = `k${i}`; s += o[key] * u[i]; } return s; }",
    ],
    ["(u) => { const o = {}; for (let i = 0; i < 3; i++) o[`x${i}`] = u[i]; return o.x0 - o.x1 * o.x2; }"],
    ['(u) => { const o = { "a,b": u[0], atrue: u[1] }; return o["a" + "," + "b"] * o["a" + true] + o[`a${true}`]; }'],
    ['(u) => ({ "x-0.5null": 2 })["x" + -0.5 + null] * u[0] + `${undefined}`.length + `${-0}`.length'],
    ["(u) => (2.345).toFixed(1).length * u[0] + Number((2.345).toFixed(2)) + (255).toString(16).length"],
    ["(u) => u[0].valueOf() * (3).valueOf() + (u[1] > 0).valueOf()"],
    ['(u) => ("high".startsWith("hi") ? u[0] : u[1]) + "a-b-c".indexOf("b") * u[2] + "ab".toUpperCase().charCodeAt(1)'],
    ['(u) => { const [i, j] = "2 1".split(" ").map(Number); return u[i] * u[j]; }'],
    ['(u) => { const find = (name) => u[["x", "y", "z"].indexOf(name)]; return find("y") * find("z"); }'],
    ["(u) => String(12).length * u[0] + String().length + String(true).length"],
    ['(u) => Number("1e3") * u[0] + Number("0x10") + Number(" ")'],
    ['(u) => Number("one") + u[0]'],
    ["(u, p, t, c) => c.rates[c.names[1].trim()] * u[0] + c.names[0].length", { names: ["a", " b "], rates: { a: 2, b: 3 } }],
    ["(u) => Math.max.apply(null, [u[0], u[1]]) + Math.min.call(null, u[1], u[2], 1) + Math.max.apply(null, [...u])"],
    [
      "(u) => { const f = (a, b = 2) => a / b; return f.call(null, u[0]) + f.apply(undefined, [u[1], u[2]]) + f.call(null, 1, 3); }",
    ],
    ["(u) => { const o = { k: u[1], f(x) { return this.k * x; } }; const q = { k: 3 }; return o.f.call(q, u[0]) + o.f(2); }"],
    ['(u) => { const a = [1, 2, 3]; return a["1"] + u[0]; }'],
    ["(u) => { let s = 0; for (const i in u) s += u[i] * (s + 1); return s; }"],
    [
      '(u) => { const o = { b: u[0], a: u[1], 1: u[2] }; let s = 0; for (const k in o) { if (k === "a") continue; s = 3 * s + o[k]; } return s; }',
    ],
    [
      "(u, p, t, c) => { let s = 0; for (const k in c.rates) s = s * 2 + c.rates[k] * u[0]; for (const k in { ...c.rates }) s += k.length; return s; }",
      { rates: { ab: 2, c: 3 } },
    ],
    ["(u) => { const o = { a: { q: 0 } }; return (o.c?.d ?? u[1]) + (o.a?.q ?? 5) + (o.f?.(2) ?? 7) + (o.c?.g(1) ?? 3); }"],
  ],
  refused: [
    ["(u) => Number(u[0].toFixed(1)) * u[0]"],
    ["(u) => u[0].toFixed(1).length * u[0]"],
    ["(u) => `${u[0]}`.length * u[0]"],
    ['(u) => "a".repeat(u[0] > 1 ? 2 : 1).length * u[0]'],
    ['(u) => (u[0] + "").length * u[0]'],
    ["(u) => { const round = u[0].toFixed; return round ? u[0] : 0; }"],
    ['(u) => "abc".replace("a", () => "bb").length * u[0]'],
    ["(u) => `${[1, 2]}`.length * u[0]"],
    ['(u) => [..."ab".matchAll("a")].length * u[0]'],
  ],
});
