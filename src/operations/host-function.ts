/**
 * Functions of the host as programs. Their derivatives are functions of the host too, and go with the program as its rules, so that
 * whatever is derived from programs that call it is derived as ever.
 */
import { InternalError } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Memory, Parameter, Program, Rules } from "../ir/ir.ts";

/** y = f(x0, x1, …), each an array of static size. */
export interface HostFunction {
  readonly name: string;
  readonly inputs: readonly number[];
  readonly output: number;
  readonly value: (inputs: readonly Float64Array[], output: Float64Array) => void;
  /** What takes cotangents of the output to the gradients by each input (which it overwrites), until the next call. */
  readonly linearize: (inputs: readonly Float64Array[]) => (outputBar: Float64Array, gradients: readonly Float64Array[]) => void;
}

/** (inputs x0, x1, …, output y). First derivatives are the function's; further ones are differences of those. */
export function hostProgram(f: HostFunction): Program {
  const inputs = f.inputs.map((size, k) => ({ name: `x${k}`, size }));
  const output = { name: "y", size: f.output };
  const value = calling({ name: f.name, inputs, outputs: [output], body: (given, [y]) => f.value(given, y) });
  return { ...value, rules: exactRules(f, inputs, output) };
}

interface NamedArray {
  readonly name: string;
  readonly size: number;
}

function exactRules(f: HostFunction, inputs: readonly NamedArray[], output: NamedArray): Rules {
  const bars = inputs.map(({ name, size }) => ({ name: `${name}_bar`, size }));
  const gradients = calling({
    name: `${f.name}_gradients`,
    inputs: [...inputs, { name: "y_bar", size: output.size }],
    outputs: bars,
    body: (given, into) => f.linearize(given.slice(0, -1))(given.at(-1)!, into),
  });
  return {
    inert: [],
    jvp: (active) => {
      const moving = inputs.flatMap(({ name }, k) => (active.includes(name) ? [k] : []));
      const tangents = moving.map((k) => ({ name: `${inputs[k].name}_dot`, size: inputs[k].size }));
      const slope = calling({
        name: `${f.name}_jvp`,
        inputs: [...inputs, ...tangents],
        outputs: [{ name: "y_dot", size: output.size }],
        body: (given, [yDot]) => along(f, given.slice(0, inputs.length), moving, given.slice(inputs.length), yDot),
      });
      const b = new Builder(`${f.name}_tangent`);
      const given = [...inputs, output, ...tangents].map(({ name, size }) => b.arrayParameter(name, size, "input"));
      const yDot = b.arrayParameter("y_dot", output.size, "output");
      given.splice(inputs.length, 1);
      b.call(slope, [...given, yDot].map(whole(b)));
      return b.finish();
    },
    vjp: (active) => {
      const b = new Builder(`${f.name}_vjp`);
      const given = inputs.map(({ name, size }) => b.arrayParameter(name, size, "input"));
      b.arrayParameter(output.name, output.size, "input");
      const yBar = b.arrayParameter("y_bar", output.size, "input");
      const parts = bars.map(({ name, size }) => b.localArray(name, size));
      b.call(gradients, [...given, yBar, ...parts].map(whole(b)));
      for (const [k, { name, size }] of inputs.entries()) {
        if (!active.includes(name)) continue;
        const sum = b.arrayParameter(`${name}_bar`, size, "inout");
        b.for(b.i32(0), b.i32(size), 1, [], (i) => (b.accumulate(sum, i, b.load(parts[k], i)), []));
      }
      return b.finish();
    },
  };
}

/** Row by row, as a function that is linearized backwards has it. */
function along(
  { inputs, output, linearize }: HostFunction,
  at: readonly Float64Array[],
  moving: readonly number[],
  tangents: readonly Float64Array[],
  yDot: Float64Array,
): void {
  const pullBack = linearize(at);
  const row = inputs.map((size) => new Float64Array(size));
  const unit = new Float64Array(output);
  for (let i = 0; i < output; i++) {
    unit[i] = 1;
    pullBack(unit, row);
    unit[i] = 0;
    yDot[i] = 0;
    moving.forEach((k, m) => tangents[m].forEach((d, j) => (yDot[i] += d * row[k][j])));
  }
}

interface HostCall {
  readonly name: string;
  readonly inputs: readonly NamedArray[];
  readonly outputs: readonly NamedArray[];
  readonly body: (inputs: readonly Float64Array[], outputs: readonly Float64Array[]) => void;
}

/** A program that calls the host with views of its arrays, in whatever memory it is linked over. Its jvp is a difference. */
function calling(host: HostCall): Program {
  const { name, inputs, outputs, body } = host;
  const b = new Builder(name);
  const arrays = [
    ...inputs.map((array) => b.arrayParameter(array.name, array.size, "input")),
    ...outputs.map((array) => b.arrayParameter(array.name, array.size, "output")),
  ];
  const external = {
    name,
    parameters: arrays.map((array): Parameter => ({ kind: "array", array })),
    call: () => {
      throw new InternalError(`${name} is called outside of any memory`);
    },
    over:
      (memory: Memory) =>
      (...addresses: number[]) => {
        const views = addresses.map((address, k) => memory.f64(address, arrays[k].size));
        body(views.slice(0, inputs.length), views.slice(inputs.length));
      },
  };
  b.call(external, arrays.map(whole(b)));
  return { ...b.finish(), rules: { inert: [], jvp: (active) => difference(host, active) } };
}

/** Relative to what moves: about the cube root of the rounding error. */
const STEP = 2 ** -17;

function difference({ name, inputs, outputs, body }: HostCall, active: readonly string[]): Program {
  const moving = inputs.flatMap((input, k) => (active.includes(input.name) ? [k] : []));
  const tangents = moving.map((k) => ({ name: `${inputs[k].name}_dot`, size: inputs[k].size }));
  const dots = outputs.map((output) => ({ name: `${output.name}_dot`, size: output.size }));
  return calling({
    name: `${name}_difference`,
    inputs: [...inputs, ...outputs, ...tangents],
    outputs: dots,
    body(given, into) {
      const at = given.slice(0, inputs.length);
      const directions = given.slice(inputs.length + outputs.length);
      const farthest = largest(directions);
      const h = (STEP * Math.max(largest(moving.map((k) => at[k])), STEP)) / farthest;
      const moved = (by: number): Float64Array[] => {
        const point = at.map((x) => x.slice());
        moving.forEach((k, m) => point[k].forEach((_, j) => (point[k][j] += by * directions[m][j])));
        const values = dots.map(({ size }) => new Float64Array(size));
        body(point, values);
        return values;
      };
      if (farthest === 0) return into.forEach((result) => result.fill(0));
      const [above, below] = [moved(h), moved(-h)];
      into.forEach((result, k) => result.forEach((_, j) => (result[j] = (above[k][j] - below[k][j]) / (2 * h))));
    },
  });
}

function largest(arrays: readonly Float64Array[]): number {
  return arrays.reduce((most, array) => array.reduce((max, x) => Math.max(max, Math.abs(x)), most), 0);
}

function whole(b: Builder): (array: ArrayDeclaration) => ArrayArgument {
  return (array) => ({ array, offset: b.i32(0) });
}
