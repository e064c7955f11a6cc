/** Derivatives by programs are kept by the function's text, its constants and the shapes. */
import { componentName } from "../../src/arrays/layout.ts";
import { hasOwnDerivative, type Definition } from "../../src/definitions.ts";
import { Disagreement } from "../../src/errors.ts";
import { sameConstants } from "../../src/problem.ts";
import type { PreparedDerivatives } from "../vjp/derivatives.ts";
import { NamedCall } from "../vjp/named-call.ts";
import type { DerivativesRequest } from "./derivatives.ts";
import type { FunctionCode } from "./function-code.ts";

/** Far above what reordered sums and other libraries' elementary functions differ by, far below any wrong term. */
const RELATIVE = 1e-9;
const CANCELLATION = 1e-12;

interface Known {
  readonly derivatives: PreparedDerivatives;
  /** The function, compiled. */
  readonly value: NamedCall;
}

interface Entry extends Known {
  readonly key: string;
  readonly constants: unknown;
  /** Where the function has its own. */
  readonly rules: Definition | undefined;
}

/** Most recently made last. */
const entries: Entry[] = [];
/** Functions whose constants are new each time are not kept for ever. */
const MOST_ENTRIES = 64;

/**
 * What is known of the function, if that still does what the function does (constants may have been overwritten), else made
 * anew. Throws {@link Disagreement} where that does not either, and ReadError where the function cannot be read.
 */
export function agreeing(
  backend: string,
  code: FunctionCode,
  request: DerivativesRequest,
  make: () => PreparedDerivatives,
): PreparedDerivatives {
  const { definition, signature, target } = request;
  const key = JSON.stringify([backend, target, definition.fn.toString(), definition.name, signature]);
  const { constants } = definition;
  const rules = hasOwnDerivative(definition) ? definition : undefined;
  const at = entries.findIndex(
    (entry) => entry.key === key && entry.rules === rules && sameConstants(entry.constants, constants),
  );
  if (at >= 0) {
    if (firstDifference(request, valueOf(entries[at], request)) < 0) return entries[at].derivatives;
    entries.splice(at, 1);
  }
  const program = code.rhsProgram();
  const entry = { key, constants, rules, derivatives: make(), value: new NamedCall(() => program, target) };
  const value = valueOf(entry, request);
  const component = firstDifference(request, value);
  if (component >= 0) {
    throw new Disagreement(
      `${definition.name}: the function gives ${request.value[component]} in ${componentName(signature.output, component, "its value")}, and its compiled ` +
        `form ${value[component]}. It must depend on its arguments alone: pass what else it reads in \`constants\` (see differentiable).`,
    );
  }
  entries.push(entry);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return entry.derivatives;
}

function valueOf({ value }: Known, { inputs: [u, ...rest] }: DerivativesRequest): Float64Array {
  return value.run({ u, p: Float64Array.from(rest.flatMap((input) => [...input])), t: 0 }, "du");
}

/** The component where compiled and plain function differ, or -1. */
function firstDifference({ inputs, value }: DerivativesRequest, compiled: Float64Array): number {
  const largest = [...inputs, value].reduce((max, array) => array.reduce((m, x) => Math.max(m, Math.abs(x) || 0), max), 0);
  return compiled.findIndex((x, i) => {
    const y = value[i];
    return !(Object.is(x, y) || Math.abs(x - y) <= RELATIVE * Math.abs(y) + CANCELLATION * largest);
  });
}
