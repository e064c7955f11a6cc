/**
 * What functions close over, and what bound ones are made of, seen by V8's inspector, in Node. A session of the same thread is opened, asked and closed
 * in one go: nothing is enabled, no port is opened, and debuggers, coverage and sessions of others go on as they were.
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
  disconnect(): void;
  post(method: string, options: object, done: (error: Error | null, result: never) => void): void;
}

interface Inspector {
  readonly Session: new () => Session;
  [HANDED]?: Handed;
}

/** Goes to the inspector, which gives nothing back but text and numbers of objects; it is the one object that all realms of a thread share. */
interface Handed {
  readonly functions: readonly object[];
  readonly found: Map<object, Internals>;
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
  const session = new inspector.Session();
  try {
    session.connect();
    Object.defineProperty(inspector, HANDED, { value: { functions, found } satisfies Handed, configurable: true });
    look(session, functions.length);
  } catch {
    // Node without an inspector, or run with --permission.
  } finally {
    delete inspector[HANDED];
    session.disconnect();
  }
  return found;
}

/** Without an import, which bundlers of pages would stumble over. None in Deno, whose kernel of notebooks ends where it is asked (2.9). */
function inspectorHere(): Inspector | undefined {
  if ("Deno" in globalThis) return undefined;
  const { process } = globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.(MODULE) as Inspector | undefined;
}

function look(session: Session, count: number): void {
  const objectGroup = "functions";
  const quietly = { objectGroup, silent: true };
  const ask = <T>(method: string, options: object): T => {
    let answer: T | undefined;
    session.post(`Runtime.${method}`, options, (error, result) => {
      if (error) throw error;
      answer = result;
    });
    return answer!;
  };
  const expression = `process.getBuiltinModule(${JSON.stringify(MODULE)})[Symbol.for(${JSON.stringify(HANDED.description)})]`;
  const handed = ask<{ result: Remote }>("evaluate", { expression, ...quietly, disableBreaks: true });
  const { objectId } = handed.result;
  const call = (declaration: string, ...args: readonly Remote[]): { readonly result: Remote } =>
    ask("callFunctionOn", {
      objectId,
      functionDeclaration: declaration,
      arguments: args.map(({ objectId: id, value, unserializableValue }) => ({ objectId: id, value, unserializableValue })),
      ...quietly,
    });
  for (let k = 0; k < count; k++) {
    const fn = call("function (k) { return this.functions[k]; }", { value: k }).result.objectId;
    const { internalProperties = [] } = ask<{ internalProperties?: Property[] }>("getProperties", {
      objectId: fn,
      ownProperties: true,
    });
    const part = (name: string): Remote | undefined => internalProperties.find((each) => each.name === `[[${name}]]`)?.value;
    const [scopes, target] = [part("Scopes"), part("TargetFunction")];
    if (scopes) call(KEEP_SCOPES, { value: k }, scopes);
    if (target) call(KEEP_BOUND, { value: k }, target, part("BoundThis") ?? {}, part("BoundArgs") ?? {});
  }
  ask("releaseObjectGroup", { objectGroup });
}

const KEEP_SCOPES =
  "function (k, scopes) { this.found.set(this.functions[k], { scopes: Array.from(scopes, ({ object }) => object) }); }";
const KEEP_BOUND =
  "function (k, target, self, args) { this.found.set(this.functions[k], { bound: { target, self, args: Array.from(args ?? []) } }); }";
