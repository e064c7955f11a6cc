/** Functions that `bind` made have no text: where it can be seen what was bound, they are read as arrows that call it. */
import type { Pattern } from "acorn";
import { handOver, partsKept, type Bound } from "../../core/captured.ts";
import { internalsOf } from "./node-inspector.ts";

const looked = new WeakSet<object>();

/**
 * Hands over the text of a function that `bind` made, if what it is made of can be seen. `parametersOf`: of a function with a text.
 */
export function handOverBound(fn: object, parametersOf: (fn: object) => readonly Pattern[] | undefined): void {
  if (looked.has(fn) || !isNamedBound(fn)) return;
  looked.add(fn);
  const parts = partsKept(fn) ?? internalsOf([fn]).get(fn)?.bound;
  if (typeof parts?.target !== "function") return;
  const { names, text } = written(parts, parts.target, parametersOf(parts.target));
  handOver(fn, () => names, { text, isOfBound: true });
}

/** The engine calls them so. */
function isNamedBound(fn: object): boolean {
  const { name } = fn as { readonly name?: unknown };
  return typeof name === "string" && name.startsWith("bound ");
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- any function can be bound
function written(
  { self, args }: Bound,
  target: Function,
  parameters: readonly Pattern[] | undefined,
): { names: Record<string, unknown>; text: string } {
  const first = args.map((value, k) => [`bound${k}`, value] as const);
  const all = parameters ?? Array.from<unknown, undefined>({ length: target.length }, () => undefined);
  const own = all.slice(args.length).map((parameter, k) => (parameter?.type === "RestElement" ? "...rest" : `x${k}`));
  // In errors it goes by its name.
  const name = /^[A-Za-z_]\w*$/.test(target.name) && !/^(bound|x)\d+$|^(rest|self)$/.test(target.name) ? target.name : "target";
  const given = ["self", ...first.map(([key]) => key), ...own];
  return {
    names: { [name]: target, self, ...Object.fromEntries(first) },
    text: `(${own.join(", ")}) => ${name}.call(${given.join(", ")})`,
  };
}
