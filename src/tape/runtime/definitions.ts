/**
 * Functions with derivatives of their own, on traced numbers: the value, and the derivative at this point by their rules. It
 * holds at this point only, so that a recording with it is no good at another.
 */
import { ndarray } from "../../arrays/ndarray.ts";
import { sizeOf } from "../../arrays/shape.ts";
import { isNdArray, isTypedArray } from "../../core/array-values.ts";
import type { Definition } from "../../operations/definitions.ts";
import { UnsupportedValue } from "../../core/errors.ts";
import { defaultTarget } from "../../compile/compile.ts";
import { calledPlainly, type PlainArgument } from "../pullbacks/called-plainly.ts";
import { tape, Traced, type Numeric } from "../numbers/tape.ts";
import { binary } from "../numbers/operations.ts";
import { Vector } from "./vector.ts";

const [add, sub, mul] = (["add", "sub", "mul"] as const).map(binary);

interface TracedArgument extends PlainArgument {
  readonly elements: readonly Numeric[];
}

export function tracedDefinition(definition: Definition): (...args: unknown[]) => unknown {
  return (...given) => {
    const args = given.map((value) => argumentOf(value, definition.name));
    tape.isLinearised = true;
    const active = args.map(({ elements }) => elements.some((x) => x instanceof Traced));
    const { value, result, pullback } = calledPlainly(definition, args, active, defaultTarget());
    const moved = args.map(({ elements }) => elements.map((x) => (x instanceof Traced ? sub(x, tape.pin(x)) : 0)));
    const cotangent = new Float64Array(value.length);
    const elements = Array.from(value, (y, i) => {
      const gradients = args.map(({ value: x }, k) => (active[k] ? new Float64Array(x.length) : undefined));
      cotangent[i] = 1;
      pullback(
        args.map((arg) => arg.value),
        cotangent,
        gradients,
      );
      cotangent[i] = 0;
      return gradients.reduce<Numeric>(
        (sum, gradient, k) => (gradient ? gradient.reduce<Numeric>((s, slope, j) => add(s, mul(slope, moved[k][j])), sum) : sum),
        y,
      );
    });
    if (result.shape.length === 0) return elements[0];
    const vector = new Vector(elements);
    return result.container === "ndarray" ? ndarray(vector as unknown as Float64Array, result.shape) : vector;
  };
}

function argumentOf(value: unknown, name: string): TracedArgument {
  const made = (
    elements: readonly Numeric[],
    shape: readonly number[],
    container: PlainArgument["container"],
  ): TracedArgument => ({
    elements,
    shape,
    container,
    value: Float64Array.from(elements, (x) => (typeof x === "number" ? x : tape.valueOf(x))),
  });
  if (typeof value === "number" || value instanceof Traced) return made([value], [], "typed");
  if (Array.isArray(value) || isTypedArray(value)) return made(Array.from(value as ArrayLike<Numeric>), [value.length], "typed");
  if (isNdArray(value)) return made(rowMajorElements(value as never), [...value.shape], "ndarray");
  throw new UnsupportedValue(`${name} has derivatives of its own, and takes numbers and arrays only.`);
}

function rowMajorElements({
  data,
  shape,
  stride,
  offset,
}: {
  data: ArrayLike<Numeric>;
  shape: number[];
  stride: number[];
  offset: number;
}): Numeric[] {
  return Array.from({ length: sizeOf(shape) }, (_, i) => {
    let [index, rest] = [offset, i];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index += (rest % shape[axis]) * stride[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return data[index];
  });
}
