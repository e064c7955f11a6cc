/** The table of backends that the operators take. */
import { pack, unpack } from "../../src/arrays/pack.ts";
import type { PlainCall } from "../../src/definitions.ts";
import { BackendRefused, BadGradientOption } from "../../src/errors.ts";
import { vjpByClosures } from "../vjp/closure/run.ts";
import { Differences, stepsFor } from "../vjp/differences.ts";
import { productByTransposed, type DerivativesRequest, type FunctionDerivatives, type MakeDerivatives } from "./derivatives.ts";
import { dual, source } from "./programs.ts";

const finite: MakeDerivatives = ({ fn, signature: { inputs: layouts, output } }) => {
  const [n, m] = [layouts[0].size, output.size];
  const jvp = (inputs: readonly Float64Array[], dx: Float64Array): Float64Array => {
    const rest = inputs.slice(1).map((input, k) => unpack<unknown>(layouts[k + 1], input));
    const f = (out: Float64Array, x: Float64Array): void =>
      void pack(output, (fn as PlainCall)(unpack(layouts[0], x), ...rest), "its value", out);
    const moved = dx.reduce((max, d) => Math.max(max, Math.abs(d)), 0);
    if (moved === 0) return new Float64Array(m);
    // As far as the component that is moved relatively most may go.
    const h = stepsFor(inputs[0], FLOOR).reduce(
      (least, step, j) => (dx[j] === 0 ? least : Math.min(least, step / Math.abs(dx[j]))),
      Infinity,
    );
    return new Differences(f, n, m).along(inputs[0], (j) => dx[j], h).slice();
  };
  return {
    native: "jvp",
    jvp,
    vjp: productByTransposed(jvp, n, m),
    hvp: refuse("finite", "second differences of differences keep few digits"),
  };
};

/** Numbers much smaller than the largest of an argument are moved as if they were this part of it. */
const FLOOR = 1e-3;

const closure: MakeDerivatives = ({ fn, definition, signature: { inputs: layouts, output }, target }) => {
  const vjp = (inputs: readonly Float64Array[], v: Float64Array): Float64Array => {
    const rest = inputs.slice(1).map((input, k) => unpack<unknown>(layouts[k + 1], input));
    const xBar = new Float64Array(layouts[0].size);
    const request = {
      call: (x: unknown, result: { assign(returned: unknown): void }) => result.assign((fn as PlainCall)(x, ...rest)),
      input: layouts[0],
      output,
      names: { input: `argument 1 of ${definition.name}`, output: "its value" },
      target,
    };
    vjpByClosures(request, inputs[0], v, xBar);
    return xBar;
  };
  return {
    native: "vjp",
    vjp,
    jvp: productByTransposed(vjp, output.size, layouts[0].size),
    hvp: refuse("closure", "its pullbacks are no programs, and are not derived again"),
  };
};

const operatorBackends: Readonly<Record<string, MakeDerivatives>> = { source, dual, closure, finite };

/** Throws {@link BadGradientOption} for an unknown name, and what the backend throws where it cannot take the function. */
export function derivativesBy(backend: string, request: DerivativesRequest): FunctionDerivatives {
  if (!Object.hasOwn(operatorBackends, backend)) {
    throw new BadGradientOption(
      `backend: there is no "${backend}" for functions. Backends are ${Object.keys(operatorBackends).join(", ")}.`,
    );
  }
  return operatorBackends[backend](request);
}

function refuse(backend: string, reason: string): () => never {
  return () => {
    throw new BackendRefused(backend, reason, "source");
  };
}
