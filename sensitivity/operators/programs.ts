/** Derivatives by programs: the function is read, derived, compiled, and kept by its text, its constants and the shapes. */
import { componentName } from "../../src/arrays/layout.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { hasOwnDerivative, type Definition } from "../../src/definitions.ts";
import { Disagreement } from "../../src/errors.ts";
import { sameConstants } from "../../src/problem.ts";
import type { Program } from "../../src/program/ir.ts";
import { read } from "../../src/program/read/index.ts";
import { vjpByForward } from "../vjp/dual.ts";
import type { DerivativesRequest, FunctionDerivatives, MakeDerivatives } from "./derivatives.ts";

/** A vjp program of (output y, input x0, input x1, …) with respect to x0; a tape, if it needs one, holds `tapeCapacity` numbers. */
type DeriveVjp = (program: Program, tapeCapacity?: number) => Program;

const byReverse: DeriveVjp = (program, tapeCapacity) => reverse(program, { wrt: ["x0"], tapeCapacity });
const byForward: DeriveVjp = (program) => vjpByForward(program, "x0");

export const source: MakeDerivatives = (request) =>
  agreeing("source", request, (program) => derivatives(program, request.target, byReverse, "both"));
export const dual: MakeDerivatives = (request) =>
  agreeing("dual", request, (program) => derivatives(program, request.target, byForward, "jvp"));

interface ProgramDerivatives extends FunctionDerivatives {
  value(inputs: readonly Float64Array[]): Float64Array;
}

function derivatives(program: Program, target: Target, derive: DeriveVjp, native: "both" | "jvp"): ProgramDerivatives {
  const value = new CompiledProgram(() => program, target);
  const vjp = new CompiledProgram((capacity) => derive(program, capacity), target);
  const jvp = new CompiledProgram(() => forward(program, { wrt: ["x0"] }), target);
  const hvp = new CompiledProgram((capacity) => forward(derive(program, capacity), { wrt: ["x0"] }), target);
  const named = (inputs: readonly Float64Array[]): Record<string, Float64Array> =>
    Object.fromEntries(inputs.map((input, k) => [`x${k}`, input]));
  return {
    native,
    value: (inputs) => value.run(named(inputs), "y"),
    vjp: (inputs, v) => vjp.run({ ...named(inputs), y_bar: v }, "x0_bar"),
    jvp: (inputs, dx) => jvp.run({ ...named(inputs), x0_dot: dx }, "y_dot"),
    hvp: (inputs, dx) => hvp.run({ ...named(inputs), y_bar: Float64Array.of(1), x0_dot: dx }, "x0_bar_dot"),
  };
}

function readFunction({ fn, definition, signature }: DerivativesRequest): Program {
  return read({
    fn,
    name: definition.name,
    parameters: signature.inputs.map((layout, k) => ({ kind: "layout", name: `x${k}`, layout, role: "input" })),
    returns: { kind: "layout", name: "y", layout: signature.output },
  });
}

/** Compiled when first run, and again where a tape turns out too short. */
class CompiledProgram {
  private linked:
    | { readonly call: () => number; readonly arrays: ReadonlyMap<string, Float64Array>; readonly inputs: readonly string[] }
    | undefined;

  constructor(
    private readonly make: (tapeCapacity?: number) => Program,
    private readonly target: Target,
  ) {}

  /** A copy of the output named so. */
  run(inputs: Readonly<Record<string, Float64Array>>, output: string): Float64Array {
    this.linked ??= this.link();
    for (;;) {
      const { arrays, call } = this.linked;
      for (const name of this.linked.inputs) arrays.get(name)!.set(inputs[name]);
      // Nothing, or 0 where a tape sufficed.
      const needed = call() || 0;
      if (needed === 0) return arrays.get(output)!.slice();
      this.linked = this.link(needed);
    }
  }

  private link(tapeCapacity?: number): NonNullable<CompiledProgram["linked"]> {
    const program = this.make(tapeCapacity);
    const arena = new Arena();
    const parameters = program.parameters.flatMap((p) => (p.kind === "array" ? [p.array] : []));
    const addresses = parameters.map((array) => arena.reserve(array.size));
    const { main } = compile({ main: program }, arena, this.target).link();
    return {
      call: () => main(...addresses),
      arrays: new Map(parameters.map((array, i) => [array.name, arena.f64(addresses[i], array.size)])),
      inputs: parameters.flatMap((array) => (array.role === "input" ? [array.name] : [])),
    };
  }
}

/** Far above what reordered sums and other libraries' elementary functions differ by, far below any wrong term. */
const RELATIVE = 1e-9;
const CANCELLATION = 1e-12;

interface Entry {
  readonly key: string;
  readonly constants: unknown;
  /** Where the function has its own. */
  readonly rules: Definition | undefined;
  readonly made: ProgramDerivatives;
}

/** Most recently made last. */
const entries: Entry[] = [];
/** Functions whose constants are new each time are not kept for ever. */
const MOST_ENTRIES = 64;

/**
 * What is known of the function, if that still does what the function does (constants may have been overwritten), else made
 * anew. Throws {@link Disagreement} where that does not either.
 */
function agreeing(
  backend: string,
  request: DerivativesRequest,
  make: (program: Program) => ProgramDerivatives,
): FunctionDerivatives {
  const { definition, signature, target } = request;
  const key = JSON.stringify([backend, target, definition.fn.toString(), definition.name, signature]);
  const rules = hasOwnDerivative(definition) ? definition : undefined;
  const at = entries.findIndex(
    (entry) => entry.key === key && entry.rules === rules && sameConstants(entry.constants, definition.constants),
  );
  if (at >= 0) {
    const { made } = entries[at];
    if (disagreement(request, made) < 0) return made;
    entries.splice(at, 1);
  }
  const made = make(readFunction(request));
  const component = disagreement(request, made);
  if (component >= 0) {
    throw new Disagreement(
      `${definition.name}: the function gives ${request.value[component]} in ${componentName(signature.output, component, "its value")}, and its compiled ` +
        `form ${made.value(request.inputs)[component]}. It must depend on its arguments alone: pass what else it reads in \`constants\` (see differentiable).`,
    );
  }
  entries.push({ key, constants: definition.constants, rules, made });
  if (entries.length > MOST_ENTRIES) entries.shift();
  return made;
}

/** The component where compiled and plain function differ, or -1. */
function disagreement({ inputs, value }: DerivativesRequest, made: ProgramDerivatives): number {
  const largest = [...inputs, value].reduce((max, array) => array.reduce((m, x) => Math.max(m, Math.abs(x) || 0), max), 0);
  return made.value(inputs).findIndex((x, i) => {
    const y = value[i];
    return !(Object.is(x, y) || Math.abs(x - y) <= RELATIVE * Math.abs(y) + CANCELLATION * largest);
  });
}
