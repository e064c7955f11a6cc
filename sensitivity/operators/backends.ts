/** The table of backends that the operators take, and functions' own rules. */
import { pack, unpack } from "../../src/arrays/pack.ts";
import { BackendRefused, BadGradientOption } from "../../src/errors.ts";
import { call, type Definition } from "../differentiable.ts";
import { vjpByClosures } from "../vjp/closure/run.ts";
import { Differences, stepsFor } from "../vjp/differences.ts";
import { productByTransposed, type DerivativesRequest, type FunctionDerivatives, type MakeDerivatives } from "./derivatives.ts";
import { dual, source } from "./programs.ts";

const finite: MakeDerivatives = ({ definition, signature: { inputs: layouts, output } }) => {
  const [n, m] = [layouts[0].size, output.size];
  const jvp = (inputs: readonly Float64Array[], dx: Float64Array): Float64Array => {
    const rest = inputs.slice(1).map((input, k) => unpack<unknown>(layouts[k + 1], input));
    const f = (out: Float64Array, x: Float64Array): void =>
      void pack(output, call(definition, [unpack(layouts[0], x), ...rest]), "its value", out);
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

const closure: MakeDerivatives = ({ definition, signature: { inputs: layouts, output }, target }) => {
  const vjp = (inputs: readonly Float64Array[], v: Float64Array): Float64Array => {
    const rest = inputs.slice(1).map((input, k) => unpack<unknown>(layouts[k + 1], input));
    const xBar = new Float64Array(layouts[0].size);
    const request = {
      call: (x: unknown, result: { assign(returned: unknown): void }) => result.assign(call(definition, [x, ...rest])),
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
  const { definition } = request;
  if (definition.vjp || definition.jvp) return ownRules(request);
  if (!Object.hasOwn(operatorBackends, backend)) {
    throw new BadGradientOption(
      `backend: there is no "${backend}" for functions. Backends are ${Object.keys(operatorBackends).join(", ")}.`,
    );
  }
  return operatorBackends[backend](request);
}

/** What the author gives; a product that is not given is made of the one that is, so that both say the same. */
function ownRules({ definition, signature: { inputs: layouts, output } }: DerivativesRequest): FunctionDerivatives {
  const { vjp: givenVjp, jvp: givenJvp, constants } = definition;
  const [input] = layouts;
  const product = (rule: NonNullable<Definition["vjp"]>, from: typeof input, to: typeof input, what: string) => {
    return (inputs: readonly Float64Array[], vector: Float64Array): Float64Array => {
      const args = inputs.map((flat, k) => unpack<unknown>(layouts[k], flat));
      return pack(
        to,
        rule(unpack(from, vector), ...args, ...(constants === undefined ? [] : [constants])),
        `what ${what} of ${definition.name} returns`,
      );
    };
  };
  const vjp = givenVjp && product(givenVjp, output, input, "vjp");
  const jvp = givenJvp && product(givenJvp, input, output, "jvp");
  return {
    native: vjp && jvp ? "both" : vjp ? "vjp" : "jvp",
    vjp: vjp ?? productByTransposed(jvp!, input.size, output.size),
    jvp: jvp ?? productByTransposed(vjp!, output.size, input.size),
    hvp: refuse(definition.name, "it has rules of its own, which are not derived again"),
  };
}

function refuse(backend: string, reason: string): () => never {
  return () => {
    throw new BackendRefused(backend, reason, "source");
  };
}
