/** Module hooks for users' modules (https://nodejs.org/api/module.html#customization-hooks), which Node runs in a thread of their own. */
import type { LoadHook, ResolveHook } from "node:module";
import { asModule, isOwn, nodeStripsTypes, unmarked } from "./typescript.ts";

/**
 * - `odegrad` resolves from any folder: to the user's own copy where there is one, else to the one that runs this command.
 * - A .ts file outside any package is an ES module. Node decides so by itself where it strips types; tsx would take CommonJS.
 */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await resolveOrOwn(specifier, context, nextResolve);
  return nodeStripsTypes ? resolved : asModule(resolved);
};

export const load: LoadHook = (url, context, nextLoad) => nextLoad(unmarked(url), context);

const resolveOrOwn: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(unmarked(specifier), context);
  } catch (error) {
    if (!isOwn(specifier)) throw error;
    return nextResolve(specifier, { ...context, parentURL: import.meta.url });
  }
};
