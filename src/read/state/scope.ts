/** Declares scopes of names, activations of functions, and the exits of loops and functions. */
import type { AnyNode } from "acorn";
import type { Item } from "./items.ts";
import type { Cell } from "./cells.ts";
import type { FunctionNode, Source } from "../syntax/source.ts";

/** A call of a function that is being read into its caller. */
export interface Activation {
  readonly source: Source;
  readonly node: FunctionNode;
  readonly name: string;
  /** Takes what `return` gives. */
  readonly give: (item: Item, node: AnyNode) => void;
  readonly caller?: Activation;
  /** What `this` is. */
  readonly self?: Item;
}

/** Where `break`, `continue` or `return` leads; its flag is true once it was taken. */
export interface Exit {
  readonly kind: "break" | "continue" | "return";
  readonly labels: readonly string[];
  /** `break` and `continue` without a label lead here (not to a labelled block). */
  readonly plain: boolean;
  readonly flag: Cell;
}

export class Scope {
  private readonly names = new Map<string, Cell>();

  constructor(
    private readonly parent: Scope | undefined,
    readonly activation: Activation,
    readonly exits: readonly Exit[],
  ) {}

  inner(exits: readonly Exit[] = []): Scope {
    return new Scope(this, this.activation, exits.length ? [...this.exits, ...exits] : this.exits);
  }

  declare(name: string, cell: Cell): void {
    this.names.set(name, cell);
  }

  own(name: string): Cell | undefined {
    return this.names.get(name);
  }

  find(name: string): Cell | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }
}
