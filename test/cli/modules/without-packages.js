/** Makes Node behave as if the optional packages were not installed beside the library. */
import { register } from "node:module";

const hook = `export async function resolve(specifier, context, next) {
  if (/^(@observablehq|@resvg|tsx)/.test(specifier)) throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
