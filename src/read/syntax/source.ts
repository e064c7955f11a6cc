/** Parses the text of a function, and keeps it to show lines of it in errors. */
import { memo } from "../../core/memo.ts";
import { writtenTextOf } from "../../core/captured.ts";
import type { AnyNode, ArrowFunctionExpression, Expression, FunctionDeclaration, FunctionExpression, Pattern } from "acorn";
import { handOverBound } from "./bound.ts";
import { childrenOf } from "./children.ts";
import { parsedExpression } from "./parse.ts";
import { placeOf } from "../../core/source-location.ts";
import { NoSourceText, UnreadableConstruct } from "./errors.ts";
import { ReadError, type ReadErrorDetails } from "../../core/errors.ts";
import type { SourceLocation } from "../../core/source-location.ts";

export type FunctionNode = FunctionDeclaration | FunctionExpression | ArrowFunctionExpression;

type Callable = (this: unknown, ...args: unknown[]) => unknown;

export type ReadErrorClass = new (details: ReadErrorDetails) => ReadError;

/** What an error says beside where it happened. */
export interface Complaint {
  /** In one sentence without a full stop. */
  readonly what: string;
  readonly construct: string;
  readonly remedy: string;
}

export class Source {
  /** Where they start. */
  private lines: readonly number[] | undefined;

  constructor(
    /** The function itself. */
    readonly fn: object,
    readonly name: string,
    readonly text: string,
    /** How many characters stand before the function's own text in what was parsed. */
    readonly prefix: number,
  ) {}

  named(name: string): Source {
    return name === this.name ? this : new Source(this.fn, name, this.text, this.prefix);
  }

  /** Text whose value is the function, made again. */
  get expression(): string {
    return this.prefix === 1 ? `(${this.text}\n)` : `Object.values({${this.text}\n})[0]`;
  }

  locate(node: AnyNode): SourceLocation {
    const start = node.start - this.prefix;
    const lines = (this.lines ??= [0, ...Array.from(this.text.matchAll(/\n/g), ({ index }) => index + 1)]);
    let [line, end] = [0, lines.length];
    while (end - line > 1) {
      const middle = (line + end) >> 1;
      if (lines[middle] <= start) line = middle;
      else end = middle;
    }
    return { line: line + 1, column: start - lines[line], end: node.end - this.prefix, of: this };
  }

  /** The node's own text. */
  textOf(node: AnyNode): string {
    return this.text.slice(node.start - this.prefix, node.end - this.prefix);
  }

  error(Class: ReadErrorClass, node: AnyNode, complaint: Complaint): ReadError {
    return new Class({ ...placeOf(this.locate(node), this.name), ...complaint });
  }
}

export interface FunctionSource {
  readonly source: Source;
  readonly node: FunctionNode;
}

/** Throws NoSourceText, or UnreadableConstruct where the text is not a plain function's. */
export function sourceOf(fn: object, name: string): FunctionSource {
  const { node, source } = parsed(fn, name);
  return { node, source: source.named(name) };
}

const parsed = memo(
  (fn: object, name: string): FunctionSource => {
    const text = textOf(fn);
    const { node, prefix } = withinDepth(name, () => parsedText(fn, name, text));
    return { node, source: new Source(fn, name, text, prefix) };
  },
  { by: (fn) => [fn] },
);

/** By text: functions written in place are made anew each time. */
const parsedText = memo(
  (fn: object, name: string, text: string): { readonly node: FunctionNode; readonly prefix: number } => {
    const { node, source } = parse(fn, name, text);
    return { node, prefix: source.prefix };
  },
  { by: (_fn, _name, text) => [text], most: 256 },
);

/** As it was written, where that is known; otherwise the engine's. */
export function textOf(fn: object): string {
  handOverBound(fn, parametersOf);
  return writtenTextOf(fn)?.text ?? Function.prototype.toString.call(fn);
}

function parametersOf(fn: object): readonly Pattern[] | undefined {
  const node = nodeOf(fn);
  return node && "params" in node ? node.params : undefined;
}

/** The node of any function's text, or of a class's or an accessor's; undefined where there is none that can be parsed. */
export const nodeOf = memo((fn: object): AnyNode | undefined => {
  if (!hasText(fn)) return undefined;
  try {
    return sourceOf(fn, "function").node;
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    // Nested too deeply to be parsed, it is not parsed now either.
    return error.construct === DEEP ? undefined : nodeOfText(textOf(fn));
  }
});

function nodeOfText(text: string): AnyNode | undefined {
  const object = parsedExpression("({", text, "})", anyPrivateFields);
  const method = object?.type === "ObjectExpression" && object.properties.length === 1 ? object.properties[0] : undefined;
  return parsedExpression("(", text, ")", anyPrivateFields) ?? (method?.type === "Property" ? method.value : undefined);
}

const DEEP = "deep nesting";

/** What goes down a syntax tree, this parser included, does so by calling itself: says so where that went too far down. */
export function withinDepth<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UnreadableConstruct({
      name,
      what: "Its expressions are nested too deeply to be read, as in a sum of many thousands of terms",
      construct: DEEP,
      remedy: "Compute the sum in a loop over tables in `constants`, or in several statements: s += a + b + c.",
    });
  }
}

export function isClass(fn: unknown): fn is Callable {
  return typeof fn === "function" && /^class\b/.test(Function.prototype.toString.call(fn));
}

/** Is there text to read? Native functions have none, and bound ones where it cannot be seen what was bound. */
export function hasText(fn: object): boolean {
  const text = textOf(fn);
  // Most texts are told apart sooner than by the expression.
  return !text.includes("[native code]") || !/\{\s*\[native code\]\s*\}\s*$/.test(text);
}

const noText: Complaint = {
  what: "The engine gives no text for this function (it is native, bound or a proxy), so it cannot be differentiated from source",
  construct: "native code",
  remedy: "Wrap it in a plain function: (du, u, p, t) => { ... }, or use a backend that needs no text.",
};

/** Its class is not part of a method's text. */
const anyPrivateFields = { anyPrivateFields: true };

function parse(fn: object, name: string, text: string): FunctionSource {
  if (!hasText(fn)) throw new NoSourceText({ name, ...noText });
  const wrapped = parsedExpression("(", text, ")");
  if (wrapped) return { source: new Source(fn, name, text, 1), node: functionOf(wrapped, new Source(fn, name, text, 1)) };
  // A method's text, `rhs(du, u) { ... }`, is no expression by itself.
  const source = new Source(fn, name, text, 2);
  const object = parsedExpression("({", text, "})");
  if (object?.type === "ObjectExpression" && object.properties.length === 1) {
    const [property] = object.properties;
    if (property.type === "Property" && property.kind === "init") return { source, node: functionOf(property.value, source) };
    throw source.error(UnreadableConstruct, property, {
      what: "A getter or setter cannot be read",
      construct: "accessor",
      remedy: "Pass a plain function or method.",
    });
  }
  for (const [own, before, after] of [
    [new Source(fn, name, text, 1), "(", ")"],
    [source, "({", "})"],
  ] as const) {
    const hidden = parsedExpression(before, text, after, anyPrivateFields);
    if (hidden) throw ofPrivateFields(own, hidden);
  }
  throw new NoSourceText({
    name,
    what: "The text of this function is not JavaScript that can be parsed",
    construct: "text",
    remedy: "Pass a plain function, arrow function or method, without decorators or syntax newer than ES2024.",
  });
}

/** Its class is not part of a method's text, which says nothing of the private fields that it uses. */
function ofPrivateFields(source: Source, node: AnyNode): ReadError {
  const find = (within: AnyNode): AnyNode | undefined => {
    if (within.type === "PrivateIdentifier") return within;
    for (const child of childrenOf(within)) {
      const found = find(child);
      if (found) return found;
    }
    return undefined;
  };
  const field = source.textOf(find(node) ?? node);
  return new NoSourceText({
    name: source.name,
    what: `It uses \`${field}\`, a private field of its class, which is not part of the function's text and cannot be reached by others`,
    construct: field,
    remedy: `Name the field without the # (TypeScript's \`private\`, or _${field.slice(1)}), or take differences: vjp: "finite".`,
  });
}

function functionOf(node: Expression, source: Source): FunctionNode {
  if (node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression") return node;
  throw source.error(UnreadableConstruct, node, {
    what: node.type === "ClassExpression" ? "A class is not a function that can be read" : "This is not a function",
    construct: node.type === "ClassExpression" ? "class" : node.type,
    remedy: "Pass a plain function, arrow function or method.",
  });
}

/** Async functions and generators have no place in a program. */
export function checkPlain(node: FunctionNode, source: Source): void {
  if (!node.async && !node.generator) return;
  const construct = node.async ? "async" : "generator";
  throw source.error(UnreadableConstruct, node, {
    what: `${node.async ? "An async function" : "A generator"} cannot be read`,
    construct,
    remedy: "Await data and collect values before solving, and pass them in `constants`.",
  });
}
