/** Binds the parts of the grammar of JavaScript to the files that read them. */
import { evaluate } from "./expressions/expressions.ts";
import { hostFunction } from "./functions/host-functions.ts";
import { callItem } from "./expressions/invocation.ts";
import type { Grammar } from "./state/reader.ts";
import { execute, runStatements } from "./statements/statements.ts";

export const grammar: Grammar = {
  expression: evaluate,
  statement: execute,
  statements: runStatements,
  call: callItem,
  hostFunction,
};
