/** The user's functions and classes, rewritten to run on traced numbers. */
import { memo } from "../core/memo.ts";
import type { AnyNode, ClassExpression } from "acorn";
import { CodeGenerationForbidden } from "../core/errors.ts";
import { UnreadableConstruct } from "../read/syntax/errors.ts";
import { childrenOf } from "../read/syntax/children.ts";
import { outerThis, unseenThis } from "../read/syntax/outer-this.ts";
import { Names } from "../read/syntax/names.ts";
import { parsedExpression } from "../read/syntax/parse.ts";
import { checkPlain, Source, sourceOf } from "../read/syntax/source.ts";
import { Rewriter, runtimeName } from "./rewrite.ts";
import { capturedBy } from "./runtime/captured.ts";
import { globals, keepName, library } from "./runtime/globals.ts";
import { call } from "./runtime/methods.ts";
import * as members from "./runtime/members.ts";
import * as operators from "./runtime/operators.ts";

export type Callable = (this: unknown, ...args: unknown[]) => unknown;

const runtime = { ...operators, ...members, call, globals, library, keepName };

/** The function, rewritten. Throws ReadError where its text cannot be traced, CodeGenerationForbidden where the page forbids it. */
export const rewrite = memo((fn: object, name: string): Callable => instantiate(functionOf(fn, name), name, {}), {
  by: (fn) => [fn],
});

/** Likewise a class, which extends what is given as its parent. */
export const rewriteClass = memo(
  (fn: object, name: string, parent: unknown): Callable => instantiate(classOf(fn, name), name, { parent }),
  { by: (fn) => [fn] },
);

interface Text {
  readonly source: Source;
  readonly node: AnyNode;
}

function instantiate({ source, node }: Text, name: string, given: object): Callable {
  const own = runtimeName(source.text);
  const text = new Rewriter(source, node, own).text(node, new Names(undefined, new Set()));
  // A method's node begins with its parameters.
  const isMethod = node.type === "FunctionExpression" && text.startsWith("(");
  const expression = isMethod ? `function${node.generator ? "*" : ""} ${text}` : text;
  try {
    const make = new Function(own, `"use strict"; const ${own}_self = ${expression}; return ${own}_self;`) as (
      given: object,
    ) => Callable;
    return make({ ...runtime, captured: capturedBy(source.fn), ...given });
  } catch (cause) {
    if (cause instanceof EvalError) throw new CodeGenerationForbidden(name, { cause });
    if (!(cause instanceof SyntaxError)) throw cause;
    throw source.error(UnreadableConstruct, node, {
      construct: "text",
      what: `This cannot be traced (${cause.message})`,
      remedy: "Write it as a plain function of a module, which is strict code.",
    });
  }
}

function functionOf(fn: object, name: string): Text {
  const accessor = accessorOf(fn, name);
  if (accessor) return accessor;
  const { source, node } = sourceOf(fn, name);
  if (!node.generator) checkPlain(node, source);
  const [outer] = outerThis(node);
  if (outer) throw source.error(UnreadableConstruct, outer, unseenThis);
  return { source, node };
}

/** Of a getter or a setter. */
function accessorOf(fn: object, name: string): Text | undefined {
  const text = Function.prototype.toString.call(fn);
  if (!/^[gs]et\s/.test(text)) return undefined;
  const object = parsedExpression("({", text, "})");
  const property = object?.type === "ObjectExpression" ? object.properties[0] : undefined;
  if (property?.type !== "Property" || property.kind === "init") return undefined;
  return { source: new Source(fn, name, text, 2), node: property.value };
}

/** Has it fields or methods that no copy of an instance can have? */
export function hasPrivateNames(fn: object): boolean {
  const within = (node: AnyNode): boolean => node.type === "PrivateIdentifier" || childrenOf(node).some(within);
  return within(classOf(fn, "class").node);
}

function classOf(fn: object, name: string): { readonly source: Source; readonly node: ClassExpression } {
  const text = Function.prototype.toString.call(fn);
  return { source: new Source(fn, name, text, 1), node: parsedExpression("(", text, ")") as ClassExpression };
}
