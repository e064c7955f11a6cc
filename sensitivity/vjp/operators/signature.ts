/** The shapes that a function is called with, and its arguments as flat arrays. */
import { layoutOf, type Layout, type StructLayout } from "../../../src/arrays/layout.ts";
import { pack } from "../../../src/arrays/pack.ts";
import { OdegradError } from "../../../src/core/errors.ts";
import { SignatureMismatch } from "../errors.ts";
import { callPlainly, type Definition } from "../../../src/operations/definitions.ts";

/** The layouts of a function's arguments and value. */
export interface Signature {
  readonly inputs: readonly Layout[];
  /** The inputs but the first, side by side, as x1, x2, … */
  readonly rest: StructLayout;
  readonly output: Layout;
}

/** The layout of all arguments but the first. */
export function restLayout(definition: Definition, args: readonly unknown[]): StructLayout {
  const rest = (definition.inputs ?? args).slice(1);
  return layoutOf(Object.fromEntries(rest.map((value, k) => [`x${k + 1}`, value])), "") as StructLayout;
}

/**
 * The layouts of the arguments: those of `inputs`, where the function was made for some.
 *
 * @throws UnsupportedValue
 */
export function inputLayouts(definition: Definition, args: readonly unknown[]): readonly Layout[] {
  return (definition.inputs ?? args).map((value, k) => layoutOf(value, argumentName(definition, k)));
}

/** The function's own value at these arguments, flat, with its layout. */
export function resultOf(
  definition: Definition,
  args: readonly unknown[],
): { readonly output: Layout; readonly value: Float64Array } {
  const what = `the value of ${definition.name}`;
  const returned = callPlainly(definition, args);
  const output = layoutOf(returned, what);
  return { output, value: pack(output, returned, what) };
}

/**
 * The arguments, flat.
 *
 * @throws {@link SignatureMismatch}, which lists every argument that does not fit.
 */
export function packArguments(
  definition: Definition,
  layouts: readonly Layout[],
  args: readonly unknown[],
): readonly Float64Array[] {
  const faults: string[] = [];
  if (args.length !== layouts.length) faults.push(`it takes ${layouts.length} arguments and was given ${args.length}`);
  const packed = layouts.slice(0, args.length).map((layout, k) => {
    try {
      return pack(layout, args[k], argumentName(definition, k));
    } catch (error) {
      if (!(error instanceof OdegradError)) throw error;
      faults.push(error.message);
      return new Float64Array(layout.size);
    }
  });
  if (faults.length === 0) return packed;
  throw new SignatureMismatch(
    `${definition.name} was called with arguments that do not fit:\n${faults.map((fault) => `  ${fault}`).join("\n")}\nCall it with the shapes it was made for.`,
  );
}

/**
 * A tangent or cotangent, flat.
 *
 * @throws {@link SignatureMismatch}
 */
export function packLike(definition: Definition, layout: Layout, value: unknown, what: string): Float64Array {
  try {
    return pack(layout, value, what);
  } catch (error) {
    if (!(error instanceof OdegradError)) throw error;
    throw new SignatureMismatch(`${definition.name}: ${error.message}`);
  }
}

function argumentName({ name }: Definition, k: number): string {
  return `argument ${k + 1} of ${name}`;
}
