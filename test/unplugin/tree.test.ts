/** Syntax trees as short texts. */
import { readdirSync, readFileSync } from "node:fs";
import { parse, type AnyNode } from "acorn";
import { describe, expect, it } from "vitest";
import { childrenOf } from "../../src/read/syntax/children.ts";
import { parsedExpression } from "../../src/read/syntax/parse.ts";
import { decodedTree } from "../../src/read/syntax/tree.ts";
import { encodedTree } from "../../unplugin/tree.ts";

/** What programs are read from: nodes of the parser, without what nothing asks for. */
function essence(node: unknown): unknown {
  return JSON.parse(
    JSON.stringify(node, (key, value: unknown) =>
      value === undefined || value === false || key === "directive" ? undefined : Object.is(value, Infinity) ? "Infinity" : value,
    ).replaceAll(',"id":null', ""),
  );
}

function expectSame(text: string): void {
  const node = parsedExpression("(", text, ")")!;
  const tree = encodedTree(node, text, 1);
  expect(tree, text).toBeDefined();
  expect(JSON.stringify(tree)).toHaveLength(tree!.length + 2);
  const decoded = decodedTree(text, tree!);
  expect(decoded.prefix).toBe(1);
  expect(essence(decoded.node), text).toEqual(essence(node));
}

/** Every function of the built package that the form has a place for. */
function functionsOfPackage(): string[] {
  const folder = new URL("../../dist/modules/src/", import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".js"))
    .flatMap((path) => {
      const text = readFileSync(new URL(path, folder), "utf8");
      const found: string[] = [];
      const visit = (node: AnyNode): void => {
        if (node.type === "FunctionDeclaration" || node.type === "ArrowFunctionExpression")
          found.push(text.slice(node.start, node.end));
        childrenOf(node).forEach(visit);
      };
      visit(parse(text, { ecmaVersion: "latest", sourceType: "module" }));
      return found;
    });
}

describe("a tree as text", () => {
  it.each([
    "(u, p) => [-p[0] * u[0]]",
    "function f(du, { a, b: [c, , d = 2] = [1, 2, 3], ...rest }, ...more) { label: for (let i = 0, j; ; i++, j = i) { if (i > 3) break label; else continue; } }",
    "() => { var a = .5e3 + 0x1f + 1_000, b = 'x' + \"y\" + `z${a}w`, c = null ?? true ?? false; return a ? b : c }",
    "(o) => { switch (o?.a?.[0]) { case 1: case 2: { break } default: throw new Error() } do { o.x ||= 1 } while (!o.x); while (0); ; }",
    "(o) => { for (const k in o) delete o[k]; for (const v of o) void v, typeof v; try { o() } catch { } finally { } return { o, [o]: 1, m() { return this }, get g() { return 1 }, ...o } }",
    "(x) => x ** 2 % 3 >>> 1 in x instanceof Object && ~x !== +x",
  ])("gives back what was parsed: %s", expectSame);

  it("of thousands of functions", () => {
    const all = functionsOfPackage();
    const encoded = all.filter((text) => {
      const node = parsedExpression("(", text, ")");
      return node && encodedTree(node, text, 1) !== undefined;
    });
    expect(encoded.length).toBeGreaterThan(0.9 * all.length);
    expect(encoded.length).toBeGreaterThan(2000);
    encoded.forEach(expectSame);
  });

  it("has positions for lines behind long texts", () => {
    expectSame(`(u) => {\n${" ".repeat(5000)}return u;\n}`);
  });

  it.each(["() => /a/", "() => 1n", '() => "a\\n"', "() => `\\t`", "async () => 1", "() => { class A {} }", "() => tag`x`"])(
    "is none for %s",
    (text) => expect(encodedTree(parsedExpression("(", text, ")")!, text, 1)).toBeUndefined(),
  );
});
