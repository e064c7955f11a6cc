/**
 * Writes the statements of a function. Values have locals; one that is used once, in the block that defines it, waits as an
 * expression for that use, as long as nothing writes what it reads.
 */
import type { ArrayDeclaration, Block, Program, Value } from "../../ir/ir.ts";
import { constant, get, set, wasmType, type Tree } from "./tree.ts";
import type { Uses } from "./uses.ts";

/** The assembler and the engine go through expressions by recursion. */
const DEEPEST_EXPRESSION = 40;

/** An expression not yet written down. */
export interface Expression {
  readonly tree: Tree;
  readonly depth: number;
  /** The arrays it reads: it must be evaluated before they are written. */
  readonly reads: ReadonlySet<ArrayDeclaration>;
}

export const NOTHING: ReadonlySet<ArrayDeclaration> = new Set();

export class Writer {
  protected readonly locals: Tree[] = [];
  protected readonly names = new Map<Value, string>();
  protected statements: Tree[] = [];
  /** The block that is being written. */
  protected block: Block;
  private readonly pending = new Map<Value, Expression>();
  private count = 0;

  constructor(
    protected readonly program: Program,
    private readonly uses: ReadonlyMap<Value, Uses>,
  ) {
    this.block = program.body;
  }

  line(...trees: readonly Tree[]): void {
    this.statements.push(...trees);
  }

  /** The statements that `emit` writes, apart. */
  collect(emit: () => void): Tree[] {
    const outer = this.statements;
    const inner: Tree[] = (this.statements = []);
    emit();
    this.statements = outer;
    return inner;
  }

  label(): string {
    return `$l${this.count++}`;
  }

  local(type: "f64" | "i32" | "v128", name = `$t${this.count++}`): string {
    this.locals.push(["local", name, type]);
    return name;
  }

  nameOf(value: Value): string {
    let name = this.names.get(value);
    if (!name) this.names.set(value, (name = this.local(wasmType(value.type), `$x${value.id}`)));
    return name;
  }

  isUsed(value: Value): boolean {
    return this.uses.has(value);
  }

  /** The value as an expression; one that was waiting for this use is used up. */
  use(value: Value): Tree {
    return this.expression(value).tree;
  }

  protected expression(value: Value): Expression {
    if (value.constant !== undefined) return { tree: constant(value), depth: 0, reads: NOTHING };
    const expression = this.pending.get(value);
    if (!expression) return { tree: get(this.nameOf(value)), depth: 0, reads: NOTHING };
    this.pending.delete(value);
    return expression;
  }

  protected define(value: Value, expression: Expression): void {
    const uses = this.uses.get(value);
    if (!uses) return;
    if (uses.count === 1 && uses.block === this.block && expression.depth < DEEPEST_EXPRESSION)
      this.pending.set(value, expression);
    else this.line(set(this.nameOf(value), expression.tree));
  }

  /** Writes down every waiting expression that reads the array (any array, without one): it is about to be written. */
  protected settle(array?: ArrayDeclaration): void {
    for (const [value, { tree, reads }] of this.pending) {
      if (array ? !reads.has(array) : reads.size === 0) continue;
      this.pending.delete(value);
      this.line(set(this.nameOf(value), tree));
    }
  }
}
