/** Tells where in the text something is read, in errors that show it. */
import type { AnyNode } from "acorn";
import { UnreadableConstruct } from "../syntax/errors.ts";
import type { Reader } from "./reader.ts";
import type { Scope } from "./scope.ts";
import type { Complaint, ReadErrorClass } from "../syntax/source.ts";

/** A node of the text in its scope, with the reader that builds the program: where something is read. */
export interface Site {
  readonly r: Reader;
  readonly node: AnyNode;
  readonly scope: Scope;
}

/** Throws an error of reading that shows the site. */
export function fail(at: Site, Class: ReadErrorClass, complaint: Complaint): never {
  throw at.scope.activation.source.error(Class, at.node, complaint);
}

export function unreadable(at: Site, construct: string, what: string, remedy: string): never {
  return fail(at, UnreadableConstruct, { construct, what, remedy });
}

/** The name that the text gives to something, for messages. */
export function textOf(at: Site): string {
  const text = at.scope.activation.source.textOf(at.node).replace(/\s+/g, " ");
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}
