/** Observables as the command line writes them: "prey+predator", of components of the state and of p, and of the time. */
import { parseExpressionAt, type AnyNode } from "acorn";
import { componentNames, ownLayouts, type Layout } from "../../src/arrays/layout.ts";
import { nearest } from "../../src/core/options/names.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Observable } from "../../training/index.ts";
import { BadOptionValue } from "../messages/errors.ts";

const OPERATORS: ReadonlySet<string> = new Set(["+", "-", "*", "/", "%", "**"]);
const WORDS = "numbers, components, t, + - * / % **, and functions of Math such as sqrt(prey)";

/** Throws {@link BadOptionValue}. */
export function observableOf(problem: OdeProblem, name: string, text: string): Observable<unknown, unknown, unknown> {
  const refuse = (why: string): BadOptionValue =>
    new BadOptionValue("--of", `${name}=${text}`, `an expression of ${WORDS}: ${why}`);
  const code = written(parsed(text, refuse), { text, values: valuesIn(problem), refuse });
  // The reader sees its text, as that of any function.
  return new Function("u", "p", "t", `return ${code};`) as Observable<unknown, unknown, unknown>;
}

type Refuse = (why: string) => BadOptionValue;

function parsed(text: string, refuse: Refuse): AnyNode {
  let node: AnyNode;
  try {
    node = parseExpressionAt(text, 0, { ecmaVersion: 2022 });
  } catch (error) {
    throw refuse((error as Error).message);
  }
  const rest = text.slice(node.end).trim();
  if (rest !== "") throw refuse(`what is ${JSON.stringify(rest)}?`);
  return node;
}

interface Context {
  readonly text: string;
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly refuse: Refuse;
}

/** In JavaScript, with whole paths in place of names. */
function written(node: AnyNode, context: Context): string {
  const { text, refuse } = context;
  const own = text.slice(node.start, node.end);
  const inner = (child: AnyNode): string => written(child, context);
  if (node.type === "Literal" && typeof node.value === "number") return String(node.value);
  if (node.type === "UnaryExpression" && (node.operator === "-" || node.operator === "+")) {
    return `(${node.operator}${inner(node.argument)})`;
  }
  if (node.type === "BinaryExpression" && OPERATORS.has(node.operator)) {
    return `(${inner(node.left)} ${node.operator} ${inner(node.right)})`;
  }
  if (node.type === "CallExpression" && node.callee.type === "Identifier" && isFunction(node.callee.name)) {
    return `Math.${node.callee.name}(${node.arguments.map(inner).join(", ")})`;
  }
  if (node.type === "Identifier" || node.type === "MemberExpression") return valueOf(own.replaceAll(/\s/g, ""), context);
  throw refuse(own.includes("^") ? "a power is **" : `${own} is something else`);
}

function isFunction(name: string): boolean {
  return name !== "random" && typeof (Math as unknown as Readonly<Record<string, unknown>>)[name] === "function";
}

function valueOf(name: string, { values, refuse }: Context): string {
  const found = values.get(name) ?? [];
  if (found.length === 1) return found[0];
  if (found.length > 1) throw refuse(`${name} is a component of the state and of p; say u.${name} or p.${name}`);
  const near = nearest(name, [...values.keys()]);
  throw refuse(`there is no ${name}${near === undefined ? "" : `; is ${near} meant?`}`);
}

/** What a name may stand for. */
function valuesIn({ layout }: OdeProblem): Map<string, string[]> {
  const values = new Map<string, string[]>();
  const add = (name: string, value: string): void => void values.set(name, [...(values.get(name) ?? []), value]);
  for (const [space, own] of Object.entries(ownLayouts(layout))) {
    componentNames(own, space).forEach((name, i) => {
      add(name, pathOf(own, i, space));
      if (own.kind === "struct") add(`${space}.${name}`, pathOf(own, i, space));
    });
  }
  for (const constant of ["PI", "E"]) if (!values.has(constant)) add(constant, `Math.${constant}`);
  if (!values.has("t")) add("t", "t");
  return values;
}

/** Of the index-th component in what is called `path`. */
function pathOf(layout: Layout, index: number, path: string): string {
  if (layout.kind === "struct") {
    const [name, field] = Object.entries(layout.fields).find(([, { offset, size }]) => index < offset - layout.offset + size)!;
    return pathOf(field, index - (field.offset - layout.offset), `${path}[${JSON.stringify(name)}]`);
  }
  if (layout.kind !== "array") return path;
  if (layout.container !== "ndarray") return `${path}[${index}]`;
  let rest = index;
  const place = layout.shape.toReversed().map((size) => {
    const at = rest % size;
    rest = Math.floor(rest / size);
    return at;
  });
  return `${path}.get(${place.toReversed().join(", ")})`;
}
