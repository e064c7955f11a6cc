/**
 * What functions close over, and what bound ones are made of, seen by V8's inspector, in Node. A session of the same thread is opened and
 * asked: nothing is enabled, no port is opened, and debuggers, coverage and sessions of others go on as they were.
 */

import type { Bound } from "../../core/captured.ts";

/** The scopes around a function, the innermost first, the last the global object; each as an object that holds what its names stand for. */
export type Scopes = readonly object[];

/** What the engine knows of a function beside its text. */
export interface Internals {
  readonly scopes?: Scopes;
  readonly bound?: Bound;
}

interface Session {
  connect(): void;
  post(method: string, options: object, done: (error: Error | null, result: never) => void): void;
}

interface Inspector {
  readonly Session: new () => Session;
  [HANDED]?: Handed;
}

/** Goes to the inspector, which gives nothing back but text and numbers of objects; it is the one object that all realms of a thread share. */
interface Handed {
  functions: readonly object[];
  found: Map<object, Internals>;
}

const HANDED = Symbol.for("odegrad.functions");
const MODULE = "node:inspector";

/** A value of the engine's, as it is told, and as it is handed back. */
interface Remote {
  readonly objectId?: string;
  readonly value?: unknown;
  readonly unserializableValue?: string;
}

interface Property {
  readonly name: string;
  readonly value?: Remote;
}

/** Of functions with a text the scopes, and the parts of bound ones; of none where there is no inspector, or it refuses. */
export function internalsOf(functions: readonly object[]): ReadonlyMap<object, Internals> {
  const found = new Map<object, Internals>();
  const inspector = inspectorHere();
  if (!inspector || functions.length === 0) return found;
  try {
    connected = connected?.inspector === inspector ? connected : new Connection(inspector);
    connected.look(functions, found);
  } catch {
    // Node without an inspector, or run with --permission.
    connected = undefined;
  }
  return found;
}

let connected: Connection | undefined;

/**
 * Without an import, which bundlers of pages would stumble over. None in Deno, whose kernel of notebooks ends where it is asked (2.9), nor in
 * Bun, whose inspector knows of no scopes (1.4).
 */
function inspectorHere(): Inspector | undefined {
  if ("Deno" in globalThis || "Bun" in globalThis) return undefined;
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(MODULE) as Inspector | undefined;
}

/** So often the engine is asked before it lets go of what it has numbers for. */
const MOST_LOOKS = 64;

/** A session that stays, as to open one takes as long as to ask; and, until what runs now is through, the numbers of functions. */
class Connection {
  private readonly session: Session;
  private readonly handed: Handed = { functions: [], found: new Map() };
  private readonly id: string | undefined;
  private readonly ids = new Map<object, string | undefined>();
  private looks = 0;

  constructor(readonly inspector: Inspector) {
    this.session = new inspector.Session();
    this.session.connect();
    Object.defineProperty(inspector, HANDED, { value: this.handed, configurable: true });
    try {
      const symbol = `Symbol.for(${JSON.stringify(HANDED.description)})`;
      const expression = `process.getBuiltinModule(${JSON.stringify(MODULE)})[${symbol}]`;
      this.id = this.ask<{ result: Remote }>("evaluate", { expression, silent: true, disableBreaks: true }).result.objectId;
    } finally {
      delete inspector[HANDED];
    }
  }

  look(functions: readonly object[], found: Map<object, Internals>): void {
    Object.assign(this.handed, { functions, found });
    functions.forEach((fn, k) => this.lookAt(fn, k));
    Object.assign(this.handed, { functions: [], found: new Map() });
    if (this.looks === 0) setImmediate(() => this.letGo()).unref();
    if (++this.looks >= MOST_LOOKS) this.letGo();
  }

  private lookAt(fn: object, k: number): void {
    const objectId = this.ids.get(fn) ?? this.call("function (k) { return this.functions[k]; }", { value: k }).objectId;
    this.ids.set(fn, objectId);
    const { internalProperties = [] } = this.ask<{ internalProperties?: Property[] }>("getProperties", {
      objectId,
      ownProperties: true,
    });
    const part = (name: string): Remote | undefined => internalProperties.find((each) => each.name === `[[${name}]]`)?.value;
    const [scopes, target] = [part("Scopes"), part("TargetFunction")];
    if (scopes) this.call(KEEP_SCOPES, { value: k }, scopes);
    if (target) this.call(KEEP_BOUND, { value: k }, target, part("BoundThis") ?? {}, part("BoundArgs") ?? {});
  }

  /** What it has numbers for is not released by the engine. */
  private letGo(): void {
    this.looks = 0;
    this.ids.clear();
    this.ask("releaseObjectGroup", { objectGroup });
  }

  private call(functionDeclaration: string, ...args: readonly Remote[]): Remote {
    const given = args.map(({ objectId, value, unserializableValue }) => ({ objectId, value, unserializableValue }));
    const options = { objectId: this.id, functionDeclaration, arguments: given, objectGroup, silent: true };
    return this.ask<{ result: Remote }>("callFunctionOn", options).result;
  }

  private ask<T>(method: string, options: object): T {
    let answer: T | undefined;
    let refusal: Error | null = new Error("The inspector does not answer at once.");
    // What is thrown in here would reach nobody, where the answer comes later.
    this.session.post(`Runtime.${method}`, options, (error, result) => {
      refusal = error;
      answer = result;
    });
    if (refusal) throw refusal;
    return answer!;
  }
}

const objectGroup = "functions";
const KEEP_SCOPES =
  "function (k, scopes) { this.found.set(this.functions[k], { scopes: Array.from(scopes, ({ object }) => object) }); }";
const KEEP_BOUND =
  "function (k, target, self, args) { this.found.set(this.functions[k], { bound: { target, self, args: Array.from(args ?? []) } }); }";
