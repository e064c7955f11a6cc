/** Names in rewritten text: globals, functions of the library, and what is refused. */
import type { AnyNode, Identifier, MemberExpression } from "acorn";
import { CapturedVariable, UnreadableConstruct } from "../read/syntax/errors.ts";
import { arrayOperationOf } from "../operations/override.ts";
import { boundTo } from "../read/constants/bindings.ts";
import { isCaptured } from "../read/constants/scopes.ts";
import { fromOutside } from "../read/syntax/captured.ts";
import { isGlobal } from "../read/syntax/engine-globals.ts";
import { isImport, isNameKeeper, originalName } from "../read/syntax/injected.ts";
import type { Names } from "../read/syntax/names.ts";
import type { Source } from "../read/syntax/source.ts";
import { globals } from "./runtime/globals.ts";

export class NameRewriter {
  constructor(
    private readonly source: Source,
    /** Of the whole text. */
    private readonly root: AnyNode,
    /** What the runtime is called. */
    private readonly runtime: string,
  ) {}

  /** Which the text may call itself by without declaring it. */
  private get self(): string {
    return (this.source.fn as { name: string }).name;
  }

  /** The class that the text's own extends. */
  private get parent(): AnyNode | null | undefined {
    return this.root.type === "ClassExpression" ? this.root.superClass : undefined;
  }

  /** Text of a name. */
  identifier(node: Identifier, names: Names): string {
    const { name } = node;
    if (names.declares(name)) return name;
    if (isCaptured(this.source.fn, name) && node !== this.parent) return `${this.runtime}.captured.${name}`;
    if (Object.hasOwn(globals, name)) return `${this.runtime}.globals.${name}`;
    if (name === "globalThis") return `${this.runtime}.globals`;
    if (node === this.parent) return `${this.runtime}.parent`;
    if (isNameKeeper(name)) return `${this.runtime}.keepName`;
    return (
      this.libraryFunction(name) ??
      (name === this.self && !(name in globalThis) ? `${this.runtime}_self` : this.refuse(node, name))
    );
  }

  /** The array operation, or `ndarray`, that a free name stands for. */
  private libraryFunction(name: string): string | undefined {
    const bound = boundTo(this.source.fn, name);
    const operation = (bound && arrayOperationOf(bound)?.name) ?? originalName(name);
    return operation === "ndarray" || bound ? `${this.runtime}.library.${operation}` : undefined;
  }

  private refuse(node: AnyNode, name: string): never {
    if (isGlobal(name) || name in globalThis) {
      throw this.source.error(UnreadableConstruct, node, {
        construct: name,
        what: `\`${name}\` cannot be traced`,
        remedy: "Compute with numbers; prepare everything else before solving and pass it in `constants`.",
      });
    }
    throw this.source.error(CapturedVariable, node, fromOutside(name));
  }

  /** What bundlers make of an imported name: `import_odegrad.matmul`, `__vite_ssr_import_0__.default`. */
  importedName(node: MemberExpression, names: Names): string | undefined {
    const { object, property } = node;
    if (object.type !== "Identifier" || node.computed || property.type !== "Identifier") return undefined;
    const root = object.name;
    if (
      names.declares(root) ||
      isCaptured(this.source.fn, root) ||
      Object.hasOwn(globals, root) ||
      root === "globalThis" ||
      this.libraryFunction(root) ||
      root === this.self
    )
      return undefined;
    const { name } = property;
    if (name === "ndarray" || (name === "default" && isImport(root))) return `${this.runtime}.library.ndarray`;
    return this.libraryFunction(`${root}.${name}`) ?? this.refuse(node, `${root}.${name}`);
  }
}
