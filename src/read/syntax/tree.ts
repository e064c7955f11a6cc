/**
 * Syntax trees as short texts, made by the build plugin, so that a page need not parse. Each node is the number of its type, where it
 * starts within its parent, how long it is, and its fields in the order of the table; names and literals stand in the function's own text.
 */
import type { AnyNode } from "acorn";

/** Fields by type: a node, `of*` a list of nodes, `=of` a word. */
const fieldsByType: Readonly<Record<string, string>> = {
  Identifier: "",
  Literal: "",
  MemberExpression: "object property =computed =optional",
  BinaryExpression: "left =operator right",
  ExpressionStatement: "expression",
  AssignmentExpression: "left =operator right",
  CallExpression: "callee arguments* =optional",
  VariableDeclarator: "id init",
  VariableDeclaration: "=kind declarations*",
  ReturnStatement: "argument",
  BlockStatement: "body*",
  UnaryExpression: "=operator =prefix argument",
  UpdateExpression: "=operator =prefix argument",
  ForStatement: "init test update body",
  IfStatement: "test consequent alternate",
  ConditionalExpression: "test consequent alternate",
  LogicalExpression: "left =operator right",
  ArrowFunctionExpression: "params* body =expression",
  FunctionExpression: "id params* body",
  FunctionDeclaration: "id params* body",
  ArrayExpression: "elements*",
  ObjectExpression: "properties*",
  Property: "=kind =method =shorthand =computed key value",
  ArrayPattern: "elements*",
  ObjectPattern: "properties*",
  AssignmentPattern: "left right",
  RestElement: "argument",
  SpreadElement: "argument",
  SequenceExpression: "expressions*",
  NewExpression: "callee arguments*",
  ChainExpression: "expression",
  ThisExpression: "",
  TemplateLiteral: "quasis* expressions*",
  TemplateElement: "=tail",
  ForOfStatement: "left right body",
  ForInStatement: "left right body",
  WhileStatement: "test body",
  DoWhileStatement: "body test",
  SwitchStatement: "discriminant cases*",
  SwitchCase: "test consequent*",
  BreakStatement: "label",
  ContinueStatement: "label",
  LabeledStatement: "label body",
  EmptyStatement: "",
  ThrowStatement: "argument",
  TryStatement: "block handler finalizer",
  CatchClause: "param body",
};

export const nodeTypes = Object.keys(fieldsByType);

/** Of a node's type. */
export interface Field {
  readonly name: string;
  readonly kind: "node" | "list" | "word";
}

export const fieldsOf = (type: string): readonly Field[] =>
  (fieldsByType[type].match(/\S+/g) ?? []).map((field) => {
    if (field.startsWith("=")) return { name: field.slice(1), kind: "word" };
    return field.endsWith("*") ? { name: field.slice(0, -1), kind: "list" } : { name: field, kind: "node" };
  });

/** What fields hold beside nodes. */
export const words: readonly (string | boolean)[] = [
  false,
  true,
  ..."const let var init get set + - * / % ** = += -= *= /= %= **= < <= > >= == != === !== && || ?? ! ~ typeof void delete".split(
    " ",
  ),
  ..."++ -- | & ^ << >> >>> |= &= ^= <<= >>= >>>= &&= ||= ??= in instanceof".split(" "),
];

/** Stands for no node. */
export const NONE = "!";

/**
 * Numbers are digits, the lowest first: the last one is a character from FIRST on, those before it are from MORE on. No quotation mark and no
 * backslash is among them.
 */
export const FIRST = 35;
export const MORE = 93;
export const MOST_LAST = 57;
export const BASE = 33;

/** The tree of a function whose text stands behind as many characters as `prefix` says, with the positions of a parser. */
export function decodedTree(text: string, tree: string): { readonly node: AnyNode; readonly prefix: number } {
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= BASE) {
      const code = tree.charCodeAt(at++);
      if (code < MORE) return value + (code - FIRST) * unit;
      value += (code - MORE) * unit;
    }
  };
  const prefix = number();
  const node = (from: number): AnyNode | null => {
    if (tree[at] === NONE) {
      at++;
      return null;
    }
    const type = nodeTypes[number()];
    const start = from + number();
    const end = start + number();
    const fields: Record<string, unknown> = { type, start, end };
    for (const { name, kind } of fieldsOf(type))
      fields[name] = kind === "word" ? words[number()] : kind === "list" ? list(start) : node(start);
    return Object.assign(fields, contentOf(type, text.slice(start - prefix, end - prefix))) as unknown as AnyNode;
  };
  const list = (from: number): (AnyNode | null)[] => Array.from({ length: number() }, () => node(from));
  return { node: node(0)!, prefix };
}

/** What a node holds of the text itself, where that is written without escapes. */
export function contentOf(type: string, text: string): object {
  if (type === "Identifier") return { name: text };
  if (type === "TemplateElement") return { value: { raw: text, cooked: text } };
  return type === "Literal" ? { raw: text, value: literal(text) } : {};
}

function literal(text: string): unknown {
  if (text.startsWith('"') || text.startsWith("'")) return text.slice(1, -1);
  if (text === "null") return null;
  return text === "true" || text === "false" ? text === "true" : Number(text.replaceAll("_", ""));
}
