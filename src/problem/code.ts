/** The code of a problem: its right-hand side plainly callable and as a program, and what is derived from that, made once. */
import { advisedOnOrder } from "./argument-order.ts";
import { pack } from "../arrays/pack.ts";
import type { Layout } from "../arrays/layout.ts";
import { describe, isNdArray } from "../core/array-values.ts";
import { called } from "../operations/calling.ts";
import { viewer, type Viewer } from "../arrays/view.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { BadEvents, ConstantsChanged, InternalError, ReadError, UnreadableFunction } from "../core/errors.ts";
import { releasing } from "../core/pool.ts";
import { isMisread, requireReadRight } from "../read/misreading.ts";
import type { Program } from "../ir/ir.ts";
import type { Samples } from "../read/constants/bindings.ts";
import { contentOf, sameContent, type Content } from "../read/constants/contents.ts";
import { readingOf, type Reading, type ReadParameter } from "../read/index.ts";
import { eventPointsFrom, pointsFrom, type Start } from "./points.ts";

export type PlainFunction = (...args: unknown[]) => unknown;

/** The functions of a problem. */
export interface ProblemFunctions {
  readonly rhs: PlainFunction;
  /** event(u, p, t, constants), which changes u in place. */
  readonly event?: PlainFunction;
  /** The author's own. */
  readonly derivatives?: Derivatives;
}

/**
 * Shared by problems that differ only in u0, p and tspan. Its programs are shared by all whose constants differ in numbers of arrays only:
 * those are in the programs' tables while it is held.
 */
export class ProblemCode {
  private rhs: Reading | undefined;
  private event: Reading | undefined;
  /** How many hold it. */
  private users = 0;
  /** Why they cannot be read, where that is known. */
  private readonly unreadable: Partial<Record<"rhs" | "event", UnreadableFunction>> = {};
  private own: object | undefined;
  private both: object | undefined;
  private recorded: Content | "changing" | undefined;
  private recordings = 0;
  private readonly viewDu: Viewer;
  private readonly viewU: Viewer;
  private readonly viewP: Viewer;
  private readonly spare: { readonly du: Float64Array; readonly u: Float64Array; readonly p: Float64Array }[] = [];

  constructor(
    readonly functions: ProblemFunctions,
    readonly layout: { readonly u: Layout; readonly p: Layout },
    readonly constants: unknown,
    /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. */
    readonly inPlace: boolean,
    readonly name: string,
    /** Of what the function returns or writes. */
    readonly output: Layout = layout.u,
    /** Where the function can be called; by default anywhere. */
    private readonly start?: Start,
  ) {
    this.viewDu = remembering(output, "du");
    this.viewU = remembering(layout.u, "u");
    this.viewP = remembering(layout.p, "p");
  }

  /** (output du[n], input u[n], input p[np], scalar t). Throws ReadError where the function cannot be read, or was misread. */
  rhsProgram(): Program {
    return this.programOf((this.rhs ??= this.reading("rhs", () => this.readRhs())));
  }

  protected readRhs(): Reading {
    const du: ReadParameter = { kind: "layout", name: "du", layout: this.output, role: "output" };
    const inputs = this.parameters("input");
    return readingOf({
      fn: this.functions.rhs,
      name: this.name,
      parameters: this.inPlace ? [du, ...inputs] : inputs,
      constants: this.constants as Readonly<Record<string, unknown>> | undefined,
      returns: this.inPlace ? { kind: "nothing" } : { kind: "layout", name: "du", layout: this.output },
      samples: this.samples,
      data: this.data,
    });
  }

  /** (output u_after[n], input u[n], input p[np], scalar t); undefined without events. Throws ReadError as `rhsProgram` does. */
  eventProgram(): Program | undefined {
    const fn = this.functions.event;
    this.event ??=
      fn &&
      this.reading("event", () =>
        readingOf({
          fn,
          name: "events.apply",
          parameters: this.parameters("inout"),
          constants: this.constants as Readonly<Record<string, unknown>> | undefined,
          returns: { kind: "nothing" },
          samples: this.eventSamples,
          data: this.data,
        }),
      );
    return this.event && this.programOf(this.event);
  }

  /** The user's own derivatives see the constants themselves. */
  private get data(): "arrays" | undefined {
    return this.functions.derivatives ? undefined : "arrays";
  }

  private programOf(reading: Reading): Program {
    if (!reading.fill())
      throw new InternalError(`${this.name}: its program was asked for while it is in use with other constants`);
    return requireReadRight(reading.program);
  }

  /**
   * Calls `use` with this code, whose programs' tables hold its constants until what that returns, or promises, is there; where they are in
   * use with others', with another of the same functions and constants. Throws ConstantsChanged where these are not the same any more.
   */
  held<R>(use: (code: ProblemCode) => R): R {
    const code = this.hold() ? this : this.another();
    return releasing(
      () => code.release(),
      () => use(code),
    );
  }

  private hold(): boolean {
    const readings = [this.rhs, this.event].filter((reading) => reading !== undefined);
    if (this.users === 0) {
      if (!readings.every((reading) => reading.fill())) return false;
      for (const reading of readings) reading.hold();
    }
    this.users++;
    return true;
  }

  private release(): void {
    if (--this.users > 0) return;
    this.rhs?.release();
    this.event?.release();
  }

  private another(): ProblemCode {
    this.requireConstants();
    const code = this.anew();
    code.hold();
    return code;
  }

  private reading(what: "rhs" | "event", read: () => Reading): Reading {
    const unreadable = this.unreadable[what];
    if (unreadable) throw unreadable;
    try {
      const reading = read();
      if (this.users > 0) reading.hold();
      return reading;
    } catch (error) {
      if (error instanceof UnreadableFunction) this.unreadable[what] = error;
      throw what === "rhs" && !this.inPlace ? advisedOnOrder(error, this) : error;
    }
  }

  /** What has changed of the constants since they were compiled in: "table[3] was 1 and is 2". */
  changedConstant(): string | undefined {
    return changedOf(this.rhs) ?? changedOf(this.event);
  }

  /** Do the programs hold what an object of a class, or a getter, gives otherwise now? Then code is to be made anew. */
  get isOutdated(): boolean {
    return isOutdated(this.rhs) || isOutdated(this.event);
  }

  /** The same, not read yet. */
  anew(): ProblemCode {
    const { functions, layout, constants, inPlace, name, output, start } = this;
    return new ProblemCode(functions, layout, constants, inPlace, name, output, start);
  }

  /** What the function and its constants hold. */
  content(): Content {
    return contentOf(this.functions.rhs, this.constants);
  }

  /**
   * A call of the function was recorded, to be used in place of later ones as long as its constants hold the same, which they did
   * before the call. If the call changed them, they hold something else from now on.
   */
  keepRecorded(before: Content): void {
    const [now, { recorded = before }] = [this.content(), this];
    this.recorded = recorded !== "changing" && [before, recorded].every((then) => sameContent(then, now)) ? now : "changing";
  }

  /** Grows where recordings do not hold any more. */
  get generation(): number {
    return this.recordings;
  }

  /** Looks whether recordings still hold. */
  lookAtConstants(): void {
    const { recorded } = this;
    if (!recorded || (recorded !== "changing" && sameContent(recorded, this.content()))) return;
    this.recorded = undefined;
    this.recordings++;
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

  /** Arguments that the right-hand side can be called with. */
  get samples(): Samples {
    return pointsFrom(this.from).map(({ u, p, t }) => (constants) => {
      const args = this.argumentsOf(this.viewU(u.slice()), this.viewP(p), t, constants);
      return this.inPlace ? [this.viewDu(new Float64Array(this.output.size)), ...args] : args;
    });
  }

  /** Likewise of the event's function. */
  get eventSamples(): Samples {
    return eventPointsFrom(this.from).map(({ u, p, t }) => (constants) => [this.viewU(u.slice()), this.viewP(p), t, constants]);
  }

  /** Where the function can be called. */
  get from(): Start {
    const { u, p } = this.layout;
    return this.start ?? { u0: new Float64Array(u.size).fill(1), p: new Float64Array(p.size).fill(1), tspan: [0, 1] };
  }

  private parameters(role: "input" | "inout"): readonly ReadParameter[] {
    return [
      { kind: "layout", name: "u", layout: this.layout.u, role },
      { kind: "layout", name: "p", layout: this.layout.p, role: "input" },
      { kind: "scalar", name: "t" },
    ];
  }

  /** Calls the user's own event on flat memory, of which it changes u: parameters are given as a copy. */
  applyEvent(u: Float64Array, p: Float64Array, t: number): void {
    const view = this.viewU(u);
    const returned = called("events.apply", t, () => this.functions.event?.(view, this.viewP(p.slice()), t, this.constants));
    if (typeof returned !== "object" || returned === null || isWithin(returned, view)) return;
    throw new BadEvents(
      `events.apply returned ${describe(returned)} at t = ${t}, which nobody takes: it changes u in place. Assign what it shall be, ` +
        "u.x += p.dose, or u[0] = …; a whole state with Object.assign(u, …), or u.set(…) for a typed array.",
    );
  }

  /** Calls the user's own function on flat memory; du is 0 where it is not written. */
  plain(du: Float64Array, u: Float64Array, p: Float64Array, t: number): void {
    // Whatever the function writes to its inputs is written to copies, which it is shown the same views of each time; a call within
    // a call has its own.
    const copies = this.spare.pop() ?? { du: du.slice(), u: u.slice(), p: p.slice() };
    if (this.inPlace) copies.du.fill(0);
    copies.u.set(u);
    copies.p.set(p);
    this.plainOver(copies.du, copies.u, copies.p, t);
    du.set(copies.du);
    this.spare.push(copies);
  }

  /** As {@link plain}, but what is not written stays, and inputs can be written. */
  plainOver(du: Float64Array, u: Float64Array, p: Float64Array, t: number): void {
    const value = called(this.name, t, () => this.call(du, this.viewU(u), this.viewP(p), t));
    if (!this.inPlace) pack(this.output, value, `what ${this.name} returns`, du);
  }

  private call(du: Float64Array, u: unknown, p: unknown, t: number): unknown {
    const { rhs } = this.functions;
    const { constants, inPlace } = this;
    // What `differentiable` made appends constants of its own.
    if (constants === undefined) return inPlace ? rhs(this.viewDu(du), u, p, t) : rhs(u, p, t);
    return inPlace ? rhs(this.viewDu(du), u, p, t, constants) : rhs(u, p, t, constants);
  }

  /** As {@link plain}, on copies, with arguments as `shown` gives them. */
  plainShown(u: Float64Array, p: Float64Array, t: number, shown: (argument: unknown, name: string) => unknown): void {
    const args = this.argumentsOf(this.viewU(u.slice()), this.viewP(p.slice()), t, this.constants);
    const names = ["u", "p", "t", "constants"];
    const given = args.map((argument, i) => shown(argument, names[i]));
    this.functions.rhs(...(this.inPlace ? [this.viewDu(new Float64Array(this.output.size)), ...given] : given));
  }

  /** What the function is called with, behind du where it works in place. */
  argumentsOf(u: unknown, p: unknown, t: unknown, constants: unknown): unknown[] {
    return constants === undefined ? [u, p, t] : [u, p, t, constants];
  }

  /**
   * What compiled forms of the right-hand side are kept by: its program, which all functions of the same content share; this code,
   * where there is no program, or where functions are called that have none.
   */
  get identity(): object {
    if (this.rhs && isMisread(this.rhs.program)) return this;
    return (this.own ??= this.functions.derivatives || !this.isReadable() ? this : this.rhsProgram());
  }

  /** As {@link identity}, of right-hand side and events together. */
  get identityWithEvents(): object {
    if (this.identity === this || (this.event && isMisread(this.event.program))) return this;
    return (this.both ??= this.together());
  }

  private together(): object {
    if (!this.functions.event || this.identity === this) return this.identity;
    try {
      const pairs = this.kept("with events", () => new WeakMap<Program, object>());
      const event = this.eventProgram()!;
      if (!pairs.has(event)) pairs.set(event, {});
      return pairs.get(event)!;
    } catch (error) {
      if (error instanceof ReadError) return this;
      throw error;
    }
  }

  private isReadable(): boolean {
    try {
      return Boolean(this.rhsProgram());
    } catch (error) {
      if (error instanceof ReadError) return false;
      throw error;
    }
  }

  /** What `make` makes of the right-hand side's program, kept with that under the key. */
  derived<T>(key: string, make: (rhs: Program) => T): T {
    const rhs = this.rhsProgram();
    return keptWith(rhs, key, () => make(rhs));
  }

  /** What is made once of this code's content, kept under the key; the right-hand side need not be readable. */
  kept<T>(key: string, make: () => T): T {
    return keptWith(this.identity, key, make);
  }
}

/** Is it what it was called with, or a part of that? */
function isWithin(value: object, view: unknown): boolean {
  if (value === view) return true;
  if (typeof view !== "object" || view === null || isNdArray(view)) return false;
  return !ArrayBuffer.isView(view) && !Array.isArray(view) && Object.values(view).some((part) => isWithin(value, part));
}

function changedOf(reading: Reading | undefined): string | undefined {
  return reading && !isMisread(reading.program) ? reading.changed() : undefined;
}

function isOutdated(reading: Reading | undefined): boolean {
  return reading !== undefined && !isMisread(reading.program) && reading.isOutdated;
}

const keptThings = new WeakMap<object, Map<string, unknown>>();

/** What is made once for an object, such as a program, kept under the key. */
export function keptWith<T>(object: object, key: string, make: () => T): T {
  let things = keptThings.get(object);
  if (!things) keptThings.set(object, (things = new Map()));
  if (!things.has(key)) things.set(key, make());
  return things.get(key) as T;
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
