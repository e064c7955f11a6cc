/** Module hooks for users' modules (https://nodejs.org/api/module.html#customization-hooks). */
import type { ResolveHook } from "node:module";

/** Node strips types itself from 22.18 on; before, tsx does. */
export const nodeStripsTypes = Boolean((process.features as { typescript?: unknown }).typescript);

/**
 * - `odegrad` resolves from any folder: to the user's own copy where there is one, else to the one that runs this command.
 * - A .ts file outside any package is an ES module. Node decides so by itself where it strips types; tsx would take CommonJS.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await resolveOrOwn(specifier, context, nextResolve);
  const isTypeScript = /\.ts(\?|$)/.test(resolved.url);
  return isTypeScript && !nodeStripsTypes ? { ...resolved, format: "module" } : resolved;
};

const resolveOrOwn: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (!/^odegrad($|\/)/.test(specifier)) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  }
};
