/** Runs a function on traced numbers, on the tape. */
import { componentName, type Layout } from "../../../src/arrays/layout.ts";
import { definitionOf } from "../../../src/definitions.ts";
import { Disagreement } from "../../../src/errors.ts";
import { bind, type Samples } from "../../../src/program/read/bindings.ts";
import { CONSTANT } from "./codes.ts";
import { rewrite, traceable, type Callable } from "./functions.ts";
import { gather, present } from "./present.ts";
import { checkVectors, forgetVectors } from "./runtime/vector.ts";
import { tape, type Numeric } from "./tape.ts";

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
  const { count, code, left, right, value } = a.entries;
  if (count !== b.entries.count || a.outputs.some((output, i) => output !== b.outputs[i])) return false;
  for (let k = a.inputs; k < count; k++) {
    const isAlike = code[k] === b.entries.code[k] && left[k] === b.entries.left[k] && right[k] === b.entries.right[k];
    if (!isAlike || (code[k] === CONSTANT && !Object.is(value[k], b.entries.value[k]))) return false;
  }
  return true;
}

/** Above what functions of numbers in another order differ by. */
const TOLERANCE = 1e-9;

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
  private readonly run: Callable;
  private readonly recording: Recording;
  private readonly unwritten: readonly undefined[];
  private checked = false;

  /** Throws ReadError where the function's text cannot be traced. */
  constructor(private readonly traced: TracedFunction) {
    const { fn, name, constants, inputs, output } = traced;
    bind(fn, constants, traced.samples);
    this.run = definitionOf(fn) ? (traceable(fn, name) as Callable) : rewrite(fn, name);
    traceable(constants, "constants");
    this.recording = {
      entries: tape,
      inputs: inputs.reduce((sum, { layout }) => sum + layout.size, 0),
      outputs: new Int32Array(output.size),
    };
    this.unwritten = new Array<undefined>(output.size).fill(undefined);
  }

  /** Takes the place of the recording before. The first is checked against the plain function: throws Disagreement. */
  record(inputs: readonly Float64Array[]): Recording {
    const { traced, recording } = this;
    tape.restart();
    forgetVectors();
    const shown = traced.inputs.map(({ name, layout }, k) => present(layout, tape.inputs(inputs[k]), name));
    const args = traced.argumentsOf(shown, traceable(traced.constants, "constants"));
    const outputs = this.outputs(args);
    for (let i = 0; i < outputs.length; i++) recording.outputs[i] = placeOf(outputs[i]);
    if (!this.checked) this.check(inputs);
    return recording;
  }

  private outputs(args: readonly unknown[]): readonly Numeric[] {
    const { output, name, writes } = this.traced;
    const du = writes === "du" ? [present(output, this.unwritten, "du")] : [];
    const returned = this.run(...du, ...args);
    checkVectors(name);
    switch (writes) {
      case "du":
        return gather(output, du[0], "du", 0);
      case "u":
        return gather(output, args[0], "u");
      case "nothing":
        return gather(output, returned, `what ${name} returns`);
    }
  }

  private check(inputs: readonly Float64Array[]): void {
    const { name, output, plain } = this.traced;
    const expected = new Float64Array(output.size);
    plain(
      expected,
      inputs.map((input) => input.slice()),
    );
    const size = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    this.recording.outputs.forEach((place, i) => {
      const value = tape.value[place];
      if (Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= TOLERANCE * size) return;
      const at = this.traced.inputs.flatMap((input, k) =>
        input.layout.kind === "scalar" ? `${input.name} = ${inputs[k][0]}` : [],
      );
      throw new Disagreement(
        `${name}: the function and its traced form disagree${at.length ? ` at ${at.join(", ")}` : ""} in component ` +
          `${componentName(output, i, this.traced.writes === "nothing" ? "its value" : this.traced.writes)}: the function gives ${expected[i]}, the traced form ${value}. ` +
          `It must depend on its arguments alone; if it draws no random numbers and keeps nothing between calls, please report this.`,
      );
    });
    this.checked = true;
  }
}

function placeOf(output: Numeric): number {
  return tape.indexOf(typeof output === "number" ? tape.push(CONSTANT, 0, 0, output) : output);
}
