/**
 * What functions close over, seen by V8's inspector, in Node. A session of the same thread is opened, asked and closed
 * in one go: nothing is enabled, no port is opened, and debuggers, coverage and sessions of others go on as they were.
 */

/** The scopes around a function, the innermost first, the last the global object; each as an object that holds what its names stand for. */
export type Scopes = readonly object[];

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
  readonly found: Map<object, Scopes>;
}

const HANDED = Symbol.for("odegrad.functions");
const MODULE = "node:inspector";

interface Property {
  readonly name: string;
  readonly value?: { readonly objectId?: string };
}

/** The functions' scopes; of none where there is no inspector, or it refuses. Functions without a text have none. */
export function scopesAround(functions: readonly object[]): ReadonlyMap<object, Scopes> {
  const found = new Map<object, Scopes>();
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
  const handed = ask<{ result: { objectId: string } }>("evaluate", { expression, ...quietly, disableBreaks: true });
  const { objectId } = handed.result;
  const call = (declaration: string, ...args: object[]): { readonly result: { readonly objectId?: string } } =>
    ask("callFunctionOn", { objectId, functionDeclaration: declaration, arguments: args, ...quietly });
  for (let k = 0; k < count; k++) {
    const fn = call("function (k) { return this.functions[k]; }", { value: k }).result.objectId;
    const { internalProperties = [] } = ask<{ internalProperties?: Property[] }>("getProperties", {
      objectId: fn,
      ownProperties: true,
    });
    const scopes = internalProperties.find(({ name }) => name === "[[Scopes]]")?.value?.objectId;
    const keep = "function (k, scopes) { this.found.set(this.functions[k], Array.from(scopes, ({ object }) => object)); }";
    if (scopes) call(keep, { value: k }, { objectId: scopes });
  }
  ask("releaseObjectGroup", { objectGroup });
}
