/** Texts of functions to syntax trees. */
import type { Expression } from "acorn";
import { expressionAt, type ParserOptions } from "../parser/index.ts";

/** The expression that a text is between others; undefined where it is none. Throws RangeError where it is nested too deeply. */
export function parsedExpression(before: string, text: string, after: string, options?: ParserOptions): Expression | undefined {
  try {
    return expressionAt(`${before}${text}\n${after}`, options);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
