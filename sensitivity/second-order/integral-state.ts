/**
 * A loss with an integral as one of the final state alone: z' = h(u, p, t) beside the state, whose last value is the integral. Where events move
 * in time the derivative of an integral is more than that of its integrand, and what events do to the tangent of z is that.
 */
import { memo } from "../../src/core/memo.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { Builder } from "../../src/ir/builder.ts";
import { inline } from "../../src/ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { eliminate } from "../../src/passes/eliminate.ts";
import { ProblemCode, type EventOperators } from "../../src/problem/code.ts";
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { Operator } from "../../src/problem/operator.ts";
import type { Inputs } from "../../src/problem/plain-operator.ts";
import { setTolerance } from "../../solvers/step-loop/tolerances.ts";
import { dualRhs } from "../adjoints/forward/dual-system.ts";
import { sizeOfIntegralAlong } from "../adjoints/integral/tolerance.ts";
import type { LossPrograms } from "../losses/loss.ts";
import type { LossPart } from "../losses/part.ts";
import type { UnplannedTask } from "../task/task.ts";

/** Of a task whose loss has an integral, without a mass matrix. */
export function withIntegralState(task: UnplannedTask): UnplannedTask {
  const { problem, loss, u0, atol } = task;
  const code = codeWithIntegral(task.code, loss.integral!);
  const n = u0.length;
  const tolerances = new Float64Array(n + 1).fill(task.rtol * sizeOfIntegralAlong(task));
  setTolerance(tolerances.subarray(0, n), atol);
  return {
    ...task,
    problem: { ...problem, code, layout: code.layout },
    code,
    loss: lossWithoutIntegral(loss, n, task.p.length),
    u0: longer(u0),
    atol: tolerances,
  };
}

function longer(u: Float64Array): Float64Array {
  return Float64Array.of(...u, 0);
}

const codeWithIntegral = memo((code: ProblemCode, integral: LossPart): ProblemCode => {
  const { operators, from, layout, events } = code;
  const [n, np] = [layout.u.size, layout.p.size];
  const over = (operator: Operator, program: () => Program): Operator => besideIntegral(operator, n, program);
  const ofEvents = events.map(({ name, times, when, apply }): EventOperators => ({
    name,
    times,
    when: when && over(when, () => withRoom(when.program(), n)),
    apply: apply && over(apply, () => changeBesideIntegral(apply.program(), n, np)),
  }));
  const rhs = over(operators.rhs, () => rhsWithIntegral(operators.rhs.program(), integral, n, np));
  return new ProblemCode({ rhs }, undefined, { ...from, u0: longer(from.u0) }, ofEvents);
});

const rhsWithIntegral = memo((rhs: Program, integral: LossPart, n: number, np: number): Program =>
  dualRhs(rhs, integral, { n, np, k: 0 }),
);

/** A function over the state with an integral behind it, for which what it gives has room. */
function besideIntegral(operator: Operator, n: number, program: () => Program): Operator {
  const own = (inputs: Inputs): Inputs => inputs.map((x, k) => (k === 0 && typeof x !== "number" ? x.slice(0, n) : x));
  const u = { kind: "array", offset: 0, size: n + 1, shape: [n + 1], container: "typed" } as const;
  return operator.instead({
    spaces: { u, p: operator.spaces.p },
    points: () => operator.points().map((inputs) => inputs.map((x, k) => (k === 0 && typeof x !== "number" ? longer(x) : x))),
    program,
    number: (inputs) => operator.number(own(inputs)),
    evaluate(into, inputs) {
      const given = own(inputs);
      const arrays = inputs.filter((x) => typeof x !== "number");
      const scalars = inputs.filter((x) => typeof x === "number");
      into.set(compiledAlone(program(), defaultTarget()).run([undefined, ...arrays], scalars).arrays[0]);
      operator.evaluate(into.subarray(0, n), given);
    },
  });
}

/** The same program of a state that has one number more. */
const withRoom = memo((program: Program, n: number): Program => {
  const b = new Builder(program.name);
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      return b.scalarParameter(parameter.name, type, min, max);
    }
    const { name, size, role } = parameter.array;
    return whole(b, b.arrayParameter(name, name === "u" ? n + 1 : size, role as "input"));
  });
  return eliminate(b.finish(inline(b, program, args)));
});

/** What an event does, which leaves the integral as it is: (output u_after[n + 1], input u[n + 1], input p, scalar t, scalar index). */
const changeBesideIntegral = memo((apply: Program, n: number, np: number): Program => {
  const b = new Builder(apply.name);
  const [after, u] = [b.arrayParameter("u_after", n + 1, "output"), b.arrayParameter("u", n + 1, "input")];
  const p = b.arrayParameter("p", np, "input");
  const [t, index] = [b.scalarParameter("t"), b.scalarParameter("index", "i32")];
  inline(b, apply, [...[after, u, p].map((array) => whole(b, array)), t, index]);
  b.store(after, b.i32(n), b.load(u, b.i32(n)));
  return eliminate(b.finish());
});

function lossWithoutIntegral({ times, indices, sum, final }: LossPrograms, n: number, np: number): LossPrograms {
  return { times, indices, sum: sum && partOf(withRoom(sum.value, n)), final: partOf(finalOf(final?.value, n, np)) };
}

const partOf = memo((value: Program): LossPart => ({ value, gradient: derivativesOf(value).vjp(["u", "p"]) }));

/** What the loss has of the final state, and the integral. */
const finalOf = memo((final: Program | undefined, n: number, np: number): Program => {
  const b = new Builder("with_integral");
  const [u, p] = [b.arrayParameter("u", n + 1, "input"), b.arrayParameter("p", np, "input")];
  const integral = b.load(u, b.i32(n));
  return eliminate(b.finish(final ? b.operation("add", integral, inline(b, final, [whole(b, u), whole(b, p)])!) : integral));
});

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
