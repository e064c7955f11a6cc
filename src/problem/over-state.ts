/** Functions of a problem over a state that holds the parameters that events change. */
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../ir/ir.ts";
import { memo } from "../core/memo.ts";
import { eliminate } from "../passes/eliminate.ts";
import type { Operator } from "./operator.ts";
import type { Inputs } from "./plain-operator.ts";
import { parametersIn, withParameters, type ChangedParameters } from "./changed-parameters.ts";

/** The program over that state: what it gives for the parameters in it is said by {@link behind}. */
export const programOverState = memo((program: Program, changed: ChangedParameters): Program => {
  const { layout, state, indices } = changed;
  const n = layout.u.size;
  const b = new Builder(program.name);
  const from = (array: ArrayDeclaration, offset = 0): ArrayArgument => ({ array, offset: b.i32(offset) });
  const given = new Map<string, ArrayDeclaration | Value>();
  for (const parameter of program.parameters) {
    if (parameter.kind === "scalar") {
      const { type, min, max } = parameter.value;
      given.set(parameter.name, b.scalarParameter(parameter.name, type, min, max));
      continue;
    }
    const { name, size, role } = parameter.array;
    if (name === "p_after") continue;
    given.set(name, b.arrayParameter(name, name === "p" ? size : state.size, role as "input" | "output"));
  }
  const array = (name: string): ArrayDeclaration => given.get(name) as ArrayDeclaration;
  const isAll = indices.length === layout.p.size;
  const now = isAll ? from(array("u"), n) : from(nowIn(b, array("p"), array("u"), changed));
  const later = isAll ? undefined : b.localArray("p_later", layout.p.size);
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") return given.get(parameter.name) as Value;
    const { name } = parameter.array;
    if (name === "p") return now;
    if (name === "p_after") return later ? from(later) : from(array("u_after"), n);
    return from(array(name));
  });
  const result = inline(b, program, args);
  const [output] = program.parameters;
  if (output.kind === "array" && output.array.role === "output") {
    const changes = program.parameters.some((parameter) => parameter.kind === "array" && parameter.array.name === "p_after");
    if (!changes || later) {
      for (const j of indices.keys()) {
        const value = changes ? b.load(later!, b.i32(indices[j])) : behind(b, output.array.name, given, n + j);
        b.store(array(output.array.name), b.i32(n + j), value);
      }
    }
  }
  return eliminate(b.finish(result));
});

/** The parameters, with those that the state holds. */
function nowIn(b: Builder, p: ArrayDeclaration, u: ArrayDeclaration, { layout, indices }: ChangedParameters): ArrayDeclaration {
  const now = b.localArray("p_now", layout.p.size);
  b.for(b.i32(0), b.i32(layout.p.size), 1, [], (i) => (b.store(now, i, b.load(p, i)), []));
  indices.forEach((index, j) => b.store(now, b.i32(index), b.load(u, b.i32(layout.u.size + j))));
  return now;
}

/** What is given for a parameter in the state: it stays; its derivative is 0; d I is solved for where others are preconditioned. */
function behind(b: Builder, output: string, given: ReadonlyMap<string, ArrayDeclaration | Value>, at: number): Value {
  const array = (name: string): ArrayDeclaration => given.get(name) as ArrayDeclaration;
  if (output === "u_after") return b.load(array("u"), b.i32(at));
  return output === "z" ? b.operation("div", b.load(array("r"), b.i32(at)), given.get("d") as Value) : b.f64(0);
}

/** An operator over that state. `changing`: the same function, which leaves parameters too, where it changes them. */
export function operatorOverState(operator: Operator, changed: ChangedParameters, changing?: Operator): Operator {
  const { layout, state } = changed;
  const n = layout.u.size;
  const within = changing ?? operator;
  const { takes } = operator.signature;
  const [atU, atP] = ["u", "p"].map((space) => takes.findIndex((argument) => argument.name === space));
  const isState = takes.map((argument) => "space" in argument && argument.space === "u");
  const stated = (inputs: Inputs): Inputs => {
    const now = parametersIn(changed, inputs[atU] as Float64Array, inputs[atP] as Float64Array);
    return inputs.map((input, k) => (k === atP ? now : isState[k] ? (input as Float64Array).subarray(0, n) : input));
  };
  const evaluate = (into: Float64Array, inputs: Inputs): void => {
    if (changing) {
      const frame = changing.frameAt(stated(inputs));
      changing.over(frame);
      return into.set(withParameters(changed, frame.inputs[0] as Float64Array, frame.inputs[atP] as Float64Array));
    }
    operator.evaluate(into.subarray(0, n), stated(inputs));
    const first = inputs[0] as Float64Array;
    for (let i = n; i < state.size; i++) into[i] = plainlyBehind(operator, first[i], inputs);
  };
  const points = (): Inputs[] =>
    operator
      .points()
      .map((inputs) =>
        inputs.map((input, k) =>
          isState[k] ? withParameters(changed, input as Float64Array, inputs[atP] as Float64Array) : input,
        ),
      );
  const programOf = (program: Program): Program => programOverState(program, changed);
  return within.instead({
    spaces: { ...operator.spaces, u: state },
    points,
    program: () => programOf(within.program()),
    evaluate,
    number: (inputs) => operator.number(stated(inputs)),
    overState: { within, programOf },
  });
}

/** As {@link behind}. */
function plainlyBehind({ signature, output }: Operator, first: number, inputs: Inputs): number {
  if (signature.gives === "nothing") return first;
  return output.name === "z" ? first / (inputs.at(-1) as number) : 0;
}
