/** The parser, which a page that was built with `parser: false` is without: it has a module in its place whose `parseExpressionAt` is undefined. */
import { parseExpressionAt, type Expression } from "acorn";

/** Or is there none? */
export const canParse = typeof parseExpressionAt === "function";

/** The expression that a text is between others; undefined where it is none. Throws RangeError where it is nested too deeply. */
export function parsedExpression(
  before: string,
  text: string,
  after: string,
  { checkPrivateFields = true } = {},
): Expression | undefined {
  try {
    return parseExpressionAt(`${before}${text}\n${after}`, 0, { ecmaVersion: "latest", checkPrivateFields });
  } catch (error) {
    // The parser says so in words of its own where it sees that in time.
    if (error instanceof RangeError || /stack space/.test((error as Error).message)) throw new RangeError();
    return undefined;
  }
}
