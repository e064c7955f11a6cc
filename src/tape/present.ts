/** Traced numbers in the user's shapes, and back. */
import { componentName, memberPath, type ArrayLayout, type Layout } from "../arrays/layout.ts";
import { ndarray } from "../arrays/ndarray.ts";
import { rowMajor, sameShape } from "../arrays/shape.ts";
import { describe, isNdArray, isTypedArray } from "../core/array-values.ts";
import { Untraceable } from "./numbers/errors.ts";
import { UnsupportedValue, WrongLength } from "../core/errors.ts";
import { Vector } from "./runtime/vector.ts";
import { Traced, type Numeric } from "./numbers/tape.ts";

/** Elements laid out flat, as the user's function sees them. Objects take whole components, which are copied. */
export function present(layout: Layout, elements: readonly unknown[], what: string): unknown {
  switch (layout.kind) {
    case "scalar":
      return elements[layout.offset];
    case "array": {
      const { offset, size, shape, container } = layout;
      const isAll = offset === 0 && size === elements.length;
      const vector = new Vector(isAll ? elements : elements.slice(offset, offset + size));
      return container === "ndarray" ? ndarray(vector as unknown as Float64Array, shape) : vector;
    }
    case "struct": {
      const object: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(layout.fields)) {
        if (field.kind === "scalar") object[name] = elements[field.offset];
        else Object.defineProperty(object, name, component(field, elements, memberPath(what, name)));
      }
      return Object.preventExtensions(object);
    }
    case "extended":
      return present(layout.own, elements, what);
  }
}

function component(layout: Layout, elements: readonly unknown[], what: string): PropertyDescriptor {
  let part = present(layout, elements, what);
  return {
    enumerable: true,
    get: () => part,
    set: (value: unknown) => void (part = present(layout, gather(layout, value, what), what)),
  };
}

/** The elements of a value of the layout's shape, at their offsets in `into`. */
export function gather(layout: Layout, value: unknown, what: string, into: Numeric[] = []): Numeric[] {
  switch (layout.kind) {
    case "scalar":
      into[layout.offset] = isNumeric(value) ? value : refuse(value, what);
      return into;
    case "array": {
      const elements = elementsOf(layout, value, what);
      for (let i = 0; i < layout.size; i++) {
        const [element, at] = [elements[i], layout.offset + i];
        into[at] = isNumeric(element) ? element : refuse(element, componentName(layout, at, what));
      }
      return into;
    }
    case "struct":
      if (typeof value !== "object" || value === null)
        throw new UnsupportedValue(
          `${what} is ${describe(value)}, but must be an object with ${Object.keys(layout.fields).join(", ")}.`,
        );
      for (const [name, field] of Object.entries(layout.fields))
        gather(field, (value as Record<string, unknown>)[name], memberPath(what, name), into);
      return into;
    case "extended":
      return gather(layout.own, value, what, into);
  }
}

function isNumeric(value: unknown): value is Numeric {
  return typeof value === "number" || value instanceof Traced;
}

function refuse(value: unknown, what: string): never {
  if (value === undefined)
    throw new Untraceable(
      `${what} was not assigned. Assign every component on every path: one that does not change has the derivative 0.`,
    );
  throw new UnsupportedValue(`${what} is ${describe(value)}, but must be a number.`);
}

function elementsOf(layout: ArrayLayout, value: unknown, what: string): ArrayLike<unknown> {
  if (isNdArray(value) && sameShape(value.shape, layout.shape)) {
    const { data, stride, offset } = value;
    const walk = (axis: number, at: number): unknown[] =>
      axis === layout.shape.length
        ? [data[at]]
        : Array.from({ length: layout.shape[axis] }, (_, i) => walk(axis + 1, at + i * stride[axis])).flat();
    return offset === 0 && data.length === layout.size && sameShape(stride, rowMajor(layout.shape)) ? data : walk(0, offset);
  }
  if ((Array.isArray(value) || isTypedArray(value)) && layout.shape.length === 1 && value.length === layout.size) return value;
  throw new WrongLength(
    `${what} is ${describe(value)}, but must have the shape [${layout.shape.join(", ")}], as it had when the problem was made.`,
  );
}
