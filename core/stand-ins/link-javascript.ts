/** In place of code in JavaScript, which pages need only where they forbid WebAssembly. */
import { NotInCore } from "../../src/core/errors.ts";
import type * as Whole from "../../src/compile/link-javascript.ts";

export const linkJavaScript: typeof Whole.linkJavaScript = () => {
  throw new NotInCore('target: "javascript"', "Leave `target` out, and let the page run WebAssembly");
};
