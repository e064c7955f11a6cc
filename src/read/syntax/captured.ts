/** Says what to do about variables that a function captures. */
import type { ReadError } from "../../core/errors.ts";
import type { Complaint } from "./source.ts";

export function fromOutside(path: string): Complaint {
  // Elements of arrays have no names.
  const name = path.replace(/\.\d+$/, "");
  return {
    construct: name,
    what: `\`${name}\` comes from outside the function, and a function's text does not tell its value`,
    remedy:
      `Pass it in \`constants\`: constants: { ${rootOf(name)} }, and take it from the function's last argument; or let the build plugin ` +
      "hand it over, odegrad/unplugin. Node shows it by its inspector, where it has one.",
  };
}

/** The error, where the function is among the constants itself, and is not given these. */
export function capturedByConstant(error: ReadError): ReadError {
  const name = rootOf(error.construct);
  return error.withRemedy(
    `The function is among the constants itself: pass \`${name}\` to it as an argument, or put both into one object, or class, in ` +
      `\`constants\`, whose methods find it by \`this\`: this.${name}.`,
  );
}

function rootOf(path: string): string {
  return path.split(".")[0];
}
