/** Operators on the tape. */
import type { Layout } from "../arrays/layout.ts";
import type { Argument } from "../problem/operators.ts";
import type { Inputs, PlainOperator } from "../problem/plain-operator.ts";
import type { Signature } from "./program.ts";
import { Recorder, type Recording } from "./recording.ts";

const NUMBER: Layout = { kind: "scalar", offset: 0, size: 1 };

/** Records what an operator does at points of flat numbers. Whole numbers among its arguments are no inputs of the recording. */
export class OperatorRecorder {
  private readonly recorder: Recorder;
  /** Memory of the numbers among the inputs of the recording, which are as many as the arguments but for whole numbers. */
  private readonly numbers: readonly Float64Array[];
  /** By argument. */
  private readonly whole: number[] = [];

  /** `now`: the operator that is called, the same but for its constants. */
  constructor(
    private readonly operator: PlainOperator,
    now: () => PlainOperator = () => operator,
  ) {
    const { signature, inPlace, output } = operator;
    const inputs = continuous(operator);
    this.numbers = inputs.map(() => new Float64Array(1));
    this.recorder = new Recorder({
      fn: operator.fn,
      name: operator.name,
      get constants() {
        return now().constants;
      },
      inputs,
      output: output.layout,
      argumentsOf: (shown, constants) =>
        operator.argumentsOf(
          this.each((_, k) => shown[k]),
          constants,
        ),
      writes: inPlace ? "du" : signature.gives === "nothing" ? "u" : "nothing",
      samples: operator.samples,
      plain: (into, flat) =>
        now().evaluate(
          into,
          this.each((argument, k) => ("space" in argument ? flat[k] : flat[k][0])),
        ),
    });
  }

  record(given: Inputs): Recording {
    this.operator.signature.takes.forEach((argument, k) => {
      if (isWhole(argument)) this.whole[k] = given[k] as number;
    });
    const inputs = given.filter((_, k) => !isWhole(this.operator.signature.takes[k]));
    return this.recorder.record(
      inputs.map((input, k) => {
        if (typeof input !== "number") return input;
        this.numbers[k][0] = input;
        return this.numbers[k];
      }),
    );
  }

  /** Of each argument the whole number, or what `input` gives for the input of the recording that it is. */
  private each<T>(input: (argument: Argument, k: number) => T): (T | number)[] {
    let k = 0;
    return this.operator.signature.takes.map((argument, i) => (isWhole(argument) ? this.whole[i] : input(argument, k++)));
  }
}

function isWhole(argument: Argument): boolean {
  return "scalar" in argument && argument.scalar === "i32";
}

function continuous(operator: PlainOperator): { readonly name: string; readonly layout: Layout; readonly isScalar: boolean }[] {
  return operator.signature.takes.flatMap((argument) => {
    if (isWhole(argument)) return [];
    const isScalar = "scalar" in argument;
    return [{ name: argument.name, layout: isScalar ? NUMBER : operator.layoutOf(argument), isScalar }];
  });
}

/** The inputs of an operator's recordings, and their output. */
export function signatureOf(operator: PlainOperator): Signature {
  const { name, layout } = operator.output;
  return {
    inputs: continuous(operator).map((input) => ({ name: input.name, size: input.layout.size, isScalar: input.isScalar })),
    output: { name, size: layout.size },
  };
}
