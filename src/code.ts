/** The code of a problem: its right-hand side plainly callable and as a program, and what is derived from that, made once. */
import { pack } from "./arrays/pack.ts";
import type { Layout } from "./arrays/layout.ts";
import { viewer, type Viewer } from "./arrays/view.ts";
import type { Derivatives } from "./derivatives.ts";
import { ConstantsChanged } from "./errors.ts";
import type { Program } from "./program/ir.ts";
import { read, type ReadParameter } from "./program/read/index.ts";

export type PlainFunction = (...args: unknown[]) => unknown;

/** The functions of a problem. */
export interface ProblemFunctions {
  readonly rhs: PlainFunction;
  /** event(u, p, t, constants), which changes u in place. */
  readonly event?: PlainFunction;
  /** The author's own. */
  readonly derivatives?: Derivatives;
}

/** Shared by problems that differ only in u0, p and tspan. */
export class ProblemCode {
  private program: Program | undefined;
  private event: Program | undefined;
  private readonly derivations = new Map<string, unknown>();
  private readonly viewDu: Viewer;
  private readonly viewU: Viewer;
  private readonly viewP: Viewer;

  constructor(
    readonly functions: ProblemFunctions,
    readonly layout: { readonly u: Layout; readonly p: Layout },
    readonly constants: unknown,
    /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. */
    readonly inPlace: boolean,
    readonly name: string,
    /** Of what the function returns or writes. */
    readonly output: Layout = layout.u,
  ) {
    this.viewDu = remembering(output, "du");
    this.viewU = remembering(layout.u, "u");
    this.viewP = remembering(layout.p, "p");
  }

  /** (output du[n], input u[n], input p[np], scalar t). Throws ReadError where the function cannot be read. */
  rhsProgram(): Program {
    return (this.program ??= this.readRhs());
  }

  private readRhs(): Program {
    const du: ReadParameter = { kind: "layout", name: "du", layout: this.output, role: "output" };
    const inputs = this.parameters("input");
    return read({
      fn: this.functions.rhs,
      name: this.name,
      parameters: this.inPlace ? [du, ...inputs] : inputs,
      constants: this.constants as Readonly<Record<string, unknown>> | undefined,
      returns: this.inPlace ? { kind: "nothing" } : { kind: "layout", name: "du", layout: this.output },
    });
  }

  /** (output u_after[n], input u[n], input p[np], scalar t); undefined without events. Throws ReadError as `rhsProgram` does. */
  eventProgram(): Program | undefined {
    const fn = this.functions.event;
    return (this.event ??=
      fn &&
      read({
        fn,
        name: "events.apply",
        parameters: this.parameters("inout"),
        constants: this.constants as Readonly<Record<string, unknown>> | undefined,
        returns: { kind: "nothing" },
      }));
  }

  /** What has changed of the constants since they were compiled in: "table[3] was 1 and is 2". */
  changedConstant(): string | undefined {
    for (const program of [this.program, this.event]) {
      for (const content of program?.host ?? []) {
        const difference = content.difference();
        if (difference !== undefined) return difference;
      }
    }
    return undefined;
  }

  /** Throws ConstantsChanged. */
  requireConstants(): void {
    const changed = this.changedConstant();
    if (changed === undefined) return;
    throw new ConstantsChanged(
      `${this.name}: of its constants, ${changed}. They were compiled in as they were. Pass what changes as a parameter, in \`p\`; ` +
        `or make the problem anew: remake(problem, {}).`,
    );
  }

  private parameters(role: "input" | "inout"): readonly ReadParameter[] {
    return [
      { kind: "layout", name: "u", layout: this.layout.u, role },
      { kind: "layout", name: "p", layout: this.layout.p, role: "input" },
      { kind: "scalar", name: "t" },
    ];
  }

  /** Calls the user's own event on flat memory, which it changes. */
  applyEvent(u: Float64Array, p: Float64Array, t: number): void {
    this.functions.event?.(this.viewU(u), this.viewP(p), t, this.constants);
  }

  /** Calls the user's own function on flat memory. Called again with the same arrays it makes no new views. */
  plain(du: Float64Array, u: Float64Array, p: Float64Array, t: number): void {
    const { rhs } = this.functions;
    if (this.inPlace) rhs(this.viewDu(du), this.viewU(u), this.viewP(p), t, this.constants);
    else pack(this.output, rhs(this.viewU(u), this.viewP(p), t, this.constants), `what ${this.name} returns`, du);
  }

  /** What the function is called with, behind du where it works in place. */
  argumentsOf(u: unknown, p: unknown, t: unknown, constants: unknown): unknown[] {
    return [u, p, t, constants];
  }

  /** What `make` makes of the right-hand side's program, kept under the key. */
  derived<T>(key: string, make: (rhs: Program) => T): T {
    return this.kept(key, () => make(this.rhsProgram()));
  }

  /** What is made once for this code, kept under the key; the right-hand side need not be readable. */
  kept<T>(key: string, make: () => T): T {
    if (!this.derivations.has(key)) this.derivations.set(key, make());
    return this.derivations.get(key) as T;
  }
}

/** Views, made once for each array. A number at the root is read anew each time. */
function remembering(layout: Layout, what: string): Viewer {
  const show = viewer(layout, what);
  if (layout.kind === "scalar") return show;
  const known = new WeakMap<Float64Array, unknown>();
  return (data) => {
    let seen = known.get(data);
    if (!seen) known.set(data, (seen = show(data)));
    return seen;
  };
}
