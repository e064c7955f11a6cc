/** Holds what the reading of one function shares: the program that is built, what variables hold, plans of loops. */
import type { AnyNode } from "acorn";
import { Builder } from "../../ir/builder.ts";
import type { Item } from "./items.ts";
import { Assumptions } from "./assumptions.ts";
import { Journal } from "./cells.ts";
import { Kinds } from "./kinds.ts";
import type { Scope } from "./scope.ts";
import { HostStorages, type DataChoice } from "./host-storages.ts";
import { Plans } from "./loop-plans.ts";
import { Sharing } from "./sharing.ts";
import type { OpenLoop } from "./open-loops.ts";
import type { Storage } from "./storage.ts";
import { unreadable, type Site } from "./site.ts";

/** What reading one construct asks of the reading of any other: bound when a reader is made, since each is read by the others. */
export interface Grammar {
  readonly expression: (r: Reader, node: AnyNode, scope: Scope) => Item;
  readonly statement: (r: Reader, node: AnyNode, scope: Scope) => void;
  readonly statements: (r: Reader, nodes: readonly AnyNode[], scope: Scope) => void;
  /** `self`: what the function is a method of. */
  readonly call: (at: Site, callee: Item, args: readonly Item[], self?: Item) => Item;
  /** A function of JavaScript, handed in as a constant or met as a global. */
  readonly hostFunction: (fn: object, name: string) => Item;
}

export class Reader {
  readonly builder: Builder;
  readonly journal = new Journal();
  readonly hosts: HostStorages;
  /** Storages of array literals of constants. */
  readonly literals: Storage[] = [];
  readonly kinds = new Kinds();
  readonly assumptions = new Assumptions();
  /** Arrays that were made with holes. */
  readonly holes: Storage[] = [];
  /** Where holes of arrays would be passed over, so that there must be none. */
  readonly wholeUses: { readonly at: Site; readonly storage: Storage }[] = [];
  /** Calls whose value nobody uses. */
  readonly unused = new WeakSet<AnyNode>();
  /** The fields of objects some of which exist on some paths only. */
  readonly varying = new Set<object>();
  readonly plans = new Plans();
  /** The loops that are being read, innermost last. */
  readonly openLoops: OpenLoop[] = [];
  readonly sharing = new Sharing(this.openLoops, () => this.journal.now());

  /** Expressions read so far, again in every call and in every iteration of a loop that is read iteration by iteration. */
  private expressions = 0;

  /** `found`: arrays among the constants that the function writes, and nodes of the text whose arrays may hold undefined. */
  constructor(
    readonly grammar: Grammar,
    name: string,
    readonly found: ReadonlySet<object>,
    data?: DataChoice,
  ) {
    this.builder = new Builder(name);
    this.hosts = new HostStorages(found, (a, b) => this.sharing.overlap(a, b), data);
  }

  expression(node: AnyNode, scope: Scope): Item {
    return this.grammar.expression(this, node, scope);
  }

  statement(node: AnyNode, scope: Scope): void {
    this.grammar.statement(this, node, scope);
  }

  statements(nodes: readonly AnyNode[], scope: Scope): void {
    this.grammar.statements(this, nodes, scope);
  }

  call(at: Site, callee: Item, args: readonly Item[], self?: Item): Item {
    return this.grammar.call(at, callee, args, self);
  }

  hostFunction(fn: object, name: string): Item {
    return this.grammar.hostFunction(fn, name);
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
