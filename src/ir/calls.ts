/** What a call reads and writes, and what derivatives pass from and to. */
import { InternalError } from "../core/errors.ts";
import { isProgram, type ArrayArgument, type ArrayDeclaration, type Call, type Value } from "./ir.ts";

/** A stretch of the caller's memory, by the callee's name for it. */
export interface Passed {
  readonly parameter: ArrayDeclaration;
  readonly at: ArrayArgument;
}

export interface CallArrays {
  readonly inputs: readonly Passed[];
  readonly outputs: readonly Passed[];
}

/** The arrays that a call hands over. */
export function arraysOf(call: Call): CallArrays {
  const passed = call.callee.parameters.flatMap((parameter, k): Passed[] =>
    parameter.kind === "array" ? [{ parameter: parameter.array, at: call.args[k] as ArrayArgument }] : [],
  );
  return {
    inputs: passed.filter(({ parameter }) => parameter.role !== "output"),
    outputs: passed.filter(({ parameter }) => parameter.role !== "input"),
  };
}

export function scalarsOf(call: Call): readonly Value[] {
  return call.args.filter((argument): argument is Value => !("array" in argument));
}

/** Those of the arrays that derivatives pass from (inputs) and to (outputs): every output may depend on every input. */
export function passing(call: Call): CallArrays {
  const { callee } = call;
  if (!isProgram(callee)) throw new InternalError(`the call of ${callee.name}, a function of the host, cannot be differentiated`);
  const passes = ({ parameter }: Passed): boolean => parameter.element === "f64" && !callee.rules?.inert.includes(parameter.name);
  const { inputs, outputs } = arraysOf(call);
  return { inputs: inputs.filter(passes), outputs: outputs.filter(passes) };
}
