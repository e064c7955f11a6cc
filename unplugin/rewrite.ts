/** Puts beside each function of a file what its text alone does not tell: the names that it captures, and the text as written. */
import type { AnyNode, Comment } from "acorn";
import type * as MagicStrings from "magic-string";
import { isGlobal } from "../src/read/syntax/engine-globals.ts";
import { namesFromOutside } from "../src/read/syntax/free-names.ts";
import { isCounter, isNameKeeper } from "../src/read/syntax/injected.ts";
import { parsedExpression } from "../src/read/syntax/parse.ts";
import { PluginTwice } from "./errors.ts";
import { needed } from "./packages.ts";
import { parsedFile } from "./parse.ts";
import { namesSelf, plainText, SELF } from "./plain-text.ts";
import { Survey, type Bind, type Found, type Stand } from "./survey.ts";

export interface Rewritten {
  readonly code: string;
  readonly map: MagicStrings.SourceMap;
}

/** What the library's `captured` is called in rewritten files. */
const OURS = "__odegrad_captured";
/** And `bound`. */
const BOUND = "__odegrad_bound";

/** Undefined where there is nothing to put beside anything. Throws SyntaxError, {@link PluginTwice}. */
export function rewritten(code: string, path: string): Rewritten | undefined {
  if (code.includes(OURS)) throw new PluginTwice(path);
  const { program, comments } = parsedFile(code, path);
  const { default: MagicString } = needed<typeof MagicStrings>("magic-string");
  const text = new MagicString(code);
  const start = startOf(program.body, code.length);
  const survey = new Survey(program);
  const binds = survey.binds.filter((bind) => keepParts(text, bind));
  let count = 0;
  for (const found of survey.chosen) {
    const beside = besideOf(found, code, comments);
    if (beside === undefined) continue;
    put(text, found.node, found.stand, beside, start);
    count++;
  }
  if (count + binds.length === 0) return undefined;
  const isModule = program.body.some(({ type }) => /^(Import|Export)/.test(type)) || !/\brequire\s*\(/.test(code);
  const own = "odegrad/captured";
  text.prependLeft(
    start,
    isModule
      ? `import { captured as ${OURS}, bound as ${BOUND} } from "${own}";`
      : `const { captured: ${OURS}, bound: ${BOUND} } = require("${own}");`,
  );
  return { code: text.toString(), map: text.generateMap({ source: path, hires: true, includeContent: true }) };
}

/** `target.bind(self, …)` becomes `bound(target, "bind", self, …)`; not where something stands between that is no plain text. */
function keepParts(text: MagicStrings.default, { node, target, method }: Bind): boolean {
  const { original } = text;
  const open = original.indexOf("(", method.end);
  const [before, behind] = [original.slice(target.end, method.start), original.slice(method.end, open)];
  // `?.` further up leaves out the call as well.
  if (!/^[\s)]*\.\s*$/.test(before) || /\S/.test(behind) || original.slice(target.start, target.end).includes("?.")) return false;
  text.prependRight(node.start, `${BOUND}(`).update(target.end + before.indexOf("."), open + 1, `, "bind", `);
  return true;
}

/** Where statements begin, behind directives. */
function startOf(statements: readonly AnyNode[], end: number): number {
  return statements.find((statement) => !("directive" in statement && statement.directive))?.start ?? end;
}

/** The arguments of `captured` after the function; undefined where the function's text is none that can be read. */
function besideOf({ node, stand, names }: Found, code: string, comments: readonly Comment[]): string | undefined {
  const text = plainText(code, node, "key" in stand ? stand.key : undefined, comments);
  const parsed = parsedFunction(text);
  if (!parsed) return undefined;
  const captured = [...namesFromOutside(parsed).keys()].filter(
    (name) => (names.declares(name) || !isGlobal(name)) && !isCounter(name) && !isNameKeeper(name) && name !== "arguments",
  );
  const handed = captured.map((name) => {
    if (name === SELF && !namesSelf(code, node)) return `${SELF}: this`;
    if (names.declares(name)) return name;
    // A global that nothing declares here may not be there.
    return `get ${name}() { return ${name}; }`;
  });
  return `() => ({ ${handed.join(", ")} }), ${JSON.stringify(text)}`;
}

/** As it will be parsed where it is read, a method within an object. */
function parsedFunction(text: string): AnyNode | undefined {
  const expression = parsedExpression("(", text, ")");
  if (expression) return expression;
  const object = parsedExpression("({", text, "})");
  const property = object?.type === "ObjectExpression" ? object.properties[0] : undefined;
  return property?.type === "Property" ? property.value : undefined;
}

function put(text: MagicStrings.default, node: AnyNode, stand: Stand, beside: string, top: number): void {
  const pure = `/* @__PURE__ */ ${OURS}(`;
  switch (stand.kind) {
    case "expression":
      text.prependRight(node.start, pure).appendLeft(node.end, `, ${beside})`);
      return;
    case "method": {
      const { start, end } = stand.property;
      const key = text.original.slice(stand.key.start, stand.key.end);
      const access = stand.key.type === "Identifier" ? `.${key}` : `[${key}]`;
      text.prependRight(start, `${key}: ${pure}{ `).appendLeft(end, ` }${access}, ${beside})`);
      return;
    }
    case "class method": {
      const key = text.original.slice(stand.key.start, stand.key.end);
      const owner = stand.isStatic ? "this" : "this.prototype";
      const access = stand.key.type === "Identifier" ? `.${key}` : `[${key}]`;
      text.appendLeft(stand.body.end - 1, `static { ${OURS}(${owner}${access}, ${beside}); } `);
      return;
    }
    case "declaration": {
      const call = `${OURS}(${stand.name}, ${beside});`;
      if (stand.statements) text.prependRight(Math.max(startOf(stand.statements, top), top), call);
      else text.appendLeft(node.end, ` ${call}`);
    }
  }
}
