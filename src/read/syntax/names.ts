/** Tells which names a function's text declares, and where they hold. */
import { memo } from "../../core/memo.ts";
import type { AnyNode, Statement } from "acorn";
import { namesIn } from "./assigned.ts";
import { childrenOf } from "./children.ts";

export class Names {
  constructor(
    private readonly outer: Names | undefined,
    private readonly own: ReadonlySet<string>,
  ) {}

  declares(name: string): boolean {
    return this.declaring(name) !== undefined;
  }

  /** Those that a name is among, of these and those around them. */
  declaring(name: string): Names | undefined {
    return this.own.has(name) ? this : this.outer?.declaring(name);
  }

  /** The names that hold within a node: its own, and those around it. */
  within(node: AnyNode): Names {
    const own = declaredBy(node);
    return own.length ? new Names(this, new Set(own)) : this;
  }
}

function declaredBy(node: AnyNode): string[] {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
      return ofFunction(node);
    case "ClassExpression":
    case "ClassDeclaration":
      return node.id ? [node.id.name] : [];
    case "BlockStatement":
    case "StaticBlock":
      return lexical(node.body);
    case "SwitchStatement":
      return node.cases.flatMap((one) => lexical(one.consequent));
    case "ForStatement":
      return node.init?.type === "VariableDeclaration" ? lexical([node.init]) : [];
    case "ForInStatement":
    case "ForOfStatement":
      return node.left.type === "VariableDeclaration" ? lexical([node.left]) : [];
    case "CatchClause":
      return node.param ? namesIn(node.param) : [];
    default:
      return [];
  }
}

type FunctionNode = Extract<AnyNode, { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }>;

function ofFunction(node: FunctionNode): string[] {
  const names = [...node.params.flatMap((pattern) => namesIn(pattern)), ...childrenOf(node.body).flatMap(hoisted)];
  if (node.type === "ArrowFunctionExpression") return names;
  return node.id ? [...names, node.id.name, "arguments"] : [...names, "arguments"];
}

/** Names of `let`, `const`, classes and functions among the statements of a block. */
function lexical(statements: readonly Statement[] | readonly AnyNode[]): string[] {
  return (statements as readonly AnyNode[]).flatMap((node) => {
    if (node.type === "VariableDeclaration") return node.declarations.flatMap((one) => namesIn(one.id));
    return (node.type === "FunctionDeclaration" || node.type === "ClassDeclaration") && node.id ? [node.id.name] : [];
  });
}

/** Names that `var` declares anywhere in a function's body, or a part of it. */
export const varNames = memo((body: AnyNode): readonly string[] => hoisted(body));

function hoisted(node: AnyNode): string[] {
  switch (node.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ClassDeclaration":
    case "ClassExpression":
    // Expressions hold no statements but those of functions and classes.
    case "ExpressionStatement":
      return [];
    case "VariableDeclaration":
      return node.kind === "var" ? node.declarations.flatMap((one) => namesIn(one.id)) : [];
    default:
      return childrenOf(node).flatMap(hoisted);
  }
}
