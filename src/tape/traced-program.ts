/** A user's function that runs by itself, as a program: its values are those of calls, its derivatives those of its tape. */
import { CapturedVariable, NoSourceText, UnreadableFunction } from "../read/syntax/errors.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../ir/ir.ts";
import { hostProgram } from "../operations/host-function.ts";
import type { Operator } from "../problem/operator.ts";
import type { Inputs, PlainOperator } from "../problem/plain-operator.ts";
import { requireNothingKept } from "./kept-calls.ts";
import { OperatorRecorder } from "./operator-recorder.ts";
import { kept, type Recording } from "./recording.ts";
import { adjointsOf } from "./sweep.ts";

/** Can the tape take a function that cannot be read for this reason? */
export function isTraceable(error: unknown): error is UnreadableFunction {
  return error instanceof UnreadableFunction && !(error instanceof CapturedVariable || error instanceof NoSourceText);
}

export interface TracedOptions {
  /** The operator that is called, the same but for its constants. Default: always the same. */
  readonly now?: () => PlainOperator;
  /** What was recorded at a point holds there as long as this is the same. Default: each is recorded anew. */
  readonly generation?: () => number;
}

/** With the parameters that it would have if it were read (see Operator.program). */
export function tracedProgram(operator: Operator, options: TracedOptions = {}): Program {
  const { overState } = operator;
  return overState ? overState.programOf(tracedStated(overState.within, options)) : tracedStated(operator, options);
}

function tracedStated(operator: Operator, { now = () => operator, generation }: TracedOptions): Program {
  const { name, signature, output } = operator;
  const { takes, gives } = signature;
  const sizes = takes.map((argument) => ("space" in argument ? operator.layoutOf(argument).size : 1));
  const isInteger = takes.map((argument) => "scalar" in argument && argument.scalar === "i32");
  const recorder = new OperatorRecorder(operator, now);
  const inputsOf = (arrays: readonly Float64Array[]): Inputs =>
    takes.map((argument, k) => ("space" in argument ? arrays[k] : arrays[k][0]));
  const latest = new Latest((inputs) => recorder.record(inputs), generation);
  let isChecked = false;
  const requireNothingKeptOnce = (inputs: Inputs): void => {
    if (isChecked) return;
    requireNothingKept(operator, inputs, (weights) => {
      const adjoints = adjointsOf(recorder.record(inputs), weights);
      let from = 0;
      return sizes.flatMap((size, k) => Array.from({ length: size }, () => (isInteger[k] ? 0 : adjoints[from++])));
    });
    isChecked = true;
  };
  const traced = hostProgram({
    name,
    inputs: sizes,
    output: output.layout.size,
    value: (arrays, into) => now().evaluate(into, inputsOf(arrays)),
    linearize(arrays) {
      requireNothingKeptOnce(inputsOf(arrays));
      const recording = latest.at(inputsOf(arrays));
      return (bar, gradients) => {
        const adjoints = adjointsOf(recording, bar);
        let from = 0;
        gradients.forEach((gradient, k) => {
          if (isInteger[k]) return gradient.fill(0);
          for (let i = 0; i < gradient.length; i++) gradient[i] = adjoints[from++];
        });
      };
    },
  });
  const b = new Builder(name);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const value = gives === "nothing" ? `${output.name}_after` : output.name;
  const into = gives === "number" ? b.localArray(value, 1) : b.arrayParameter(value, output.layout.size, "output");
  const inputs = takes.map((argument, k): ArrayDeclaration => {
    if ("space" in argument) return b.arrayParameter(argument.name, sizes[k], "input");
    const number: Value = b.scalarParameter(argument.name, argument.scalar);
    const memory = b.localArray(`${argument.name}_number`, 1);
    b.store(memory, b.i32(0), b.toF64(number));
    return memory;
  });
  b.call(traced, [...inputs, into].map(whole));
  return b.finish(gives === "number" ? b.load(into, b.i32(0)) : undefined);
}

/** Several directions are taken at one point. */
class Latest {
  private point: readonly number[] = [];
  private recording: Recording | undefined;
  private of: number | undefined;

  constructor(
    private readonly record: (inputs: Inputs) => Recording,
    private readonly generation: (() => number) | undefined,
  ) {}

  at(inputs: Inputs): Recording {
    const { generation } = this;
    if (!generation) return this.record(inputs);
    const point = inputs.flatMap((input) => (typeof input === "number" ? input : [...input]));
    const of = generation();
    if (!this.recording || of !== this.of || !this.point.every((x, i) => Object.is(x, point[i]))) {
      this.recording = kept(this.record(inputs));
      [this.point, this.of] = [point, of];
    }
    return this.recording;
  }
}
