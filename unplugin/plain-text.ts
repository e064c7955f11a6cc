/** The text of functions in JavaScript: types and comments become spaces, and `this` of arrows a name, so that lines and columns stay. */
import type { AnyNode, Comment } from "acorn";
import { childrenOf } from "../src/read/syntax/children.ts";
import { outerThis } from "../src/read/syntax/outer-this.ts";

interface Typed {
  readonly typeAnnotation?: AnyNode;
  readonly returnType?: AnyNode;
  readonly typeParameters?: AnyNode;
  readonly typeArguments?: AnyNode;
  readonly optional?: boolean;
}

interface Range {
  readonly start: number;
  readonly end: number;
  /** What stands there instead of spaces, as long. */
  readonly by?: string;
}

/** What an arrow's `this` is called, which it takes from around it: in its text nothing else is. */
export const SELF = "self";

/** Types beside values: `value as number`, `value!`, `value satisfies number`, `<number>value`, `f<number>`. */
const wrappers: ReadonlySet<string> = new Set([
  "TSAsExpression",
  "TSNonNullExpression",
  "TSSatisfiesExpression",
  "TSTypeAssertion",
  "TSInstantiationExpression",
]);

/** Is it part of a program that runs? */
export function isValue({ type }: AnyNode): boolean {
  return !(type as string).startsWith("TS") || wrappers.has(type) || (type as string) === "TSParameterProperty";
}

/** The text of a function; of a method with its key, which is no part of the function's node. */
export function plainText(code: string, node: AnyNode, key: AnyNode | undefined, comments: readonly Comment[]): string {
  const start = key?.start ?? node.start;
  const blanks: Range[] = comments.filter((comment) => comment.start >= start && comment.end <= node.end);
  // Parameters of types.
  if (key) blanks.push({ start: key.end, end: node.start });
  if (!namesSelf(code, node)) blanks.push(...outerThis(node).map(({ start: at, end }) => ({ start: at, end, by: SELF })));
  collect(node, code, blanks);
  blanks.sort((a, b) => a.start - b.start);
  let [made, at] = ["", start];
  for (const blank of blanks) {
    if (blank.end <= at) continue;
    const from = Math.max(blank.start, at);
    made += code.slice(at, from) + (blank.by ?? code.slice(from, blank.end).replaceAll(/[^\n]/g, " "));
    at = blank.end;
  }
  return (made + code.slice(at, node.end)).replaceAll(/[ \t\r]+$/gm, "");
}

/** Is something else called so? */
export function namesSelf(code: string, { start, end }: AnyNode): boolean {
  return new RegExp(`\\b${SELF}\\b`).test(code.slice(start, end));
}

/** Finds what is no JavaScript below a node. */
function collect(node: AnyNode, code: string, blanks: Range[]): void {
  const { typeAnnotation, returnType, typeParameters, typeArguments, optional } = node as Typed;
  if (node.type === "Identifier") {
    // Of a parameter: `u?: number`.
    if (typeAnnotation || optional) blanks.push({ start: node.start + node.name.length, end: node.end });
    return;
  }
  if (wrappers.has(node.type)) {
    const inner = (node as unknown as { expression: AnyNode }).expression;
    blanks.push(aroundValue(node, inner, code));
    return collect(inner, code, blanks);
  }
  for (const part of [typeAnnotation, returnType, typeParameters, typeArguments]) if (part) blanks.push(part);
  if ("params" in node) blanks.push(...thisParameter(node.params));
  for (const child of childrenOf(node)) {
    if (isValue(child)) collect(child, code, blanks);
    else blanks.push(child);
  }
}

/** Where the type is that stands before or behind a value. */
function aroundValue(node: AnyNode, inner: AnyNode, code: string): Range {
  const { typeAnnotation, typeArguments } = node as Typed;
  if (typeArguments) return typeArguments;
  if (!typeAnnotation) return { start: node.end - 1, end: node.end };
  if (typeAnnotation.start < inner.start) return { start: node.start, end: code.indexOf(">", typeAnnotation.end) + 1 };
  const keyword = /(as|satisfies)\s*$/.exec(code.slice(inner.end, typeAnnotation.start));
  return { start: inner.end + (keyword?.index ?? 0), end: node.end };
}

/** `this: Model`, which only types have, with its comma. */
function thisParameter([first, second]: readonly AnyNode[]): Range[] {
  return first?.type === "Identifier" && first.name === "this" ? [{ start: first.start, end: second?.start ?? first.end }] : [];
}
