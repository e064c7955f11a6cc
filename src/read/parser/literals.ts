/** Functions, objects, arrays and classes. */
import { reserved, asPattern, type Context, type Node } from "./nodes.ts";
import { Primaries } from "./primaries.ts";

/** What stands before a member's name. */
interface Modifiers {
  readonly start: number;
  isStatic: boolean;
  isAsync: boolean;
  isGenerator: boolean;
  kind: "init" | "get" | "set";
}

export abstract class Literals extends Primaries {
  protected context: Context = { isAsync: false, isGenerator: false };
  /** Used, and declared by no class yet. */
  protected hidden = new Set<string>();

  /** What stands between commas. `noIn`: where `in` ends it. */
  abstract assignment(noIn?: boolean): Node;
  /** A member or a call, or what these begin with. */
  abstract leftHandSide(): Node;
  /** In braces. */
  abstract statements(): Node[];
  abstract functionBody(): Node;
  abstract semicolon(): void;

  /** A function of another context than the one around it. */
  protected within<T>(context: Context, parse: () => T): T {
    const outer = this.context;
    this.context = context;
    const made = parse();
    this.context = outer;
    return made;
  }

  /** From `function` on. */
  protected functionNode(type: string, start: number, isAsync: boolean): Node {
    this.expect("function");
    const isGenerator = this.eat("*");
    const id = this.is("(") ? null : this.identifier();
    return this.functionFrom(type, start, id, { isAsync, isGenerator });
  }

  /** From the parameters on. */
  protected functionFrom(type: string, start: number, id: Node | null, { isAsync, isGenerator }: Context): Node {
    return this.within({ isAsync, isGenerator }, () => {
      const params = this.parameters();
      const body = this.functionBody();
      return this.node(type, start, { id, expression: false, generator: isGenerator, async: isAsync, params, body });
    });
  }

  /** From the arrow on. */
  protected arrow(start: number, params: readonly Node[], isAsync: boolean, noIn: boolean): Node {
    this.expect("=>");
    return this.within({ isAsync, isGenerator: false }, () => {
      const isExpression = !this.is("{");
      const body = isExpression ? this.assignment(noIn) : this.functionBody();
      const fields = { id: null, expression: isExpression, generator: false, async: isAsync };
      return this.node("ArrowFunctionExpression", start, { ...fields, params: params.map(asPattern), body });
    });
  }

  private parameters(): Node[] {
    this.expect("(");
    return this.list(")", () => this.bindingElement()) as Node[];
  }

  /** Up to the bracket that ends it; a comma may stand before that, and nothing between two. */
  protected list(close: string, element: () => Node): (Node | null)[] {
    const found: (Node | null)[] = [];
    while (!this.eat(close)) {
      found.push(this.is(",") ? null : element());
      if (!this.is(close)) this.expect(",");
    }
    return found;
  }

  /** What is declared, with what it is where nothing is given. */
  protected bindingElement(): Node {
    const { start } = this;
    if (this.eat("...")) {
      const argument = this.binding();
      return this.node("RestElement", start, { argument });
    }
    const left = this.binding();
    return this.eat("=") ? this.withDefault(start, left) : left;
  }

  private withDefault(start: number, left: Node): Node {
    const right = this.assignment();
    return this.node("AssignmentPattern", start, { left, right });
  }

  protected binding(): Node {
    if (this.is("{")) return asPattern(this.object());
    return this.is("[") ? asPattern(this.array()) : this.identifier();
  }

  /** That of a variable. */
  protected identifier(): Node {
    if (this.kind !== "name" || reserved.has(this.value)) this.fail();
    return this.anyName();
  }

  protected anyName(): Node {
    if (this.kind !== "name") this.fail();
    const { start, value: name } = this;
    this.next();
    return this.node("Identifier", start, { name });
  }

  /** What may be spread into a list. */
  protected element(): Node {
    const { start } = this;
    if (!this.eat("...")) return this.assignment();
    const argument = this.assignment();
    return this.node("SpreadElement", start, { argument });
  }

  protected array(): Node {
    const { start } = this;
    this.expect("[");
    const elements = this.list("]", () => this.element());
    return this.node("ArrayExpression", start, { elements });
  }

  protected object(): Node {
    const { start } = this;
    this.expect("{");
    const properties = this.list("}", () => (this.is("...") ? this.element() : this.property()));
    return this.node("ObjectExpression", start, { properties });
  }

  private property(): Node {
    const { start, isAsync, isGenerator, kind } = this.modifiers(false);
    const { key, computed } = this.key();
    if (this.is("(")) {
      const value = this.functionFrom("FunctionExpression", this.start, null, { isAsync, isGenerator });
      return this.node("Property", start, { method: kind === "init", shorthand: false, computed, key, value, kind });
    }
    if (this.eat(":")) {
      const value = this.assignment();
      return this.node("Property", start, { method: false, shorthand: false, computed, key, value, kind });
    }
    if (key.type !== "Identifier" || computed || reserved.has(key.name as string)) this.fail();
    const value = this.eat("=") ? this.withDefault(key.start, { ...key }) : { ...key };
    return this.node("Property", start, { method: false, shorthand: true, computed, key, value, kind });
  }

  private modifiers(inClass: boolean): Modifiers {
    const found: Modifiers = { start: this.start, isStatic: false, isAsync: false, isGenerator: false, kind: "init" };
    if (inClass && this.isModifier("static")) found.isStatic = this.eat("static");
    if (this.isModifier("async") && !this.peek().isOnNewLine) found.isAsync = this.eat("async");
    else if (this.isModifier("get")) found.kind = this.eat("get") ? "get" : "init";
    else if (this.isModifier("set")) found.kind = this.eat("set") ? "set" : "init";
    found.isGenerator = this.eat("*");
    return found;
  }

  /** Otherwise it is a member's own name. */
  private isModifier(word: string): boolean {
    if (this.kind !== "name" || this.value !== word) return false;
    const { kind, value } = this.peek();
    return kind === "punctuator" ? value === "[" || value === "*" || (value === "{" && word === "static") : kind !== "end";
  }

  private key(): { readonly key: Node; readonly computed: boolean } {
    if (this.eat("[")) {
      const key = this.assignment();
      this.expect("]");
      return { key, computed: true };
    }
    const key = this.kind === "number" ? this.number() : this.kind === "string" ? this.string() : this.anyName();
    return { key, computed: false };
  }

  /** From `class` on. */
  protected classNode(type: string, start: number): Node {
    this.expect("class");
    const id = this.kind === "name" && !reserved.has(this.value) ? this.identifier() : null;
    const superClass = this.eat("extends") ? this.leftHandSide() : null;
    const body = this.classBody();
    return this.node(type, start, { id, superClass, body });
  }

  private classBody(): Node {
    const { start, hidden: outer } = this;
    this.hidden = new Set();
    this.expect("{");
    const body: Node[] = [];
    while (!this.eat("}")) if (!this.eat(";")) body.push(this.member());
    for (const { key } of body as { key?: Node }[]) if (key?.type === "PrivateIdentifier") this.hidden.delete(key.name as string);
    this.hidden = new Set([...outer, ...this.hidden]);
    return this.node("ClassBody", start, { body });
  }

  private member(): Node {
    const { start, isStatic, isAsync, isGenerator, kind } = this.modifiers(true);
    if (isStatic && this.is("{")) return this.staticBlock(start);
    const { key, computed } = this.kind === "private" ? { key: this.privateName(), computed: false } : this.key();
    if (this.is("(")) {
      const value = this.functionFrom("FunctionExpression", this.start, null, { isAsync, isGenerator });
      const name = key.type === "Literal" ? key.value : key.name;
      const isConstructor = !isStatic && !computed && key.type !== "PrivateIdentifier" && name === "constructor";
      const what = kind === "init" ? (isConstructor ? "constructor" : "method") : kind;
      return this.node("MethodDefinition", start, { static: isStatic, computed, key, kind: what, value });
    }
    const value = this.eat("=") ? this.within({ isAsync: false, isGenerator: false }, () => this.assignment()) : null;
    this.semicolon();
    return this.node("PropertyDefinition", start, { static: isStatic, computed, key, value });
  }

  private staticBlock(start: number): Node {
    const body = this.within({ isAsync: false, isGenerator: false }, () => this.statements());
    return this.node("StaticBlock", start, { body });
  }

  protected privateName(): Node {
    const { start, value: name } = this;
    this.hidden.add(name);
    this.next();
    return this.node("PrivateIdentifier", start, { name });
  }
}
