/** No derivative with NaN or an infinity in it leaves the library. */
import { NotDifferentiable, ReadError } from "../core/errors.ts";
import { diagnose, type Inputs } from "../analysis/diagnosis.ts";
import type { Program } from "../ir/ir.ts";

/** What a derivative is of: a function, by name and as a program where it can be read, differentiated by some of its inputs. */
export interface Differentiated {
  readonly name: string;
  readonly program: () => Program;
  readonly inputs: Inputs;
  readonly wrt: readonly string[];
  /** What a message adds: "at trajectory 3". */
  readonly where: string;
}

/** Returns them. Throws {@link NotDifferentiable}, with the line where the derivative is not finite. */
export function requireFiniteDerivative(values: Float64Array, of: () => Differentiated): Float64Array {
  for (const value of values) if (!Number.isFinite(value)) throw notDifferentiable(of(), value);
  return values;
}

function notDifferentiable({ name, program, inputs, wrt, where }: Differentiated, value: number): NotDifferentiable {
  try {
    const diagnostics = diagnose(program(), inputs, wrt);
    // What is not a number itself has no derivative: that comes first.
    const diagnostic = diagnostics.find(({ kind }) => kind !== "derivative") ?? diagnostics[0];
    if (diagnostic) return new NotDifferentiable(diagnostic.place, diagnostic.what, where);
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
  }
  return new NotDifferentiable({ name }, `a derivative is ${value}`, where);
}
