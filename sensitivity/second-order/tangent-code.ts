/**
 * The code of a problem's tangent: the state with its derivative along a change of the initial state and of the parameters,
 *
 *   u' = f(u, p, t),   v' = (∂f/∂u) v + (∂f/∂p) q,
 *
 * which is a problem itself, over the state (u, v) and the parameters (p, q). Whatever differentiates a solve differentiates its solve,
 * which is forward over reverse mode (B. A. Pearlmutter, "Fast exact multiplication by the Hessian", Neural Computation 6 (1994) 147–160;
 * for solves D. B. Özyurt and P. I. Barton, "Cheap second order directional derivatives of stiff ODE embedded functionals", SIAM Journal
 * on Scientific Computing 26 (2005) 1725–1743).
 */
import type { Layout } from "../../src/arrays/layout.ts";
import { memo } from "../../src/core/memo.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { ProblemCode, type EventOperators } from "../../src/problem/code.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { CheckedEvent } from "../../src/problem/events.ts";
import { Operator } from "../../src/problem/operator.ts";
import { operators } from "../../src/problem/operators.ts";
import type { Inputs } from "../../src/problem/plain-operator.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { massOfBlocks } from "../../solvers/step/mass.ts";
import { dualRhs, stateBlocks } from "../adjoints/forward/dual-system.ts";
import { tangentChange, tangentOfMoved } from "./tangent-events.ts";

/**
 * Of a problem whose functions can be read. A mass matrix is that of the tangent, too. `switches`: events that follow its own, and change
 * nothing but what their movement makes of the tangent.
 */
export function tangentProblem(problem: OdeProblem, switches: readonly EventOperators[] = []): OdeProblem {
  const stated = [
    ...(problem.events ?? []),
    ...switches.map((): CheckedEvent => ({ when: nothing, apply: nothing, direction: "both" })),
  ];
  const code = tangentCode(problem, stated, switches);
  return {
    ...problem,
    layout: code.layout,
    code,
    events: stated.map((event) => ({ ...event, apply: acts(event) ? (event.apply ?? event.when) : undefined })),
    // What algebraic equations make of the tangent at the start is none of the caller's.
    initialise: "algebraic",
    du0: undefined,
  };
}

function nothing(): void {}

/** Events that change the state, or end the solve, at times that parameters or the state move. */
export function movedEvents({ code, events = [] }: OdeProblem): readonly EventOperators[] {
  return code.events.filter(({ times, when }, k) => (times || when) && acts(events[k]));
}

function acts({ apply, terminal }: CheckedEvent): boolean {
  return apply !== undefined || terminal === true;
}

const tangentCode = memo(
  ({ code, tspan }: OdeProblem, stated: readonly CheckedEvent[], switches: readonly EventOperators[]): ProblemCode => {
    const { operators: own, layout, from, mass } = code;
    const [n, np] = [layout.u.size, layout.p.size];
    const along = (operator: Operator, program: (of: Operator) => Program): Operator =>
      tangentOperator(operator, layout, program);
    const rhs = along(own.rhs, (operator) => tangentRhs(operator.program()));
    const events = [...code.events, ...switches].map(({ name, times, when, apply }, k): EventOperators => {
      const changed = apply ?? changing(when!);
      if (!times && !when) return { name, apply: along(changed, (operator) => tangentChange(operator.program(), n, np)) };
      const ends = stated[k].terminal === true;
      const moved = (): Program => {
        const programs = { when: when?.program(), times: times?.program(), apply: apply?.program() };
        return tangentOfMoved({ rhs: own.rhs.program(), ...programs, ends, n, np, tspan });
      };
      const condition = { times: times && along(times, onPairs), when: when && along(when, onPairs) };
      return { name, ...condition, apply: acts(stated[k]) ? along(changed, moved) : undefined };
    });
    const start = { ...from, u0: pair(from.u0), p: pair(from.p) };
    const ofTangent = mass && massOfBlocks(mass, stateBlocks({ n, k: 1 }), 2 * n);
    // Where decisions turn out by the time, the functions decide by the state all the same.
    const original = code.asRead === code ? undefined : tangentCode({ code: code.asRead, tspan } as OdeProblem, stated, switches);
    return new ProblemCode({ rhs }, undefined, start, events, ofTangent, original);
  },
  {
    by: ({ code, tspan }, stated, switches) => [
      code,
      ...switches,
      ...stated.flatMap((event) => [event.terminal, acts(event)]),
      ...tspan,
    ],
  },
);

/** Numbers, and behind them as many others: zeros, unless they are given. */
export function pair(x: Float64Array, behind?: Float64Array): Float64Array {
  const both = new Float64Array(2 * x.length);
  both.set(x);
  if (behind) both.set(behind, x.length);
  return both;
}

function pairLayout({ size }: Layout): Layout {
  return { kind: "array", offset: 0, size: 2 * size, shape: [2 * size], container: "typed" };
}

/**
 * A function of some of u, p, t and so on, where those have their tangents behind them: what it gives, or leaves, is the function's own, and
 * behind that is what the program gives.
 */
function tangentOperator(operator: Operator, { u, p }: ProblemCode["layout"], derive: (operator: Operator) => Program): Operator {
  const program = (): Program => derive(operator);
  const own = operator.signature.takes.map((argument) => ("space" in argument ? (argument.space === "p" ? p.size : u.size) : 0));
  const ownInputs = (inputs: Inputs): Inputs =>
    inputs.map((input, k) => (typeof input === "number" ? input : input.slice(0, own[k])));
  const { gives } = operator.signature;
  const isLonger = gives === "nothing" || (typeof gives === "object" && gives.space !== "times");
  return operator.instead({
    spaces: { times: operator.spaces.times, u: pairLayout(u), p: pairLayout(p) },
    restated: undefined,
    points: () => operator.points().map((inputs) => inputs.map((input) => (typeof input === "number" ? input : pair(input)))),
    program,
    number: (inputs) => operator.number(ownInputs(inputs)),
    evaluate(into, inputs) {
      // What it changes may be what it is given.
      const given = ownInputs(inputs);
      if (isLonger) into.set(changed(program(), inputs));
      operator.evaluate(isLonger ? into.subarray(0, into.length / 2) : into, given);
    },
  });
}

/** What a program gives that writes an array of what it takes. */
function changed(program: Program, inputs: Inputs): Float64Array {
  const [arrays, scalars] = [inputs.filter((x) => typeof x !== "number"), inputs.filter((x) => typeof x === "number")];
  return compiledAlone(program, defaultTarget()).run([undefined, ...arrays], scalars).arrays[0];
}

/** A function that changes nothing of the state, where this condition is met. */
const changing = memo((when: Operator): Operator => {
  const operator = new Operator(operators.apply, {
    fn: () => {},
    name: when.name,
    spaces: when.spaces,
    constants: undefined,
    points: () => [],
  });
  return operator.instead({
    evaluate(into, [u]) {
      into.set(u as Float64Array);
    },
  });
});

/** A function of the numbers themselves, given them with what is behind them. */
function onPairs(operator: Operator): Program {
  return programOnPairs(operator.program());
}

const programOnPairs = memo((program: Program): Program => {
  const b = new Builder(program.name);
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") return b.scalarParameter(parameter.name, parameter.value.type);
    const { name, size, role } = parameter.array;
    const isInput = role === "input";
    return { array: b.arrayParameter(name, isInput ? 2 * size : size, isInput ? "input" : "output"), offset: b.i32(0) };
  });
  return eliminate(b.finish(inline(b, program, args)));
});

const tangentRhs = memo((rhs: Program): Program => {
  const [n, np] = [sizeOf(rhs, "u"), sizeOf(rhs, "p")];
  return dualRhs(rhs, undefined, { n, np, k: 1 });
});

/** Declares the inputs of a program over (u, v) and (p, q), and gives what a program of u and p takes of them, and its directions. */
export function tangentInputs(b: Builder, program: Program) {
  const declared = new Map<string, ArrayDeclaration>();
  const half = (array: ArrayDeclaration, second: 0 | 1): ArrayArgument => ({
    array,
    offset: b.i32(second * (array.size / 2)),
  });
  const inputs = program.parameters.flatMap((parameter): (ArrayArgument | Value)[] => {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      return [b.scalarParameter(parameter.name, type, min, max)];
    }
    const { name, size, role } = parameter.array;
    if (role !== "input") return [];
    const array = b.arrayParameter(name, 2 * size, "input");
    declared.set(name, array);
    return [half(array, 0)];
  });
  const [u, p] = ["u", "p"].map((name) => declared.get(name)!);
  return { inputs, directions: [half(u, 1), half(p, 1)], half, u, p };
}

function sizeOf(program: Program, name: "u" | "p"): number {
  const found = program.parameters.find((parameter) => parameter.kind === "array" && parameter.array.name === name);
  return found?.kind === "array" ? found.array.size : 0;
}
