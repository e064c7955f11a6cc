/** Derivatives by programs, which are kept with the function's program, and compared with the function itself at each call. */
import { memo } from "../../../src/core/memo.ts";
import { componentName } from "../../../src/arrays/layout.ts";
import type { ProblemCode } from "../../../src/problem/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import type { Program } from "../../../src/ir/ir.ts";
import { Disagreement } from "../../../src/problem/errors.ts";
import type { PreparedDerivatives } from "../derivatives.ts";
import { NamedCall } from "../named-call.ts";
import type { DerivativesRequest } from "./derivatives.ts";

/** The relative difference that is allowed: far above that of reordered sums and of other elementary functions, far below a wrong term. */
const RELATIVE = 1e-9;
const CANCELLATION = 1e-12;

/** What is made of a program. */
interface Compiled {
  readonly derivatives: PreparedDerivatives;
  /** The function, compiled. */
  readonly value: NamedCall;
}

/**
 * The derivatives made of the function's program, which all functions of the same content share.
 *
 * @throws {@link Disagreement} where the program gives another value than the function, and ReadError.
 */
export function agreeing(
  backend: string,
  code: ProblemCode,
  request: DerivativesRequest,
  make: () => PreparedDerivatives,
): PreparedDerivatives {
  const { definition, signature, target } = request;
  const program = code.rhsProgram();
  const compiled = compiledBy(program, backend, target, make);
  const value = valueOf(compiled, request);
  const component = firstDifference(request, value);
  if (component < 0) return compiled.derivatives;
  throw new Disagreement(
    `${definition.name}: the function gives ${request.value[component]} in ${componentName(signature.output, component, "its value")}, and its compiled ` +
      `form ${value[component]}. It must depend on its arguments alone: pass what else it reads in \`constants\` (see differentiable).`,
  );
}

const compiledBy = memo(
  (program: Program, _backend: string, target: Target, make: () => PreparedDerivatives): Compiled => {
    return { derivatives: make(), value: new NamedCall(() => program, target) };
  },
  { by: (program, backend, target) => [program, backend, target] },
);

function valueOf({ value }: Compiled, { inputs: [u, ...rest] }: DerivativesRequest): Float64Array {
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
