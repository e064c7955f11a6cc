/** A function that a problem is made of, called over flat memory. */
import { Pool } from "../core/pool.ts";
import { componentName, ownLayout, type Layout } from "../arrays/layout.ts";
import { pack } from "../arrays/pack.ts";
import { view } from "../arrays/view.ts";
import { describe, isNdArray } from "../core/array-values.ts";
import { BadEvents } from "./errors.ts";
import { called } from "../operations/calling.ts";
import type { Samples } from "../read/constants/bindings.ts";
import { requireExitsIfRead } from "../read/syntax/endless-loops.ts";
import { definitionOf } from "../operations/definitions.ts";
import type { Argument, Signature, Space, SpaceValue } from "./operators.ts";

export type PlainFunction = (...args: unknown[]) => unknown;

/** What is left out is laid out as the state. */
export type Spaces = { readonly [S in "u" | "p"]: Layout } & { readonly [S in Space]?: Layout };

/** What a function takes, in the order of its signature: flat numbers of a space, or a number. */
export type Inputs = readonly (Float64Array | number)[];

export interface PlainOptions {
  readonly fn: PlainFunction;
  /** For messages, and the program's name. */
  readonly name: string;
  readonly spaces: Spaces;
  readonly constants: unknown;
  /** Of one that gives numbers of a space: does it write them to its first argument? Otherwise it returns them. */
  readonly inPlace?: boolean;
  /** Where it can be called; made when they are needed. */
  readonly points: () => readonly Inputs[];
}

/** Memory that the function is called over, and its arguments, which show that. */
export interface Frame {
  /** Of what it takes: memory, and numbers as they are given. */
  readonly inputs: (Float64Array | number)[];
  /** Of what it gives, if that is not in its inputs. */
  readonly value: Float64Array;
  readonly args: unknown[];
}

const RESULT = { name: "result", layout: { kind: "scalar", offset: 0, size: 1 } } as const;

export class PlainOperator {
  /** Not in use. */
  private readonly frames = new Pool<Frame>();

  constructor(
    readonly signature: Signature,
    protected readonly options: PlainOptions,
  ) {}

  get fn(): PlainFunction {
    return this.options.fn;
  }

  get name(): string {
    return this.options.name;
  }

  get constants(): unknown {
    return this.options.constants;
  }

  get spaces(): Spaces {
    return this.options.spaces;
  }

  get inPlace(): boolean {
    return this.options.inPlace ?? false;
  }

  /** What it gives, or changes. */
  get output(): { readonly name: string; readonly layout: Layout } {
    const { gives, takes } = this.signature;
    if (gives === "number") return RESULT;
    const of = gives === "nothing" ? (takes[0] as SpaceValue) : gives;
    return { name: of.name, layout: this.layoutOf(of) };
  }

  protected get given(): SpaceValue | undefined {
    const { gives } = this.signature;
    return typeof gives === "string" ? undefined : gives;
  }

  layoutOf({ space }: { readonly space: Space }): Layout {
    return this.spaces[space] ?? this.spaces.u;
  }

  /** Points at which it can be called. */
  points(): readonly Inputs[] {
    return this.options.points();
  }

  /** Arguments that it can be called with. */
  get samples(): Samples {
    return this.points().map((inputs) => (constants) => this.argumentsIn(this.frameAt(inputs, constants)));
  }

  /** What the function is called with, behind what it writes: what it takes, as it is shown, and the constants. */
  argumentsOf(shown: readonly unknown[], constants: unknown): unknown[] {
    return this.withConstants(shown, constants);
  }

  private withConstants(shown: readonly unknown[], constants: unknown): unknown[] {
    const first = this.signature.takes.filter(isFirst).length;
    // What `differentiable` made appends constants of its own, behind which nothing stands.
    if (first === shown.length || definitionOf(this.fn))
      return constants === undefined ? shown.slice(0, first) : [...shown.slice(0, first), constants];
    return [...shown.slice(0, first), constants, ...shown.slice(first)];
  }

  /** What the function is called with over a frame. */
  argumentsIn({ args }: Frame): unknown[] {
    return args;
  }

  /** What it gives, or what it leaves of what it changes. It sees copies; what it does not write is 0. */
  evaluate(into: Float64Array, inputs: Inputs): void {
    // A call within a call has a frame of its own.
    const frame = this.frames.take() ?? this.newFrame(this.constants);
    this.set(frame, inputs);
    if (this.inPlace) frame.value.fill(0);
    this.over(frame);
    if (this.signature.gives === "nothing") this.requireKept(frame, inputs);
    into.set(this.signature.gives === "nothing" ? (frame.inputs[0] as Float64Array) : frame.value);
    this.frames.give(frame);
  }

  /** What a function returns that gives a number: one, if it is right. */
  number(inputs: Inputs): number {
    const frame = this.frames.take() ?? this.newFrame(this.constants);
    this.set(frame, inputs);
    const value = this.call(frame);
    this.frames.give(frame);
    return value as number;
  }

  /** Calls it over memory of its own, which shows what it writes, and what it should not write. */
  frameAt(inputs: Inputs, constants: unknown = this.constants): Frame {
    const frame = this.newFrame(constants);
    this.set(frame, inputs);
    return frame;
  }

  /** Calls the function over a frame's memory, where its value is then. */
  over(frame: Frame): void {
    const returned = this.call(frame);
    if (this.signature.gives === "nothing") this.requireNothing(returned, frame);
    else if (!this.inPlace) pack(this.output.layout, returned, `what ${this.name} returns`, frame.value);
  }

  private call(frame: Frame): unknown {
    const { fn } = this;
    return called(this.name, this.timeOf(frame), () => fn(...this.argumentsIn(frame)));
  }

  private timeOf({ inputs }: Frame): number | undefined {
    const k = this.signature.takes.findIndex(({ name }) => name === "t");
    return inputs[k] as number | undefined;
  }

  private newFrame(constants: unknown): Frame {
    requireExitsIfRead(this.fn);
    const { signature, output, inPlace } = this;
    const inputs = signature.takes.map((argument) => ("space" in argument ? new Float64Array(this.layoutOf(argument).size) : 0));
    const value = new Float64Array(signature.gives === "nothing" ? 0 : output.layout.size);
    const shown = signature.takes.map((argument, k) =>
      "space" in argument ? view(this.layoutOf(argument), inputs[k] as Float64Array, argument.name) : 0,
    );
    const args = this.withConstants(shown, constants);
    return { inputs, value, args: inPlace ? [view(output.layout, value, output.name), ...args] : args };
  }

  private set({ inputs, args }: Frame, given: Inputs): void {
    const first = this.inPlace ? 1 : 0;
    const { takes } = this.signature;
    for (let k = 0; k < takes.length; k++) {
      const argument = takes[k];
      if ("scalar" in argument) {
        inputs[k] = given[k];
        if (isFirst(argument)) args[first + k] = given[k];
        else if (args.length > k + 1) args[first + k + 1] = given[k];
        continue;
      }
      const memory = inputs[k] as Float64Array;
      memory.set(given[k] as Float64Array);
      // A number by itself is no view of memory.
      if (ownLayout(this.layoutOf(argument)).kind === "scalar") args[first + k] = memory[0];
    }
  }

  private requireNothing(returned: unknown, frame: Frame): void {
    if (typeof returned !== "object" || returned === null || isWithin(returned, frame.args[0])) return;
    throw new BadEvents(
      `${this.name} returned ${describe(returned)} at t = ${this.timeOf(frame)}, which nobody takes: it changes u in place. Assign what ` +
        "it shall be, u.x += p.dose, or u[0] = …; a whole state with Object.assign(u, …), or u.set(…) for a typed array.",
    );
  }

  /** Of one that changes the first of what it takes: is the rest as it was? */
  private requireKept(frame: Frame, given: Inputs): void {
    this.signature.takes.forEach((argument, k) => {
      if (k === 0 || "scalar" in argument) return;
      const changed = (frame.inputs[k] as Float64Array).findIndex((x, i) => !Object.is(x, (given[k] as Float64Array)[i]));
      if (changed < 0) return;
      throw new BadEvents(
        `${this.name} writes ${componentName(this.layoutOf(argument), changed, argument.name)} at t = ${this.timeOf(frame)}, but ` +
          `what events change of ${argument.name} has to show in their text, and this function cannot be read. Make it a component of u whose derivative is 0.`,
      );
    });
  }
}

function isFirst(argument: Argument): boolean {
  return !("isLast" in argument);
}

/** Is it what it was called with, or a part of that? */
function isWithin(value: object, view: unknown): boolean {
  if (value === view) return true;
  if (typeof view !== "object" || view === null || isNdArray(view)) return false;
  return !ArrayBuffer.isView(view) && !Array.isArray(view) && Object.values(view).some((part) => isWithin(value, part));
}
