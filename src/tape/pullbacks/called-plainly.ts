/** Calls of functions with derivatives of their own by backends that run the user's code: its value, and the pullback of its rules. */
import { memo } from "../../core/memo.ts";
import { ndarray } from "../../arrays/ndarray.ts";
import { layoutOf } from "../../arrays/layout.ts";
import { pack } from "../../arrays/pack.ts";
import type { Target } from "../../compile/compile.ts";
import { callPlainly, type Definition } from "../../operations/definitions.ts";
import { UnsupportedValue } from "../../core/errors.ts";
import { Builder } from "../../ir/builder.ts";
import type { Program } from "../../ir/ir.ts";
import type { Variable } from "../../read/functions/arguments.ts";
import { definitionProgram } from "../../read/index.ts";
import { compilePullback, type Pullback } from "./pullback.ts";

/** Of any shape ([] is a number), row-major. */
export interface PlainArgument {
  readonly shape: readonly number[];
  readonly value: Float64Array;
  /** As the function sees it. */
  readonly container: "typed" | "ndarray";
}

export interface CalledPlainly {
  readonly value: Float64Array;
  readonly result: Variable;
  /** Adds to the gradients of the active arguments. */
  readonly pullback: Pullback;
}

/** Throws ReadError where the rules' text cannot be read. */
export function calledPlainly(
  definition: Definition,
  args: readonly PlainArgument[],
  active: readonly boolean[],
  target: Target,
): CalledPlainly {
  const { program, result } = definitionProgram(
    definition,
    args.map(({ shape, container }) => ({ shape, container })),
  );
  const plain = args.map(({ shape, value, container }) => {
    if (shape.length === 0) return value[0];
    return container === "ndarray" ? ndarray(value, shape) : value.slice();
  });
  const returned = callPlainly(definition, plain);
  const what = `the value of ${definition.name}`;
  return {
    value: pack(layoutOf(returned, what), returned, what),
    result,
    pullback: pullbackOf(program, active, target),
  };
}

const pullbackOf = memo(
  (program: Program, active: readonly boolean[], target: Target): Pullback => compilePullback(calling(program), active, target),
  { by: (program, active, target) => [program, target, ...active] },
);

/** A program that calls another is derived by that one's rules. */
function calling(program: Program): Program {
  const b = new Builder(program.name);
  const args = program.parameters.map((parameter) => {
    if (parameter.kind === "scalar") throw new UnsupportedValue(`${program.name}: its arguments are numbers and arrays.`);
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output"), offset: b.i32(0) };
  });
  b.call(program, args);
  return b.finish();
}
