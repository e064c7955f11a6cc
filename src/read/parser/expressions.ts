/** Expressions, by the precedence of their operators. */
import { Literals } from "./literals.ts";
import { asPattern, reserved, type Node } from "./nodes.ts";

const precedence: Readonly<Record<string, number>> = Object.fromEntries(
  ["?? ||", "&&", "|", "^", "&", "== != === !==", "< > <= >= in instanceof", "<< >> >>>", "+ -", "* / %"].flatMap((level, i) =>
    level.split(" ").map((operator) => [operator, i + 1]),
  ),
);
const assigning = new Set("= += -= *= /= %= **= <<= >>= >>>= &= |= ^= &&= ||= ??=".split(" "));
const prefixes = new Set("! ~ + - typeof void delete".split(" "));
const logical = new Set(["??", "||", "&&"]);
const values: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

export abstract class Expressions extends Literals {
  /** An arrow function without parentheses around it, which no operator follows. */
  private bareArrow: Node | undefined;

  override expression(noIn = false): Node {
    const { start } = this;
    const first = this.assignment(noIn);
    if (!this.is(",")) return first;
    const expressions = [first];
    while (this.eat(",")) expressions.push(this.assignment(noIn));
    return this.node("SequenceExpression", start, { expressions });
  }

  override assignment(noIn = false): Node {
    const { start } = this;
    if (this.context.isGenerator && this.is("yield")) return this.yield(noIn);
    const left = this.conditional(noIn);
    const operator = this.value;
    if (left === this.bareArrow || this.kind !== "punctuator" || !assigning.has(operator)) return left;
    this.next();
    const target = asPattern(left);
    const right = this.assignment(noIn);
    return this.node("AssignmentExpression", start, { operator, left: target, right });
  }

  private yield(noIn: boolean): Node {
    const { start } = this;
    this.next();
    const delegate = this.eat("*");
    const isAlone = this.kind === "end" || this.isOnNewLine || (this.kind === "punctuator" && /^[)\]},;:]$/.test(this.value));
    const argument = !delegate && isAlone ? null : this.assignment(noIn);
    return this.node("YieldExpression", start, { delegate, argument });
  }

  private conditional(noIn: boolean): Node {
    const { start } = this;
    const first = this.kind === "private" ? this.privateName() : this.unary();
    const test = first === this.bareArrow ? first : this.binary(start, first, 0, noIn);
    if (test === this.bareArrow || !this.eat("?")) return test;
    const consequent = this.assignment();
    this.expect(":");
    const alternate = this.assignment(noIn);
    return this.node("ConditionalExpression", start, { test, consequent, alternate });
  }

  /** Goes on behind `left` with operators that bind more than `least`. */
  private binary(start: number, first: Node, least: number, noIn: boolean): Node {
    let left = first;
    for (;;) {
      const operator = this.value;
      const isOperator = this.kind === "punctuator" || (this.kind === "name" && (operator !== "in" || !noIn));
      const level = isOperator && Object.hasOwn(precedence, operator) ? precedence[operator] : undefined;
      if (level === undefined || level <= least) return left;
      this.next();
      const { start: from } = this;
      const right = this.binary(from, this.unary(), level, noIn);
      left = this.node(logical.has(operator) ? "LogicalExpression" : "BinaryExpression", start, { left, operator, right });
    }
  }

  private unary(): Node {
    const { start, value: operator, kind } = this;
    const isWord = kind === "name" || kind === "punctuator";
    if (isWord && prefixes.has(operator)) {
      this.next();
      const argument = this.unary();
      return this.node("UnaryExpression", start, { operator, prefix: true, argument });
    }
    if (isWord && (operator === "++" || operator === "--")) {
      this.next();
      const argument = this.unary();
      return this.node("UpdateExpression", start, { operator, prefix: true, argument });
    }
    if (this.context.isAsync && this.eat("await")) {
      const argument = this.unary();
      return this.node("AwaitExpression", start, { argument });
    }
    return this.power(start, this.updated(start, this.leftHandSide()));
  }

  private updated(start: number, argument: Node): Node {
    const { value: operator } = this;
    if (argument === this.bareArrow || this.isOnNewLine || !(this.eat("++") || this.eat("--"))) return argument;
    return this.node("UpdateExpression", start, { operator, prefix: false, argument });
  }

  private power(start: number, left: Node): Node {
    if (left === this.bareArrow || !this.eat("**")) return left;
    const right = this.unary();
    return this.node("BinaryExpression", start, { left, operator: "**", right });
  }

  override leftHandSide(): Node {
    const { start } = this;
    const first = this.primary();
    return first === this.bareArrow ? first : this.chained(start, first, true);
  }

  /** Members and calls behind what they are of. */
  private chained(start: number, first: Node, calls: boolean): Node {
    let node = first;
    let isOptional = false;
    for (;;) {
      const optional = calls && this.eat("?.");
      isOptional ||= optional;
      if (this.eat("[")) {
        const property = this.expression();
        this.expect("]");
        node = this.node("MemberExpression", start, { object: node, property, computed: true, optional });
      } else if (calls && this.eat("(")) {
        const list = this.list(")", () => this.element());
        node = this.node("CallExpression", start, { callee: node, arguments: list, optional });
      } else if (this.is("`")) {
        const quasi = this.template();
        node = this.node("TaggedTemplateExpression", start, { tag: node, quasi });
      } else if (optional || this.eat(".")) {
        const property = this.kind === "private" ? this.privateName() : this.anyName();
        node = this.node("MemberExpression", start, { object: node, property, computed: false, optional });
      } else return isOptional ? this.node("ChainExpression", start, { expression: node }) : node;
    }
  }

  private primary(): Node {
    const { start, kind, value } = this;
    if (kind === "number") return this.number();
    if (kind === "string") return this.string();
    if (kind === "name") return this.word(start, value);
    switch (value) {
      case "(":
        return this.parenthesised(start);
      case "[":
        return this.array();
      case "{":
        return this.object();
      case "`":
        return this.template();
      case "/":
      case "/=":
        return this.regularExpression();
      default:
        return this.fail();
    }
  }

  private word(start: number, word: string): Node {
    switch (word) {
      case "function":
        return this.functionNode("FunctionExpression", start, false);
      case "class":
        return this.classNode("ClassExpression", start);
      case "new":
        return this.new(start);
      case "this":
      case "super":
        this.next();
        return this.node(word === "this" ? "ThisExpression" : "Super", start);
      case "true":
      case "false":
      case "null":
        this.next();
        return this.node("Literal", start, { value: values[word], raw: word });
      case "import":
        return this.import(start);
    }
    return reserved.has(word) ? this.fail() : this.nameOrArrow(start);
  }

  private nameOrArrow(start: number): Node {
    const next = this.value === "async" ? this.peek() : undefined;
    const isAsync = next !== undefined && !next.isOnNewLine;
    if (isAsync && next.value === "function") {
      this.next();
      return this.functionNode("FunctionExpression", start, true);
    }
    const name = this.anyName();
    if (isAsync && this.is("(")) return this.asyncParenthesised(start, name);
    if (isAsync && this.kind === "name" && !reserved.has(this.value)) return this.bare(start, [this.identifier()], true);
    return this.is("=>") && !this.isOnNewLine ? this.bare(start, [name], false) : name;
  }

  private bare(start: number, params: readonly Node[], isAsync: boolean): Node {
    const arrow = this.arrow(start, params, isAsync, false);
    return (this.bareArrow = arrow);
  }

  /** Parameters of an arrow function, or what stands in parentheses. */
  private parenthesised(start: number): Node {
    this.expect("(");
    const from = this.start;
    let end = from;
    const list = this.list(")", () => {
      const element = this.element();
      end = this.lastEnd;
      return element;
    }) as Node[];
    if (this.is("=>") && !this.isOnNewLine) return this.bare(start, list, false);
    if (list.length === 0) this.fail();
    // What an operator may follow.
    this.bareArrow = undefined;
    if (list.some((node) => !node || node.type === "SpreadElement")) this.fail();
    if (list.length === 1) return list[0];
    return { type: "SequenceExpression", start: from, end, expressions: list };
  }

  /** Parameters of an asynchronous arrow function, or a call of what is named so. */
  private asyncParenthesised(start: number, callee: Node): Node {
    this.expect("(");
    const list = this.list(")", () => this.element()) as Node[];
    if (this.is("=>") && !this.isOnNewLine) return this.bare(start, list, true);
    return this.node("CallExpression", start, { callee, arguments: list, optional: false });
  }

  private new(start: number): Node {
    const { start: from } = this;
    this.next();
    if (this.eat(".")) {
      const meta = { type: "Identifier", start: from, end: from + 3, name: "new" };
      const property = this.anyName();
      return this.node("MetaProperty", start, { meta, property });
    }
    const { start: inner } = this;
    const callee = this.chained(inner, this.primary(), false);
    const list = this.eat("(") ? this.list(")", () => this.element()) : [];
    return this.node("NewExpression", start, { callee, arguments: list });
  }

  /** `import.meta` is of a module, of which a function's text is none. */
  private import(start: number): Node {
    this.next();
    this.expect("(");
    const [source, options = null] = this.list(")", () => this.assignment());
    return this.node("ImportExpression", start, { source, options });
  }
}
