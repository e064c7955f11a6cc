/**
 * A parser of what engines give as the text of a function: they have checked it, so that this one only has to find its parts, a seventh of
 * what a parser is that finds what is wrong. Its trees are those of acorn, field by field.
 */
import type { Expression } from "acorn";
import { Statements } from "./statements.ts";

/** `anyPrivateFields`: those that no class in the text declares, too. */
export interface ParserOptions {
  readonly anyPrivateFields?: boolean;
}

class Parser extends Statements {
  constructor(
    text: string,
    private readonly options: ParserOptions,
  ) {
    super(text);
  }

  parse(): Expression {
    const expression = this.expression();
    if (this.hidden.size > 0 && !this.options.anyPrivateFields) this.fail();
    return expression as unknown as Expression;
  }
}

/** The expression that a text begins with. Throws SyntaxError; RangeError where it is nested too deeply. */
export function expressionAt(text: string, options: ParserOptions = {}): Expression {
  return new Parser(text, options).parse();
}
