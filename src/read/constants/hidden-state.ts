/** Objects that are no constants: what they give is not there yet, is another thing each time, or may change without anybody seeing it. */
import { HiddenState, NotAConstant } from "../syntax/errors.ts";
import type { Complaint, ReadErrorClass } from "../syntax/source.ts";
import { hasText } from "../syntax/source.ts";

interface Kind {
  readonly is: (value: object, tag: string) => boolean;
  readonly Class: ReadErrorClass;
  readonly what: string;
  readonly remedy: (name: string) => string;
}

const kinds: readonly Kind[] = [
  {
    is: (value) => value instanceof Promise || typeof (value as { then?: unknown }).then === "function",
    Class: NotAConstant,
    what: "is a promise, of what is not there yet",
    remedy: (name) => `Await it before the problem is stated, and use what comes of it: const k = await ${name}.`,
  },
  {
    is: (_, tag) => / ?(Generator|Iterator|Iterator Helper)$/.test(tag),
    Class: NotAConstant,
    what: "gives another value each time it is asked",
    remedy: (name) =>
      `Take its values before the problem is stated: const values = [...${name}], or ${name}.next().value for one.`,
  },
  {
    is: (_, tag) => tag.startsWith("Weak"),
    Class: HiddenState,
    what: "cannot be looked through, so nobody would see a change of what it holds",
    remedy: () => "Take what is needed out of it before the problem is stated, const k = map.get(key); or make it a Map.",
  },
  {
    is: (value, tag) =>
      (typeof EventTarget === "function" && value instanceof EventTarget) ||
      (/^(HTML|SVG|Window|Document|Node)/.test(tag) && "nodeType" in value),
    Class: HiddenState,
    what: "is a part of the page, or of the system, which changes without anybody seeing it",
    remedy: (name) =>
      `Read it before the problem is stated, const k = Number(${name}.value), and pass k in p, or in \`constants\`; for another value remake(problem, { p }).`,
  },
];

/** Why an object is no constant, of this name, and as which error. */
export function whyNoConstant(
  value: unknown,
  name: string,
): { readonly Class: ReadErrorClass; readonly complaint: Complaint } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const kind = kindOf(value);
  return (
    kind && { Class: kind.Class, complaint: { construct: name, what: `\`${name}\` ${kind.what}`, remedy: kind.remedy(name) } }
  );
}

function kindOf(value: object): Kind | undefined {
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  // Most are told apart by this alone.
  if (tag === "Array" || tag === "Function" || tag.endsWith("Array")) return undefined;
  return kinds.find(({ is }) => is(value, tag));
}

const ofLanguage: ReadonlySet<unknown> = new Set([Object, Array, Map, Set, Date, RegExp, Error, ArrayBuffer]);

/** May an object change without anybody seeing it? Of a class of the engine's own, or with private fields. */
export function mayChangeUnseen(value: object): boolean {
  const { constructor } = value as { readonly constructor?: unknown };
  if (typeof constructor !== "function" || ofLanguage.has(constructor) || ArrayBuffer.isView(value)) return false;
  return !hasText(constructor) || hasPrivateFields(constructor);
}

// oxlint-disable-next-line typescript/no-unsafe-function-type -- as constructors are typed
function hasPrivateFields(constructor: Function): boolean {
  for (
    let each: unknown = constructor;
    typeof each === "function" && each !== Function.prototype;
    each = Object.getPrototypeOf(each)
  )
    if (/#[\p{ID_Start}$_]/u.test(Function.prototype.toString.call(each))) return true;
  return false;
}
