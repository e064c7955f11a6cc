/** Finds the functions of a file that may be read as parts of a problem, and where they stand. */
import type { AnyNode, CallExpression, MemberExpression, Program } from "acorn";
import { childrenOf } from "../src/read/syntax/children.ts";
import { namesIn } from "../src/read/syntax/assigned.ts";
import { Names } from "../src/read/syntax/names.ts";
import { isUnreadable } from "./unreadable.ts";
import { isValue } from "./plain-text.ts";

export type FunctionNode = Extract<AnyNode, { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }>;

/** How a function stands in the text, which says how something is put beside it. */
export type Stand =
  | { readonly kind: "expression" }
  /** Within statements, if these have a beginning. */
  | { readonly kind: "declaration"; readonly name: string; readonly statements: readonly AnyNode[] | undefined }
  | { readonly kind: "method"; readonly property: AnyNode; readonly key: AnyNode }
  | { readonly kind: "class method"; readonly body: AnyNode; readonly key: AnyNode; readonly isStatic: boolean }
  /** Called where it stands, by the engine or by a method of arrays; or with nothing to be put beside it. */
  | { readonly kind: "inline" };

export class Found {
  /** Nothing in it is plainly no part of a problem. */
  isReadable = true;

  constructor(
    readonly node: FunctionNode,
    readonly stand: Stand,
    /** The names around it. */
    readonly names: Names,
    readonly within: Found | undefined,
    /** The name of a variable that holds it. */
    readonly name: string | undefined,
  ) {}
}

/** `target.bind(self, …)` */
export interface Bind {
  readonly node: AnyNode;
  readonly target: AnyNode;
  readonly method: AnyNode;
}

/** A name that is read or written, but for where it is declared. */
interface Reference {
  readonly name: string;
  readonly scope: Names | undefined;
  readonly within: Found | undefined;
  readonly isCalled: boolean;
}

interface At {
  readonly names: Names;
  readonly within: Found | undefined;
  readonly stand: Stand;
  readonly name?: string;
}

const methodsOfArrays = new Set(
  "map forEach reduce reduceRight filter some every find findIndex findLast findLastIndex sort toSorted flatMap from".split(" "),
);
/** What is handed to these runs later, for what it does. */
const listeners = new Set("then catch finally addEventListener removeEventListener on once off subscribe".split(" "));

const isFunction = (node: AnyNode): node is FunctionNode =>
  node.type === "FunctionDeclaration" || node.type === "FunctionExpression" || node.type === "ArrowFunctionExpression";

const EXPRESSION: Stand = { kind: "expression" };
const INLINE: Stand = { kind: "inline" };

export class Survey {
  readonly functions: Found[] = [];
  /** Calls of `bind`, of what is there for sure. */
  readonly binds: Bind[] = [];
  private readonly references: Reference[] = [];
  private readonly imports: ReadonlyMap<string, string>;

  constructor(program: Program) {
    this.imports = importsOfLibrary(program);
    const names = new Names(undefined, new Set(program.body.flatMap((statement) => topLevelNames(statement))));
    for (const statement of program.body)
      this.visit(statement, { names, within: undefined, stand: standOf(statement, program.body) });
  }

  /** Those that something is to be put beside, the inner ones first. */
  get chosen(): Found[] {
    return this.functions
      .filter((found) => found.isReadable && found.stand.kind !== "inline" && !this.isOnlyCalled(found))
      .reverse();
  }

  /** By the function that it is declared in, and nobody else: then nobody else sees it. */
  private isOnlyCalled({ within, names, name }: Found): boolean {
    if (!within || name === undefined) return false;
    const scope = names.declaring(name);
    const all = this.references.filter((reference) => reference.name === name && reference.scope === scope);
    return all.every(({ isCalled, within: caller }) => isCalled && enclosing(caller) === enclosing(within));
  }

  private visit(node: AnyNode, at: At): void {
    if (!isValue(node)) return;
    if (isUnreadable(node, at.names, this.imports)) for (let each = at.within; each; each = each.within) each.isReadable = false;
    if (isFunction(node)) return this.visitFunction(node, at);
    const names = at.names.within(node);
    const inner: At = { names, within: at.within, stand: EXPRESSION };
    switch (node.type) {
      case "Identifier":
        return this.refer(node.name, inner, false);
      case "CallExpression":
        return this.visitCall(node, inner);
      case "MemberExpression":
        this.visit(node.object, inner);
        return node.computed ? this.visit(node.property, inner) : undefined;
      case "VariableDeclarator": {
        const isNamed = node.id.type === "Identifier";
        if (!isNamed) this.visit(node.id, inner);
        return node.init
          ? this.visit(node.init, { ...inner, name: node.id.type === "Identifier" ? node.id.name : undefined })
          : undefined;
      }
      case "Property": {
        if (node.computed) this.visit(node.key, inner);
        const isMethod = node.method && !node.computed;
        const stand: Stand = isMethod
          ? { kind: "method", property: node, key: node.key }
          : node.kind !== "init" || node.method
            ? INLINE
            : EXPRESSION;
        return this.visit(node.value, { ...inner, stand });
      }
      case "ClassBody":
        return node.body.forEach((member) => this.visitMember(member, node, inner));
      case "BlockStatement":
      case "StaticBlock":
        return node.body.forEach((statement) => this.visit(statement, { ...inner, stand: standOf(statement, node.body) }));
      case "ExportNamedDeclaration":
      case "ExportDefaultDeclaration":
        return node.declaration ? this.visit(node.declaration, { ...inner, stand: at.stand }) : undefined;
      case "LabeledStatement":
        return this.visit(node.body, inner);
      case "BreakStatement":
      case "ContinueStatement":
      case "MetaProperty":
      case "ImportDeclaration":
        return;
      default:
        return childrenOf(node).forEach((child) => this.visit(child, { ...inner, stand: standOf(child, undefined) }));
    }
  }

  private visitFunction(node: FunctionNode, at: At): void {
    const name = node.type === "FunctionDeclaration" ? node.id?.name : at.name;
    const found = new Found(node, at.stand, at.names, at.within, name);
    found.isReadable = !node.async && !node.generator;
    this.functions.push(found);
    const inner: At = { names: at.names.within(node), within: found, stand: EXPRESSION };
    node.params.forEach((parameter) => this.visit(parameter, inner));
    this.visit(node.body, inner);
  }

  private visitCall(node: CallExpression, at: At): void {
    const { callee } = node;
    if (isBind(node)) this.binds.push({ node, target: node.callee.object, method: node.callee.property });
    if (callee.type === "Identifier") this.refer(callee.name, at, true);
    else this.visit(callee, { ...at, stand: isFunction(callee) ? INLINE : EXPRESSION });
    const method = callee.type === "MemberExpression" && callee.property.type === "Identifier" ? callee.property.name : "";
    const stand = methodsOfArrays.has(method) || listeners.has(method) ? INLINE : EXPRESSION;
    node.arguments.forEach((argument) => this.visit(argument, { ...at, stand }));
  }

  private visitMember(node: AnyNode, body: AnyNode, at: At): void {
    if (node.type === "PropertyDefinition") {
      if (node.computed) this.visit(node.key, at);
      return node.value ? this.visit(node.value, at) : undefined;
    }
    if (node.type !== "MethodDefinition") return this.visit(node, at);
    const { key, computed, kind, value } = node;
    if (computed) this.visit(key, at);
    // Of an abstract one there is none.
    if (!isFunction(value)) return;
    const isPlain = kind === "method" && !computed && key.type !== "PrivateIdentifier" && !("decorators" in node);
    this.visit(value, { ...at, stand: isPlain ? { kind: "class method", body, key, isStatic: node.static } : INLINE });
  }

  private refer(name: string, { names, within }: At, isCalled: boolean): void {
    this.references.push({ name, scope: names.declaring(name), within, isCalled });
  }
}

function isBind(node: CallExpression): node is CallExpression & { readonly callee: MemberExpression } {
  const { callee } = node;
  if (callee.type !== "MemberExpression" || callee.computed || node.optional || node.arguments.length === 0) return false;
  const { object, property } = callee;
  return !callee.optional && object.type !== "Super" && property.type === "Identifier" && property.name === "bind";
}

/** The function that calls what stands inline. */
function enclosing(found: Found | undefined): Found | undefined {
  return found?.stand.kind === "inline" ? enclosing(found.within) : found;
}

function standOf(statement: AnyNode, statements: readonly AnyNode[] | undefined): Stand {
  const { type } = statement;
  const isExport = type === "ExportNamedDeclaration" || type === "ExportDefaultDeclaration";
  if (isExport) return statement.declaration ? standOf(statement.declaration, statements) : EXPRESSION;
  return type === "FunctionDeclaration" && statement.id
    ? { kind: "declaration", name: statement.id.name, statements }
    : EXPRESSION;
}

/** What imports of the library are called there, by their local names; `*` is all of it. */
function importsOfLibrary(program: Program): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration" || !/^odegrad(\/|$)/.test(String(statement.source.value))) continue;
    for (const specifier of statement.specifiers) {
      if (specifier.type !== "ImportSpecifier") found.set(specifier.local.name, "*");
      else if (specifier.imported.type === "Identifier") found.set(specifier.local.name, specifier.imported.name);
    }
  }
  return found;
}

function topLevelNames(node: AnyNode): string[] {
  switch (node.type) {
    case "ImportDeclaration":
      return node.specifiers.map(({ local }) => local.name);
    case "ExportNamedDeclaration":
      return node.declaration ? topLevelNames(node.declaration) : [];
    case "ExportDefaultDeclaration":
      return topLevelNames(node.declaration);
    case "VariableDeclaration":
      return node.declarations.flatMap(({ id }) => namesIn(id));
    default:
      return "id" in node && node.id?.type === "Identifier" ? [node.id.name] : [];
  }
}
