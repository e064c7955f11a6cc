/** Runs a function on traced numbers, on the tape. */
import { componentName, type Layout } from "../arrays/layout.ts";
import { definitionOf } from "../operations/definitions.ts";
import { Disagreement } from "../problem/errors.ts";
import { hasTextOfPlugin } from "../core/captured.ts";
import { OdegradError } from "../core/errors.ts";
import { RewrittenFunction } from "../read/syntax/errors.ts";
import { Untraceable } from "./numbers/errors.ts";
import { bind, type Samples } from "../read/constants/bindings.ts";
import { contentOf } from "../read/constants/contents.ts";
import { CONSTANT } from "./numbers/codes.ts";
import { traceable } from "./constants.ts";
import { rewrite, type Callable } from "./functions.ts";
import { gather, present } from "./present.ts";
import { takeRefusal } from "./numbers/refusal.ts";
import { sharedMemory, type SharedMemory } from "./shared-memory.ts";
import { checkVectors, forgetVectors } from "./runtime/vector.ts";
import { tape, type Numeric } from "./numbers/tape.ts";

/** Entries of a tape. */
export interface Entries {
  readonly count: number;
  /** Holds derivatives of some functions as numbers, so that it is not to be derived again. */
  readonly isLinearised: boolean;
  readonly code: Uint16Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly value: Float64Array;
}

/** What was recorded at one point, until the next recording. */
export interface Recording {
  readonly entries: Entries;
  /** How many of the first entries are inputs. */
  readonly inputs: number;
  /** Where the derivative's components are. */
  readonly outputs: Int32Array;
}

/** A copy that lasts. */
export function kept({ entries: { count, isLinearised, code, left, right, value }, inputs, outputs }: Recording): Recording {
  const entries = {
    count,
    isLinearised,
    code: code.slice(0, count),
    left: left.slice(0, count),
    right: right.slice(0, count),
    value: value.slice(0, count),
  };
  return { entries, inputs, outputs: outputs.slice() };
}

/** Did the function do the same at both points? */
export function isSame(a: Recording, b: Recording): boolean {
  const { count, code, value } = a.entries;
  if (!hasSameOperations(a, b)) return false;
  for (let k = a.inputs; k < count; k++) if (code[k] === CONSTANT && !Object.is(value[k], b.entries.value[k])) return false;
  return true;
}

/** The same, but for constants, which may be keys. */
function hasSameOperations(a: Recording, b: Recording): boolean {
  const { count, code, left, right } = a.entries;
  if (count !== b.entries.count || a.outputs.some((output, i) => output !== b.outputs[i])) return false;
  for (let k = a.inputs; k < count; k++)
    if (code[k] !== b.entries.code[k] || left[k] !== b.entries.left[k] || right[k] !== b.entries.right[k]) return false;
  return true;
}

/** Above what functions of numbers in another order differ by. */
const TOLERANCE = 1e-9;
/** How far away the point next to another is, of each number: few decisions change, and the text of every number does. */
const NEXT = 1e-9;

/** A function of flat arguments in the user's shapes. */
export interface TracedFunction {
  readonly fn: object;
  readonly name: string;
  readonly constants: unknown;
  readonly inputs: readonly { readonly name: string; readonly layout: Layout }[];
  readonly output: Layout;
  /** What it is called with. */
  readonly argumentsOf: (inputs: readonly unknown[], constants: unknown) => unknown[];
  /** It writes its output, called du, to an argument before the inputs, or changes its first input to that, or returns it. */
  readonly writes: "du" | "u" | "nothing";
  /** The function itself. */
  readonly plain: (output: Float64Array, inputs: readonly Float64Array[]) => void;
  /** Arguments that it can be called with. */
  readonly samples: Samples;
}

export class Recorder {
  private readonly call: Callable;
  private readonly recording: Recording;
  private memory: SharedMemory = [];
  private memoryOf: unknown;
  private readonly unwritten: readonly number[];
  private readonly expected: Float64Array;
  private readonly given: readonly Float64Array[];

  /** Throws ReadError where the function's text cannot be traced. */
  constructor(private readonly traced: TracedFunction) {
    const { fn, name, constants, inputs, output } = traced;
    bind(fn, constants, traced.samples);
    this.call = definitionOf(fn) ? (traceable(fn, name) as Callable) : rewrite(fn, name);
    this.sharedMemory();
    this.recording = {
      entries: tape,
      inputs: inputs.reduce((sum, { layout }) => sum + layout.size, 0),
      outputs: new Int32Array(output.size),
    };
    this.expected = new Float64Array(output.size);
    this.given = inputs.map(({ layout }) => new Float64Array(layout.size));
    this.unwritten = new Array<number>(output.size).fill(0);
  }

  /** Takes the place of the recording before. Throws what the plain function throws, and Disagreement where it gives other values. */
  record(inputs: readonly Float64Array[]): Recording {
    const expected = this.runPlainly(inputs);
    const recording = this.trace(inputs);
    this.check(expected, inputs);
    return tape.texts.numbersRead.length > 0 ? this.readingAlike(inputs) : recording;
  }

  private trace(inputs: readonly Float64Array[]): Recording {
    const { traced, recording } = this;
    tape.restart();
    forgetVectors();
    takeRefusal();
    const shown = traced.inputs.map(({ name, layout }, k) => present(layout, tape.inputs(inputs[k]), name));
    const args = traced.argumentsOf(shown, traceable(traced.constants, "constants", this.sharedMemory()));
    const outputs = this.run(args);
    for (let i = 0; i < outputs.length; i++) recording.outputs[i] = positionOf(outputs[i]);
    return recording;
  }

  private sharedMemory(): SharedMemory {
    const { fn, constants } = this.traced;
    if (constants !== this.memoryOf) [this.memory, this.memoryOf] = [sharedMemory(contentOf(fn, constants).objects), constants];
    return this.memory;
  }

  /** Throws Untraceable for what the plain function does not throw. */
  private run(args: readonly unknown[]): readonly Numeric[] {
    const { name } = this.traced;
    try {
      const outputs = this.outputs(args);
      const refusal = takeRefusal();
      if (refusal) throw refusal;
      return outputs;
    } catch (error) {
      const refusal = takeRefusal() ?? error;
      if (refusal instanceof OdegradError) throw refusal;
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new Untraceable(`${name} runs, but not with operations that are recorded: ${reason}. Please report this.`, {
        cause: error,
      });
    }
  }

  /** Numbers that were made of text are those that the text was made of where this is so at a point next to this one, too. */
  private readingAlike(inputs: readonly Float64Array[]): Recording {
    const [here, read] = [kept(this.recording), tape.texts.numbersRead];
    const there = this.trace(inputs.map((input) => input.map((x, i) => x + (x || 1) * NEXT * (1 + (i % 7)))));
    const readThere = tape.texts.numbersRead;
    if (!hasSameOperations(here, there) || read.length !== readThere.length || read.some((x, i) => !Object.is(x, readThere[i]))) {
      throw new Untraceable(
        `${this.traced.name} makes text of numbers that depend on the inputs, and numbers of text: their derivatives would be lost. ` +
          "Keep the numbers themselves.",
      );
    }
    return this.trace(inputs);
  }

  private outputs(args: readonly unknown[]): readonly Numeric[] {
    const { output, name, writes } = this.traced;
    const du = writes === "du" ? [present(output, this.unwritten, "du")] : [];
    const returned = this.call(...du, ...args);
    checkVectors(name);
    switch (writes) {
      case "du":
        return gather(output, du[0], "du");
      case "u":
        return gather(output, args[0], "u");
      case "nothing":
        return gather(output, returned, `what ${name} returns`);
    }
  }

  /** In memory of its own: views are made once. */
  private runPlainly(inputs: readonly Float64Array[]): Float64Array {
    const { expected, given } = this;
    for (let k = 0; k < given.length; k++) given[k].set(inputs[k]);
    this.traced.plain(expected, given);
    return expected;
  }

  private check(expected: Float64Array, inputs: readonly Float64Array[]): void {
    const { outputs } = this.recording;
    for (let i = 0; i < outputs.length; i++)
      if (!Object.is(tape.value[outputs[i]], expected[i])) return this.compare(expected, inputs);
  }

  private compare(expected: Float64Array, inputs: readonly Float64Array[]): void {
    const { name, output } = this.traced;
    const size = expected.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0);
    this.recording.outputs.forEach((index, i) => {
      const value = tape.value[index];
      if (Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= TOLERANCE * size) return;
      const at = this.traced.inputs.flatMap((input, k) =>
        input.layout.kind === "scalar" ? `${input.name} = ${inputs[k][0]}` : [],
      );
      const component = componentName(output, i, this.traced.writes === "nothing" ? "its value" : this.traced.writes);
      const what =
        `the function and its traced form disagree${at.length ? ` at ${at.join(", ")}` : ""} in component ${component}: ` +
        `the function gives ${expected[i]}, the traced form ${value}`;
      if (hasTextOfPlugin(this.traced.fn)) throw new RewrittenFunction({ name }, what);
      throw new Disagreement(
        `${name}: ${what}. ` +
          `It must depend on its arguments alone; if it draws no random numbers and keeps nothing between calls, please report this.`,
      );
    });
  }
}

function positionOf(output: Numeric): number {
  return tape.indexOf(typeof output === "number" ? tape.push(CONSTANT, 0, 0, output) : output);
}
