/** Derivatives of functions by those backends that need only the function itself. */
import { hasOwnDerivative } from "../../../src/operations/definitions.ts";
import { BadGradientOption } from "../errors.ts";
import { PreparedDerivatives } from "../derivatives.ts";
import { vjpBackends } from "../backends/index.ts";
import type { VjpBackend } from "../backend.ts";
import { FunctionDerivatives, type DerivativesRequest } from "./derivatives.ts";
import { isTraceable } from "../../../src/tape/traced-program.ts";
import { functionCode } from "./function-code.ts";
import { agreeing } from "./programs.ts";

const { user: _, ...byName } = vjpBackends;
const backends: Readonly<Record<string, VjpBackend>> = byName;

/**
 * The derivatives by a backend. Without a name they are by "source", and by "tape" where the function cannot be read or was misread.
 *
 * @throws {@link BadGradientOption} for an unknown name, and what the backend throws where it cannot take the function.
 */
export function derivativesBy(name: string | undefined, request: DerivativesRequest): FunctionDerivatives {
  if (name !== undefined) return derivativesByName(name, request);
  try {
    return derivativesByName("source", request);
  } catch (error) {
    // The tape would read a function's own rules too.
    if (!isTraceable(error) || hasOwnDerivative(request.definition)) throw error;
    return derivativesByName("tape", request);
  }
}

function derivativesByName(name: string, request: DerivativesRequest): FunctionDerivatives {
  if (!Object.hasOwn(backends, name)) {
    throw new BadGradientOption(
      `backend: there is no "${name}" for functions. Backends are ${Object.keys(backends).join(", ")}.`,
    );
  }
  const backend = backends[name];
  const code = functionCode(request);
  const make = (): PreparedDerivatives => new PreparedDerivatives(backend, code, request.target);
  return new FunctionDerivatives(
    backend.capabilities.programs ? agreeing(name, code, request, make) : make(),
    code,
    request.inputs,
  );
}
