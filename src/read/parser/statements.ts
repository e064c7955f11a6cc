/** Statements. */
import { Expressions } from "./expressions.ts";
import { asPattern, type Node } from "./nodes.ts";

export class Statements extends Expressions {
  override semicolon(): void {
    if (!this.eat(";") && !this.is("}") && this.kind !== "end" && !this.isOnNewLine) this.fail();
  }

  override functionBody(): Node {
    const { start } = this;
    const body = this.statements();
    for (const statement of body) {
      const { type, start: from, expression } = statement;
      const { raw, start: inner } = (expression ?? {}) as { raw?: unknown; start?: number };
      // In parentheses it is no directive.
      if (type !== "ExpressionStatement" || typeof raw !== "string" || !/^["']/.test(raw) || inner !== from) break;
      statement.directive = raw.slice(1, -1);
    }
    return this.node("BlockStatement", start, { body });
  }

  override statements(): Node[] {
    this.expect("{");
    const body: Node[] = [];
    while (!this.eat("}")) body.push(this.statement());
    return body;
  }

  private block(): Node {
    const { start } = this;
    const body = this.statements();
    return this.node("BlockStatement", start, { body });
  }

  private statement(): Node {
    const { start, kind, value } = this;
    if (this.is("{")) return this.block();
    if (this.eat(";")) return this.node("EmptyStatement", start);
    const parse = kind === "name" && Object.hasOwn(this.byWord, value) ? this.byWord[value] : undefined;
    if (parse) return parse(start);
    const declares = this.declares();
    if (declares) return this.declaration(start, declares);
    if (this.isAsyncFunction()) {
      this.next();
      return this.functionNode("FunctionDeclaration", start, true);
    }
    const expression = this.expression();
    if (expression.type === "Identifier" && this.lastEnd === expression.end && this.eat(":")) {
      const body = this.statement();
      return this.node("LabeledStatement", start, { body, label: expression });
    }
    this.semicolon();
    return this.node("ExpressionStatement", start, { expression });
  }

  private isAsyncFunction(): boolean {
    if (!this.is("async")) return false;
    const { value, isOnNewLine } = this.peek();
    return value === "function" && !isOnNewLine;
  }

  private readonly byWord: Readonly<Record<string, (start: number) => Node>> = {
    function: (start) => this.functionNode("FunctionDeclaration", start, false),
    class: (start) => this.classNode("ClassDeclaration", start),
    if: (start) => this.if(start),
    for: (start) => this.for(start),
    while: (start) => {
      this.next();
      const test = this.inParentheses();
      const body = this.statement();
      return this.node("WhileStatement", start, { test, body });
    },
    with: (start) => {
      this.next();
      const object = this.inParentheses();
      const body = this.statement();
      return this.node("WithStatement", start, { object, body });
    },
    do: (start) => this.do(start),
    switch: (start) => this.switch(start),
    try: (start) => this.try(start),
    return: (start) => this.leaving("ReturnStatement", start),
    throw: (start) => this.leaving("ThrowStatement", start),
    break: (start) => this.jump("BreakStatement", start),
    continue: (start) => this.jump("ContinueStatement", start),
    debugger: (start) => {
      this.next();
      this.semicolon();
      return this.node("DebuggerStatement", start);
    },
  };

  private inParentheses(): Node {
    this.expect("(");
    const expression = this.expression();
    this.expect(")");
    return expression;
  }

  private if(start: number): Node {
    this.next();
    const test = this.inParentheses();
    const consequent = this.statement();
    const alternate = this.eat("else") ? this.statement() : null;
    return this.node("IfStatement", start, { test, consequent, alternate });
  }

  private do(start: number): Node {
    this.next();
    const body = this.statement();
    this.expect("while");
    const test = this.inParentheses();
    this.eat(";");
    return this.node("DoWhileStatement", start, { body, test });
  }

  private leaving(type: string, start: number): Node {
    this.next();
    const isAlone = this.is(";") || this.is("}") || this.isOnNewLine;
    const argument = isAlone ? null : this.expression();
    this.semicolon();
    return this.node(type, start, { argument });
  }

  private jump(type: string, start: number): Node {
    this.next();
    const label = this.kind === "name" && !this.isOnNewLine ? this.identifier() : null;
    this.semicolon();
    return this.node(type, start, { label });
  }

  private switch(start: number): Node {
    this.next();
    const discriminant = this.inParentheses();
    this.expect("{");
    const cases: Node[] = [];
    while (!this.eat("}")) cases.push(this.case());
    return this.node("SwitchStatement", start, { discriminant, cases });
  }

  private case(): Node {
    const { start } = this;
    const test = this.eat("default") ? null : (this.expect("case"), this.expression());
    this.expect(":");
    const consequent: Node[] = [];
    while (!this.is("case") && !this.is("default") && !this.is("}")) consequent.push(this.statement());
    return this.node("SwitchCase", start, { consequent, test });
  }

  private try(start: number): Node {
    this.next();
    const block = this.block();
    const handler = this.is("catch") ? this.catch() : null;
    const finalizer = this.eat("finally") ? this.block() : null;
    return this.node("TryStatement", start, { block, handler, finalizer });
  }

  private catch(): Node {
    const { start } = this;
    this.next();
    let param: Node | null = null;
    if (this.eat("(")) {
      param = this.binding();
      this.expect(")");
    }
    const body = this.block();
    return this.node("CatchClause", start, { param, body });
  }

  private for(start: number): Node {
    this.next();
    const isAwaited = this.eat("await");
    this.expect("(");
    const from = this.start;
    const declares = this.declares();
    let init: Node | null = null;
    if (declares) init = this.variables(from, declares, true);
    else if (!this.is(";")) init = this.expression(true);
    if (init && (this.is("of") || this.is("in"))) return this.forEach(start, declares ? init : asPattern(init), isAwaited);
    this.expect(";");
    const test = this.is(";") ? null : this.expression();
    this.expect(";");
    const update = this.is(")") ? null : this.expression();
    this.expect(")");
    const body = this.statement();
    return this.node("ForStatement", start, { init, test, update, body });
  }

  private forEach(start: number, left: Node, isAwaited: boolean): Node {
    const isOf = this.is("of");
    this.next();
    const right = isOf ? this.assignment() : this.expression();
    this.expect(")");
    const body = this.statement();
    return this.node(isOf ? "ForOfStatement" : "ForInStatement", start, { ...(isOf && { await: isAwaited }), left, right, body });
  }

  /** What declares variables here, if something does. */
  private declares(): string | undefined {
    if (this.is("var") || this.is("const")) return this.value;
    if (!this.is("let") && !this.is("using")) return undefined;
    const next = this.peek();
    if (this.is("using") && next.isOnNewLine) return undefined;
    if (next.kind === "name") return /^(in|of|instanceof)$/.test(next.value) ? undefined : this.value;
    return this.is("let") && (next.value === "[" || next.value === "{") ? "let" : undefined;
  }

  private declaration(start: number, kind: string): Node {
    const node = this.variables(start, kind, false);
    this.semicolon();
    node.end = this.lastEnd;
    return node;
  }

  private variables(start: number, kind: string, noIn: boolean): Node {
    this.next();
    const declarations: Node[] = [];
    do {
      const { start: from } = this;
      const id = this.binding();
      const init = this.eat("=") ? this.assignment(noIn) : null;
      declarations.push(this.node("VariableDeclarator", from, { id, init }));
    } while (this.eat(","));
    return this.node("VariableDeclaration", start, { declarations, kind });
  }
}
