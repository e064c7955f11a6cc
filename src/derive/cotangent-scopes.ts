/** Scopes of the reverse sweep: primal values at hand, and cotangents gathered, of the blocks that are being built. */
import type { Builder } from "../ir/builder.ts";
import type { Value } from "../ir/ir.ts";
import type { AdjointPlan } from "./adjoint-plan.ts";
import { settled, sum, type Contribution } from "./contribution.ts";

interface Scope {
  readonly values: Map<Value, Value>;
  readonly cotangents: Map<Value, Contribution>;
}

export class CotangentScopes {
  /** Innermost last. */
  private readonly scopes: Scope[] = [];

  constructor(
    private readonly b: Builder,
    private readonly plan: AdjointPlan,
  ) {}

  open(): void {
    this.scopes.push({ values: new Map(), cotangents: new Map() });
  }

  close(): void {
    this.scopes.pop();
  }

  /** A primal value that is at hand. */
  primal(value: Value): Value | undefined {
    for (let i = this.scopes.length - 1; i >= 0; i--) {
      const found = this.scopes[i].values.get(value);
      if (found) return found;
    }
    return undefined;
  }

  /** A primal value is at hand from now on. */
  keep(value: Value, made: Value): void {
    this.top.values.set(value, made);
  }

  cotangent(value: Value): Contribution | undefined {
    return this.top.cotangents.get(value);
  }

  /** The cotangent as a number. */
  settled(value: Value): Value | undefined {
    const cotangent = this.cotangent(value);
    return cotangent && settled(this.b, cotangent);
  }

  add(value: Value, contribution: Contribution): void {
    if (!this.plan.isActive(value) || contribution.value.constant === 0) return;
    const { cotangents } = this.top;
    const gathered = cotangents.get(value);
    cotangents.set(value, gathered ? sum(this.b, gathered, contribution) : contribution);
  }

  private get top(): Scope {
    return this.scopes[this.scopes.length - 1];
  }
}
