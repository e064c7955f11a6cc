/** Writes syntax trees as short texts, which pages read instead of parsing. */
import type { AnyNode } from "acorn";
import { BASE, contentOf, fieldsOf, FIRST, MORE, MOST_LAST, nodeTypes, NONE, words } from "../src/read/syntax/tree.ts";

/**
 * The tree of a function's text, which was parsed behind as many characters as `prefix` says. Undefined where it holds what the form has no
 * place for (regular expressions, escapes in strings, classes): such functions are parsed where they are read.
 */
export function encodedTree(node: AnyNode, text: string, prefix: number): string | undefined {
  try {
    return digits(prefix) + encoded(node, 0, text, prefix);
  } catch (error) {
    // A RangeError: nested too deeply.
    if (error instanceof NotEncoded || error instanceof RangeError) return undefined;
    throw error;
  }
}

class NotEncoded extends Error {}

function encoded(node: AnyNode | null | undefined, from: number, text: string, prefix: number): string {
  if (!node) return NONE;
  const { type, start, end } = node;
  const number = nodeTypes.indexOf(type);
  if (number < 0 || !isPlain(node, text.slice(start - prefix, end - prefix))) throw new NotEncoded();
  let made = digits(number) + digits(start - from) + digits(end - start);
  for (const { name, kind } of fieldsOf(type)) {
    const value = (node as unknown as Readonly<Record<string, unknown>>)[name];
    if (kind === "word") made += digits(wordNumber(value));
    else if (kind === "node") made += encoded(value as AnyNode | null, start, text, prefix);
    else {
      const list = value as readonly (AnyNode | null)[];
      made += digits(list.length) + list.map((each) => encoded(each, start, text, prefix)).join("");
    }
  }
  return made;
}

/** Is what the tree holds of the text what the text says without a parser? */
function isPlain(node: AnyNode, text: string): boolean {
  if ("async" in node && (node.async || node.generator)) return false;
  if (node.type === "ForOfStatement" && node.await) return false;
  const content = contentOf(node.type, text) as { readonly name?: string; readonly value?: unknown };
  if (node.type === "Identifier") return content.name === node.name;
  if (node.type === "TemplateElement") return (content.value as { cooked: string }).cooked === node.value.cooked;
  return node.type !== "Literal" || (!node.regex && !node.bigint && Object.is(content.value, node.value));
}

function wordNumber(value: unknown): number {
  const number = words.indexOf(value as string | boolean);
  if (number < 0) throw new NotEncoded();
  return number;
}

function digits(value: number): string {
  let made = "";
  for (; value >= MOST_LAST; value = Math.floor(value / BASE)) made += String.fromCharCode(MORE + (value % BASE));
  return made + String.fromCharCode(FIRST + value);
}
