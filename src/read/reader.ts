/** What the reading of one function shares: the program being built, what variables hold, plans of loops. */
import type { AnyNode } from "acorn";
import { Builder } from "../ir/builder.ts";
import type { Item } from "./items.ts";
import { Assumptions } from "./assumptions.ts";
import { Journal } from "./journal.ts";
import { Kinds } from "./kinds.ts";
import type { Scope } from "./scope.ts";
import type { Complaint, ReadErrorClass } from "./source.ts";
import { UnreadableConstruct } from "../core/errors.ts";
import { HostStorages, type DataChoice } from "./host-storages.ts";
import { Plans } from "./plans.ts";
import { Sharing } from "./sharing.ts";
import type { Turn } from "./loop.ts";
import type { Storage } from "./storage.ts";

/** A place in the text, with what is needed to build there. */
export interface Site {
  readonly r: Reader;
  readonly node: AnyNode;
  readonly scope: Scope;
}

export class Reader {
  readonly builder: Builder;
  readonly journal = new Journal();
  /** Objects of the host that were met, as items. */
  readonly wrapped = new Map<object, Item>();
  readonly hosts: HostStorages;
  /** Storages of array literals of constants. */
  readonly literals: Storage[] = [];
  readonly kinds = new Kinds();
  readonly assumptions = new Assumptions();
  /** Arrays that were made with holes. */
  readonly holes: Storage[] = [];
  /** Where holes of arrays would be passed over, so that there must be none. */
  readonly wholeUses: { readonly at: Site; readonly storage: Storage }[] = [];
  /** The fields of objects some of which exist on some paths only. */
  readonly varying = new Set<object>();
  readonly plans = new Plans();
  /** The loops that are being read, innermost last. */
  readonly turns: Turn[] = [];
  readonly sharing = new Sharing(this.turns, () => this.journal.now());

  /** Expressions read so far, again in every call and in every turn of a loop that is read turn by turn. */
  private expressions = 0;

  /** `found`: arrays among the constants that the function writes, and nodes of the text whose arrays may hold undefined. */
  constructor(
    name: string,
    readonly found: ReadonlySet<object>,
    data?: DataChoice,
  ) {
    this.builder = new Builder(name);
    this.hosts = new HostStorages(found, (a, b) => this.sharing.overlap(a, b), data);
  }

  /** Throws UnreadableConstruct where a program becomes too large to be derived and compiled in reasonable time. */
  count(at: Site): void {
    if (++this.expressions <= MOST_EXPRESSIONS) return;
    unreadable(
      at,
      "size",
      `The program has become too large: more than ${MOST_EXPRESSIONS} expressions, counted again in each call of a function`,
      "Let functions call each other fewer times, or put what they compute into arrays that loops go over.",
    );
  }
}

/** A program of as many takes many seconds to read, derive and compile. */
const MOST_EXPRESSIONS = 5e5;

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
