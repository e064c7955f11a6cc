/** Traced numbers in the user's shapes, and back. */
import { componentName, memberPath, type ArrayLayout, type Layout } from "../../../src/arrays/layout.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { sameShape } from "../../../src/arrays/shape.ts";
import { describe, isNdArray, isTypedArray } from "../../../src/arrays/values.ts";
import { Untraceable, UnsupportedValue, WrongLength } from "../../../src/errors.ts";
import { Vector } from "./runtime/vector.ts";
import { Traced, type Numeric } from "./tape.ts";

/** Elements laid out flat, as the user's function sees them. Objects take whole components, which are copied. */
export function present(layout: Layout, elements: readonly unknown[], what: string): unknown {
  switch (layout.kind) {
    case "scalar":
      return elements[layout.offset];
    case "array": {
      const vector = new Vector(elements.slice(layout.offset, layout.offset + layout.size));
      return layout.container === "ndarray" ? ndarray(vector as unknown as Float64Array, layout.shape) : vector;
    }
    case "struct": {
      const fields = Object.entries(layout.fields).map(([name, field]) => {
        const path = memberPath(what, name);
        let part = present(field, elements, path);
        const set = (value: unknown): void => {
          part = field.kind === "scalar" ? value : present(field, gather(field, value, path), path);
        };
        return [name, { enumerable: true, get: () => part, set }] as const;
      });
      return Object.preventExtensions(Object.defineProperties({}, Object.fromEntries(fields)));
    }
  }
}

/** The elements of a value of the layout's shape, at their places in `into`. */
export function gather(layout: Layout, value: unknown, what: string, into: Numeric[] = []): Numeric[] {
  switch (layout.kind) {
    case "scalar":
      into[layout.offset] = numeric(value, what);
      return into;
    case "array":
      elementsOf(layout, value, what).forEach(
        (element, i) => (into[layout.offset + i] = numeric(element, componentName(layout, layout.offset + i, what))),
      );
      return into;
    case "struct":
      if (typeof value !== "object" || value === null)
        throw new UnsupportedValue(
          `${what} is ${describe(value)}, but must be an object with ${Object.keys(layout.fields).join(", ")}.`,
        );
      for (const [name, field] of Object.entries(layout.fields))
        gather(field, (value as Record<string, unknown>)[name], memberPath(what, name), into);
      return into;
  }
}

function numeric(value: unknown, what: string): Numeric {
  if (typeof value === "number" || value instanceof Traced) return value;
  if (value === undefined)
    throw new Untraceable(
      `${what} was not assigned. Assign every component on every path: one that does not change has the derivative 0.`,
    );
  throw new UnsupportedValue(`${what} is ${describe(value)}, but must be a number.`);
}

function elementsOf(layout: ArrayLayout, value: unknown, what: string): readonly unknown[] {
  if (isNdArray(value) && sameShape(value.shape, layout.shape)) {
    const { data, stride, offset } = value;
    const walk = (axis: number, at: number): unknown[] =>
      axis === layout.shape.length
        ? [data[at]]
        : Array.from({ length: layout.shape[axis] }, (_, i) => walk(axis + 1, at + i * stride[axis])).flat();
    return walk(0, offset);
  }
  if ((Array.isArray(value) || isTypedArray(value)) && layout.shape.length === 1 && value.length === layout.size)
    return Array.from<unknown>(value);
  throw new WrongLength(
    `${what} is ${describe(value)}, but must have the shape [${layout.shape.join(", ")}], as it had when the problem was made.`,
  );
}
