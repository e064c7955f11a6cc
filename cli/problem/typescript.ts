/** Users' modules in TypeScript: Node strips types itself from 22.18 on; before, and where that is not enough, tsx compiles, where it is installed. */

export const nodeStripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/** What stands for a question mark in the name of a .ts file, which tsx would cut off there: the full-width one. */
const MARK = encodeURIComponent("\uff1f");

export function unmarked(url: string): string {
  return url.replaceAll(MARK, "%3F");
}

interface Resolved {
  readonly url: string;
}

/** A .ts file as an ES module, for tsx, which outside packages would take it for CommonJS. */
export function asModule<R extends Resolved>(resolved: R): R {
  return /\.ts(\?|$)/.test(resolved.url)
    ? { ...resolved, url: resolved.url.replaceAll("%3F", MARK), format: "module" }
    : resolved;
}

export function isOwn(specifier: string): boolean {
  return /^odegrad($|\/)/.test(specifier);
}

type Next = (specifier: string, context?: object) => Resolved;

/** In this thread and at once, as Node has hooks where it strips types. */
export interface SynchronousHooks {
  readonly resolve: (specifier: string, context: object, next: Next) => Resolved;
  readonly load: (url: string, context: object, next: (url: string, context: object) => unknown) => unknown;
}

/** As resolve-hook.ts has them. */
export const synchronousHooks: SynchronousHooks = {
  resolve(specifier, context, next) {
    try {
      return asModule(next(unmarked(specifier), context));
    } catch (error) {
      if (!isOwn(specifier)) throw error;
      return next(specifier, { ...context, parentURL: import.meta.url });
    }
  },
  load: (url, context, next) => next(unmarked(url), context),
};

/** Enums, namespaces and parameter properties are code, which does not go by stripping types. */
export function needsCompiler(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX";
}
