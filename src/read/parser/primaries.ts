/** Literals and templates, and what the parser's other parts are made with. */
import { cooked, Tokens } from "./tokens.ts";
import type { Node } from "./nodes.ts";

export abstract class Primaries extends Tokens {
  abstract expression(): Node;

  /** A node that ends with the token before the present one. */
  protected node(type: string, start: number, fields: object = {}): Node {
    return { type, start, end: this.lastEnd, ...fields };
  }

  protected number(): Node {
    const { start, value: raw } = this;
    this.next();
    const digits = raw.replaceAll("_", "");
    return this.node("Literal", start, literalOf(digits, raw));
  }

  protected string(): Node {
    const { start, value: raw } = this;
    this.next();
    return this.node("Literal", start, { value: cooked(raw.slice(1, -1)), raw });
  }

  protected regularExpression(): Node {
    const { start } = this;
    const regex = this.regex();
    let value: RegExp | null = null;
    try {
      value = new RegExp(regex.pattern, regex.flags);
    } catch {
      // Of a newer engine than this one.
    }
    return this.node("Literal", start, { regex, value, raw: this.text.slice(start, this.lastEnd) });
  }

  /** From the backquote on. */
  protected template(): Node {
    const { start } = this;
    const quasis: Node[] = [];
    const expressions: Node[] = [];
    for (;;) {
      const from = this.end;
      const { end, isTail } = this.quasiAt(from);
      const raw = this.text.slice(from, end).replaceAll(/\r\n?/g, "\n");
      quasis.push({ type: "TemplateElement", start: from, end, value: { raw, cooked: cooked(raw) }, tail: isTail });
      this.end = end + (isTail ? 1 : 2);
      this.next();
      if (isTail) return this.node("TemplateLiteral", start, { expressions, quasis });
      expressions.push(this.expression());
      if (!this.is("}")) this.fail();
    }
  }
}

function literalOf(digits: string, raw: string): object {
  if (digits.endsWith("n")) {
    const value = BigInt(digits.slice(0, -1));
    return { value, raw, bigint: value.toString() };
  }
  // What begins with a zero counted in eights once.
  return { value: /^0[0-7]+$/.test(digits) ? parseInt(digits, 8) : Number(digits), raw };
}
