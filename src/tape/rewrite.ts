/**
 * Rewrites a function's text so that it also runs on traced numbers: operators, conditions, keys and what the engine would
 * decide by itself go through the runtime, under one name. All other text stays as it is.
 */
import type {
  AnyNode,
  AssignmentExpression,
  BinaryExpression,
  CallExpression,
  CatchClause,
  Expression,
  ForStatement,
  Identifier,
  UpdateExpression,
} from "acorn";
import { UnreadableConstruct } from "../read/syntax/errors.ts";
import { childrenOf } from "../read/syntax/children.ts";
import { coverageCounter } from "../read/syntax/injected.ts";
import type { Source } from "../read/syntax/source.ts";
import { remedies } from "../read/syntax/unsupported.ts";
import type { Names } from "../read/syntax/names.ts";
import { isLabel, joined, unended, yieldWithin } from "./rewrite-text.ts";
import { watchedMethods } from "./runtime/methods.ts";
import { NameRewriter } from "./rewrite-names.ts";

/** What the runtime is called in rewritten text: a name that the text does not have. */
export function runtimeName(text: string): string {
  let name = "__tape";
  while (text.includes(name)) name += "_";
  return name;
}

/** The runtime's names for the operators. */
const binaryOperators: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "rem",
  "**": "pow",
  "|": "or32",
  "&": "and32",
  "^": "xor32",
  "<<": "shl",
  ">>": "shr",
  ">>>": "ushr",
  "<": "lt",
  "<=": "le",
  ">": "gt",
  ">=": "ge",
  "===": "same",
  "==": "equal",
};

const unaryOperators: Readonly<Record<string, string>> = { "-": "neg", "+": "number", "~": "not32", typeof: "typeOf" };

const untraceable = new Set(["AwaitExpression", "ImportExpression", "MetaProperty", "WithStatement"]);

export class Rewriter {
  private readonly names: NameRewriter;

  /** `root`: of the whole text. `runtime`: what the runtime is called. */
  constructor(
    private readonly source: Source,
    root: AnyNode,
    private readonly runtime: string,
  ) {
    this.names = new NameRewriter(source, root, runtime);
  }

  /** Rewritten text of a node within the scope of these names. */
  text(node: AnyNode, names: Names): string {
    if (untraceable.has(node.type)) return this.refuse(node);
    if (node.type === "Identifier") return this.names.identifier(node, names);
    const inner = names.within(node);
    return this.expression(node, inner) ?? this.statement(node, inner) ?? this.spliced(node, inner);
  }

  private call(name: string, ...args: string[]): string {
    return `${this.runtime}.${name}(${args.join(", ")})`;
  }

  /** Undefined where it keeps its own text, its parts apart. */
  private expression(node: AnyNode, names: Names): string | undefined {
    const part = (child: AnyNode): string => this.text(child, names);
    switch (node.type) {
      case "BinaryExpression":
        return this.binary(node, names);
      case "UnaryExpression":
        if (node.operator === "!") return `!(${this.condition(node.argument, names)})`;
        return node.operator in unaryOperators ? this.call(unaryOperators[node.operator], part(node.argument)) : undefined;
      case "LogicalExpression":
        if (node.operator === "??") return undefined;
        return this.call(node.operator === "&&" ? "and" : "or", part(node.left), `() => (${this.later(node.right, names)})`);
      case "ConditionalExpression":
        return `(${this.condition(node.test, names)} ? ${part(node.consequent)} : ${part(node.alternate)})`;
      case "AssignmentExpression":
        return this.assignment(node, names);
      case "UpdateExpression": {
        const counter = coverageCounter(node);
        return counter !== undefined && !names.declares(counter) ? "void 0" : this.step(node, names);
      }
      case "MemberExpression":
        return (
          this.names.importedName(node, names) ?? this.spliced(node, names, node.computed ? this.keyed(node.property) : undefined)
        );
      case "CallExpression":
        return this.watchedCall(node, names);
      case "Property":
      case "MethodDefinition":
      case "PropertyDefinition":
        return this.property(node, names);
      case "SequenceExpression":
        return `(${this.spliced(node, names)})`;
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        return node.async ? this.refuse(node) : undefined;
      default:
        return undefined;
    }
  }

  private binary(node: BinaryExpression, names: Names): string | undefined {
    const { operator } = node;
    if (operator === "in" && node.left.type === "PrivateIdentifier") return undefined;
    if (operator !== "in" && !(operator in binaryOperators) && !/^!==?$/.test(operator)) return undefined;
    const [left, right] = [this.text(node.left, names), this.text(node.right, names)];
    if (operator === "in") return `(${this.call("key", left)} in (${right}))`;
    if (operator === "!==" || operator === "!=") return `!${this.call(operator === "!==" ? "same" : "equal", left, right)}`;
    return this.call(binaryOperators[operator], left, right);
  }

  /** Undefined where it keeps its own text, its parts apart. */
  private statement(node: AnyNode, names: Names): string | undefined {
    const asKey = (text: string): string => this.call("key", text);
    switch (node.type) {
      case "CatchClause":
        return this.caught(node, names);
      case "SwitchStatement":
        return this.spliced(node, names, new Map([[node.discriminant, asKey]]));
      case "SwitchCase":
        return node.test ? this.spliced(node, names, new Map([[node.test, asKey]])) : undefined;
      case "IfStatement":
      case "WhileStatement":
      case "DoWhileStatement":
        return this.spliced(node, names, new Map([[node.test, () => this.condition(node.test, names)]]));
      case "ForStatement":
        return this.loop(node, names);
      case "ForInStatement":
      case "ForOfStatement":
        return this.spliced(node, names, new Map([[node.left, unended]]));
      case "ExpressionStatement":
        // The node's own text has the brackets of `({ a } = b)`.
        return node.expression.type === "UpdateExpression"
          ? `${this.effect(node.expression, names)};`
          : `${unended(this.spliced(node, names))};`;
      // The end of a line ends no statement where rewritten text that follows begins with a bracket.
      case "VariableDeclaration":
      case "ReturnStatement":
      case "ThrowStatement":
        return `${unended(this.spliced(node, names))};`;
      default:
        return undefined;
    }
  }

  /** The node's own text with its children's rewritten. */
  private spliced(node: AnyNode, names: Names, change: ReadonlyMap<AnyNode, (text: string) => string> = new Map()): string {
    const text = this.source.textOf(node);
    let result = "";
    let end = node.start;
    for (const child of childrenOf(node).sort((a, b) => a.start - b.start)) {
      // Labels and names of properties are no variables.
      if (isLabel(node, child)) continue;
      const rewritten = change.get(child)?.(this.text(child, names)) ?? this.text(child, names);
      result = joined(joined(result, text.slice(end - node.start, child.start - node.start)), rewritten);
      end = child.end;
    }
    return joined(result, text.slice(end - node.start));
  }

  /** Rewritten text that goes into a function of its own, which cannot yield for the one around it. */
  private later(node: AnyNode, names: Names): string {
    const yielded = yieldWithin(node);
    return yielded ? this.refuse(yielded) : this.text(node, names);
  }

  private condition(node: AnyNode, names: Names): string {
    if (node.type === "LogicalExpression" && node.operator !== "??") {
      return `(${this.condition(node.left, names)} ${node.operator} ${this.condition(node.right, names)})`;
    }
    const text = this.text(node, names);
    const decided =
      (node.type === "BinaryExpression" && /^[<>=!i]/.test(node.operator) && !["<<", ">>", ">>>"].includes(node.operator)) ||
      (node.type === "UnaryExpression" && node.operator === "!");
    return decided ? text : `${this.runtime}.truthy(${text})`;
  }

  private loop(node: ForStatement, names: Names): string {
    const change = new Map<AnyNode, (text: string) => string>();
    const { init, test, update } = node;
    if (init) change.set(init, unended);
    if (test) change.set(test, () => this.condition(test, names));
    if (update) change.set(update, () => this.effect(update, names));
    return this.spliced(node, names, change);
  }

  /** An expression whose value nobody uses. */
  private effect(node: Expression, names: Names): string {
    return node.type === "UpdateExpression" ? this.step({ ...node, prefix: true }, names) : this.text(node, names);
  }

  private assignment(node: AssignmentExpression, names: Names): string {
    const { left, operator } = node;
    if (operator === "=" && left.type === "MemberExpression" && left.computed && left.object.type !== "Super") {
      const [object, property, value] = [left.object, left.property, node.right].map((part) => this.text(part, names));
      return `${this.runtime}.put(${object}, ${property}, ${value})`;
    }
    if (operator === "=" || operator === "??=") return this.spliced(node, names);
    const right = left.type === "MemberExpression" ? this.later(node.right, names) : this.text(node.right, names);
    const changed = (old: string): string => {
      if (operator === "&&=" || operator === "||=")
        return `${this.runtime}.${operator === "&&=" ? "and" : "or"}(${old}, () => (${right}))`;
      return `${this.runtime}.${binaryOperators[operator.slice(0, -1)]}(${old}, ${right})`;
    };
    return this.changed(left, names, changed, "update");
  }

  private step({ argument, operator, prefix }: UpdateExpression, names: Names): string {
    const changed = (old: string): string => `${this.runtime}.step(${old}, ${operator === "++" ? 1 : -1})`;
    return this.changed(argument, names, changed, prefix ? "update" : "updateAfter");
  }

  /** target = changed(target), the target's own parts evaluated once. */
  private changed(target: AnyNode, names: Names, changed: (old: string) => string, gives: "update" | "updateAfter"): string {
    const text = this.text(target, names);
    const isMember =
      target.type === "MemberExpression" && target.property.type !== "PrivateIdentifier" && target.object.type !== "Super";
    if (!isMember) {
      // The text stands there twice.
      if (target.type === "MemberExpression" && !["Super", "ThisExpression", "Identifier"].includes(target.object.type))
        this.refuse(target.property);
      const assigned = `${text} = ${changed(text)}`;
      return gives === "update" ? `(${assigned})` : `${this.runtime}.first(${this.runtime}.numeric(${text}), ${assigned})`;
    }
    const property = target.computed
      ? `${this.runtime}.key(${this.text(target.property, names)})`
      : JSON.stringify((target.property as Identifier).name);
    return `${this.runtime}.${gives}(${this.text(target.object, names)}, ${property}, (${this.runtime}_old) => ${changed(`${this.runtime}_old`)})`;
  }

  private keyed(property: AnyNode): ReadonlyMap<AnyNode, (text: string) => string> | undefined {
    return property.type === "Literal" ? undefined : new Map([[property, (text) => `${this.runtime}.key(${text})`]]);
  }

  private watchedCall({ callee, arguments: args, optional }: CallExpression, names: Names): string | undefined {
    if (callee.type !== "MemberExpression" || callee.object.type === "Super" || callee.property.type === "PrivateIdentifier")
      return undefined;
    const name = !callee.computed && callee.property.type === "Identifier" ? callee.property.name : undefined;
    if ((name !== undefined && !watchedMethods.has(name)) || this.names.importedName(callee, names)) return undefined;
    if (optional || callee.optional) {
      throw this.source.error(UnreadableConstruct, callee, {
        construct: "?.",
        what: "A method cannot be traced where it may be missing",
        remedy: "Test the object with `if` and call the method without `?.`.",
      });
    }
    const key = name === undefined ? this.text(callee.property, names) : JSON.stringify(name);
    return `${this.runtime}.call(${this.text(callee.object, names)}, ${key}, [${args.map((arg) => this.text(arg, names)).join(", ")}])`;
  }

  private property(
    node: Extract<AnyNode, { type: "Property" | "MethodDefinition" | "PropertyDefinition" }>,
    names: Names,
  ): string {
    if (node.type === "Property" && node.shorthand) {
      const value = this.text(node.value, names);
      return node.value.type === "Identifier" && value !== node.value.name ? `${node.value.name}: ${value}` : value;
    }
    return this.spliced(node, names, node.computed ? this.keyed(node.key) : undefined);
  }

  private caught({ param, body }: CatchClause, names: Names): string {
    const caught = `${this.runtime}_caught`;
    const bound = param ? `let ${this.text(param, names)} = ${caught}; ` : "";
    return `catch (${caught}) { ${this.runtime}.rethrow(${caught}); ${bound}${this.text(body, names)} }`;
  }

  private refuse(node: AnyNode): never {
    const [construct, remedy] = remedies[node.type] ??
      untraced[node.type] ?? ["An async function", "Await data before solving, and pass it in `constants`."];
    throw this.source.error(UnreadableConstruct, node, { construct, what: `${construct} cannot be traced`, remedy });
  }
}

const untraced: Readonly<Record<string, readonly [construct: string, remedy: string]>> = {
  PrivateIdentifier: ["A private field that is changed in an object that is computed", "Give the object a name first."],
  Identifier: ["A property of `super` that is changed in place", "Give its value a name first."],
};
