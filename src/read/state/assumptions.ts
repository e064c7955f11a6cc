/** Keeps the conditions that hold where something is read: within a branch, what it was taken for. */
import type { Value } from "../../ir/ir.ts";

export class Assumptions {
  private readonly outcomes = new Map<Value, boolean>();
  /** The parts of conditions that were read as branches: of `a && b`, both hold where it does. */
  private readonly parts = new Map<Value, readonly [whole: boolean, parts: readonly Value[]]>();

  /** Where `whole` comes out as `outcome`, so do its parts. */
  note(whole: Value, outcome: boolean, parts: readonly Value[]): void {
    if (whole.constant === undefined) this.parts.set(whole, [outcome, parts]);
  }

  of(condition: Value): boolean | undefined {
    return condition.constant === undefined ? this.outcomes.get(condition) : Boolean(condition.constant);
  }

  under(condition: Value, outcome: boolean, run: () => void): void {
    const added: Value[] = [];
    this.assume(condition, outcome, added);
    try {
      run();
    } finally {
      for (const value of added) this.outcomes.delete(value);
    }
  }

  private assume(condition: Value, outcome: boolean, added: Value[]): void {
    if (condition.constant !== undefined || this.outcomes.has(condition)) return;
    this.outcomes.set(condition, outcome);
    added.push(condition);
    const assumeAll = (parts: readonly Value[], holds: boolean): void => parts.forEach((part) => this.assume(part, holds, added));
    const noted = this.parts.get(condition);
    if (noted?.[0] === outcome) assumeAll(noted[1], outcome);
    const { definition } = condition;
    if (definition?.kind !== "let") return;
    if (definition.operation === "bool.not") assumeAll(definition.args, !outcome);
    if (definition.operation === (outcome ? "bool.and" : "bool.or")) assumeAll(definition.args, outcome);
  }
}
