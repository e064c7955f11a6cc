/** Makes Node behave as if the drawing packages were not installed. */
import { register } from "node:module";

const hook = `export async function resolve(specifier, context, next) {
  if (/^@(observablehq|resvg)/.test(specifier)) throw Object.assign(new Error("not found"), { code: "ERR_MODULE_NOT_FOUND" });
  return next(specifier, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
