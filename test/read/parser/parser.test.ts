/** The parser gives the trees that acorn gives, of texts of functions. */
import { readdirSync, readFileSync } from "node:fs";
import { parse, parseExpressionAt, type AnyNode, type Options } from "acorn";
import { describe, expect, it } from "vitest";
import { expressionAt } from "../../../src/read/parser/index.ts";
import { childrenOf } from "../../../src/read/syntax/children.ts";

const latest: Options = { ecmaVersion: "latest" };

/** Nodes as plain objects. */
const plain = (node: unknown): unknown =>
  JSON.parse(
    JSON.stringify(node, (_, value: unknown) =>
      typeof value === "bigint" || value instanceof RegExp || value === Infinity ? `${typeof value} ${String(value)}` : value,
    ),
  );

const expectSame = (text: string): void =>
  expect(plain(expressionAt(text)), text).toEqual(plain(parseExpressionAt(text, 0, latest)));

const parses = (parse: () => unknown): boolean => {
  try {
    return Boolean(parse());
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
};

/** By what they are about. */
const texts: Readonly<Record<string, readonly string[]>> = {
  numbers: ["0", "1.5", ".5e-3", "1.", "1.e3", "0xFf", "0b101", "0o17", "017", "1_000.5", "12n", "0xffn", "1e400", "1..x"],
  strings: [String.raw`"a\n\x41\u0041\u{1f600}\0\101\q"`, String.raw`'it\'s'`, '"a\\\nb"', "'//'"],
  names: ["$a_1", "größe", String.raw`\u0061b`, "of", "get", "async", "static", "ℼ", "a\u200d"],
  templates: ["`a${b}c${`d${{}}`}`", "`\\``", "f`x${1}`", "`$ $a ${a}`", "`\r\n`"],
  patterns: ["/[/]+\\//gi.test(a)", "a / b / c", "[/=/, a /= 2]", "(a) / 2", "a++ / 2"],
  operators: [
    "a + b * c ** d ** e - -f",
    "a ?? (b || c && d)",
    "a | b ^ c & d == e != f === g !== h",
    "a < b <= c > d >= e in f instanceof g << 1 >> 2 >>> 3",
    "!~+-typeof void delete a.b",
    "a ? b : c ? d : e",
    "a = b += c **= d ??= e",
    "a, b, (c, d)",
    "++a + b-- + --c.d",
    "(a + b) * (c)",
  ],
  members: [
    "a.b[c](d, ...e).if",
    "a?.b.c?.[d]?.(e).f",
    "(a?.b).c",
    "a ?.5 : 1",
    "new A",
    "new a.b(c).d()",
    "new (f())(1)",
    "function () { return () => new.target }",
    "import('a', {})",
    "(a\n.b\n[c])",
  ],
  objects: [
    "({ a, b: c, [d]: e, 'f': g, 1: h, ...i, if: j })",
    "({ a() {}, get b() { return 1 }, set b(c) {}, async d() {}, *e() {}, async *f() {}, [g]() {} })",
    "({ get: 1, set: 2, async: 3, static: 4, get() {}, set() {}, async() {}, get, set, async })",
    "[, a, , ...b, ]",
    "({ __proto__: a })",
  ],
  arrows: [
    "a => b",
    "() => {}",
    "(a, { b, c: [d = 1, ...e] = [], ...f } = {}, ...g) => ({})",
    "async a => await a",
    "async (a, ...b) => { for await (const c of a) await b }",
    "async (a)",
    "async()",
    "(a => a)(1)",
    "((a, b) => a)",
    "a => b => c ? d : e",
    "x ? (a) => b : (c) => d",
    "() => { const f = () => {}\n(1) }",
    "() => { const f = () => {}\n/a/g.test(b) }",
    "(a = b => c) => a",
  ],
  assignments: ["[a, b.c, [d] = e, ...f] = g", "({ a, b: c.d, e = 1, f: { g } = {}, ...h } = i)"],
  declarations: [
    "() => { var a = 1, b; let { c } = a; const [d = 1] = b, e = 2 }",
    "() => { let\na; let = 1; using\nb = 1 }",
    "() => { var let_, of; of = 1 }",
  ],
  loops: [
    "() => { for (;;) {} for (let i = 0, j = 1; i < j; i++, j--) ; for (i = 0; ; ) break }",
    "() => { for (const a of b) c; for (let [a, b] of d) ; }",
    "() => { for (const a in b, c) d; for (a.b of c) ; for ({ a } of b) ; for (var x = ('a' in b) ? 1 : 2; ; ) ; }",
    "() => { while (a) b; do c; while (d) e; do { } while (f) }",
    "() => { a: for (const of of of) { continue a; break a; continue\n a } }",
  ],
  statements: [
    "() => { if (a) b; else if (c) d; else { e } }",
    "() => { switch (a) { case 1: case 2: b; break; default: c } switch (d) {} }",
    "() => { try { a } catch { b } try { a } catch ({ b }) { c } finally { d } try { } finally { } }",
    "() => { return }",
    "() => { return\na }",
    "() => { throw new Error(`a`) }",
    "() => { debugger; ; {} }",
    "function f() { 'use strict'; \"other\"; ('none'); 'neither' }",
    "function f() { with (a) b }",
    "() => { function g() {} async function h() {} function* i() {} class A {} }",
    "() => { a\nb\n++c\nvar d\n}",
  ],
  generators: [
    "function* f() { yield; yield a; yield* b; const c = yield; [yield, (yield)] }",
    "() => yield_ + await_",
    "() => await",
  ],
  classes: [
    `class A extends (b, c) { static #a = 1; #b; static { this.x = 1 } constructor() { super(); super.y() } static async *[Symbol.x]() {}
      get c() { return this.#b } set c(v) { this.#b = v } #d() {} static static; static get; async; 'e' = 1; 2() {} has(o) { return #b in o } }`,
    "class { a = () => this; static b\nc }",
    "class A extends B.C(D) {}",
  ],
  comments: ["/* a */ b // c\n + /* \n */ d", "(// x\n a)", "a\u2028+ b"],
};

describe.each(Object.entries(texts))("%s", (_, each) => {
  it.each(each)("%s", (text) => expectSame(`(${text}\n)`));
});

describe("texts that engines give", () => {
  const folder = new URL("../../../dist/modules/", import.meta.url);
  const functions = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .flatMap((path) => {
      const text = readFileSync(new URL(path, folder), "utf8");
      const found: string[] = [];
      const visit = (node: AnyNode): void => {
        if (/^Function|^Class(Decl|Expr)|^Arrow/.test(node.type) && !/^\(|^\{/.test(text.slice(node.start)))
          found.push(`(${text.slice(node.start, node.end)}\n)`);
        if (node.type === "MethodDefinition" && !/^(static|constructor)/.test(text.slice(node.start)))
          found.push(`({${text.slice(node.start, node.end)}\n})`, `(${text.slice(node.start, node.end)}\n)`);
        childrenOf(node).forEach(visit);
      };
      visit(parse(text, { ...latest, sourceType: "module" }));
      return found;
    });

  it("of all functions and classes of the built package", () => {
    expect(functions.length).toBeGreaterThan(5000);
    for (const text of functions) {
      const right = parses(() => parseExpressionAt(text, 0, latest));
      expect(
        parses(() => expressionAt(text)),
        text,
      ).toBe(right);
      if (right) expectSame(text);
    }
  });
});

it.each([
  ["what a method's text begins with, as an expression", "(rhs(u) { return u }\n)"],
  ["an accessor's", "(get x() { return 1 }\n)"],
  ["an asynchronous method's", "(async rhs(u) { }\n)"],
  ["a generator method's", "(* rhs(u) { }\n)"],
  ["decorators", "(class { @a b() {} }\n)"],
  ["what is cut off", "(u) => { return `a${u}"],
  ["a word of the language for a name", "(if => 1)"],
  ["a word of the language in short for a property", "({ if })"],
  ["what is nothing at all", "(#)"],
  ["import.meta", "(() => import.meta.url)"],
  ["a private field of another class", "(function () { return this.#a })"],
  ["one beside a class that declares it", "(() => [class { #a }, (o) => o.#a])"],
])("%s is none", (_, text) => {
  expect(() => parseExpressionAt(text, 0, latest)).toThrow(SyntaxError);
  expect(() => expressionAt(text)).toThrow(SyntaxError);
});

it("private fields of other classes are parsed where they may be any", () => {
  const text = "(function () { return this.#a })";
  expect(plain(expressionAt(text, { anyPrivateFields: true }))).toEqual(
    plain(parseExpressionAt(text, 0, { ...latest, checkPrivateFields: false })),
  );
});

it("chains of operators are as long as they like", () => {
  expect(expressionAt(`(${"a + ".repeat(50_000)}b)`).type).toBe("BinaryExpression");
});
