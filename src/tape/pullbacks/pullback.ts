/**
 * The pullback of an array operation: its own lowering, for these shapes, reversed and compiled. So each operation is derived
 * from what it does, and has no second rule.
 */
import { memo } from "../../core/memo.ts";
import type { ArrayOperation } from "../../operations/index.ts";
import { wholeView } from "../../operations/view.ts";
import { sizeOf } from "../../arrays/shape.ts";
import { Arena } from "../../compile/arena.ts";
import { compile, type Target } from "../../compile/compile.ts";
import { reverse } from "../../derive/reverse.ts";
import { Builder } from "../../ir/builder.ts";
import type { Program } from "../../ir/ir.ts";

export interface OperationCall {
  readonly operation: ArrayOperation;
  /** Of the operands; [] is a number. */
  readonly shapes: readonly (readonly number[])[];
  readonly options: readonly unknown[];
  /** Which operands want gradients. */
  readonly active: readonly boolean[];
}

/** Adds to the gradients of the active operands; values are row-major. */
export type Pullback = (
  values: readonly Float64Array[],
  cotangent: Float64Array,
  gradients: readonly (Float64Array | undefined)[],
) => void;

/** Compiled once for an operation, shapes and target. */
export const pullbackOf = memo(
  (call: OperationCall, target: Target): Pullback => compilePullback(lowered(call), call.active, target),
  { by: ({ operation, shapes, options, active }, target) => [operation, target, JSON.stringify([shapes, options, active])] },
);

/** Of a program (output y, inputs x0, x1, …), in any order. */
export function compilePullback(derived: Program, active: readonly boolean[], target: Target): Pullback {
  const wrt = active.flatMap((isActive, k) => (isActive ? [k] : []));
  const program = reverse(derived, { wrt: wrt.map((k) => `x${k}`) });
  const arena = new Arena();
  const arrays = program.parameters.map((parameter) => (parameter.kind === "array" ? parameter.array.size : 0));
  const addresses = arrays.map((size) => arena.reserve(size));
  const { main } = compile({ main: program }, arena, target).link();
  const views = arrays.map((size, i) => arena.f64(addresses[i], size));
  // Parameters of the reverse program: the operands, the result's cotangent, the gradients.
  const inputs = views.slice(0, active.length);
  const seed = views[inputs.length];
  const outputs = views.slice(inputs.length + 1);
  return (values, cotangent, gradients) => {
    inputs.forEach((input, k) => input.set(values[k]));
    seed.set(cotangent);
    main(...addresses);
    wrt.forEach((k, i) => {
      const gradient = gradients[k]!;
      for (let e = 0; e < gradient.length; e++) gradient[e] += outputs[i][e];
    });
  };
}

/** (output y, input x0, input x1, …); numbers are arrays of one. */
function lowered({ operation, shapes, options }: OperationCall): Program {
  const b = new Builder(operation.name);
  const shape = operation.resultShape(shapes, options);
  const y = b.arrayParameter("y", sizeOf(shape), "output");
  const operands = shapes.map((extents, k) => {
    const x = b.arrayParameter(`x${k}`, sizeOf(extents), "input");
    return extents.length ? wholeView(b, x, extents) : b.load(x, b.i32(0));
  });
  const scalar = operation.lower(b, operands, shape.length ? wholeView(b, y, shape) : undefined, options);
  if (scalar) b.store(y, b.i32(0), scalar);
  return b.finish();
}
