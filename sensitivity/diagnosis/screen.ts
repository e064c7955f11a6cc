/** The search along a solution for derivatives that are not finite, by compiled vjps: it takes about as long as the solve. */
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled } from "../../src/compile/compile.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { PartName } from "../losses/part.ts";
import type { GradientTask } from "../task/task.ts";
import { asProgram } from "../vjp/as-program.ts";

/** Evaluates the derivatives of the right-hand side and of the loss at states. */
export class Screen {
  private readonly arena = new Arena();
  private readonly linked: Readonly<Record<string, Compiled>>;
  private readonly address: Readonly<Record<"u" | "p" | "v" | "uBar" | "pBar", number>>;
  private readonly view: Readonly<Record<"u" | "uBar" | "pBar", Float64Array>>;

  constructor({ backend, code, loss, p, target }: GradientTask) {
    const { arena } = this;
    const { wrtU, wrtP } = backend.prepare({ code, arena, target });
    const programs: Record<string, Program> = { rhsU: asProgram(wrtU), rhsP: asProgram(wrtP) };
    for (const name of ["sum", "integral", "final"] as const) {
      const part = loss[name];
      if (part) Object.assign(programs, { [name]: part.value, [`${name}Gradient`]: part.gradient });
    }
    const unit = compile(programs, arena, target);
    const [n, np] = [code.layout.u.size, p.length];
    const [u, parameters, v, uBar, pBar] = [n, np, n, n, np].map((size) => arena.reserve(size));
    this.address = { u, p: parameters, v, uBar, pBar };
    this.linked = unit.link();
    this.view = { u: arena.f64(u, n), uBar: arena.f64(uBar, n), pBar: arena.f64(pBar, np) };
    arena.f64(parameters, np).set(p);
    // The cotangents are not zero, so that every derivative counts, and differ, so that none cancel.
    arena.f64(v, n).forEach((_, i, all) => (all[i] = 1 + ((i * 0.6180339887498949) % 1)));
  }

  /** Whether the derivatives of the right-hand side are finite. */
  passesRhs(state: Float64Array, t: number): boolean {
    const { linked, address, view } = this;
    view.u.set(state);
    linked.rhsU(address.u, address.p, t, address.v, address.uBar);
    linked.rhsP(address.u, address.p, t, address.v, address.pBar);
    return this.isFinite();
  }

  /** Whether a part of the loss, if there is one, and its derivatives are finite. `scalars` are its arguments besides u and p. */
  passesLoss(name: PartName, state: Float64Array, scalars: readonly number[]): boolean {
    const { linked, address, view } = this;
    if (!linked[name]) return true;
    view.u.set(state);
    const value = linked[name](address.u, address.p, ...scalars);
    linked[`${name}Gradient`](address.u, address.p, ...scalars, 1, address.uBar, address.pBar);
    return Number.isFinite(value) && this.isFinite();
  }

  private isFinite(): boolean {
    return this.view.uBar.every(Number.isFinite) && this.view.pBar.every(Number.isFinite);
  }
}
