/** The inputs of a right-hand side (see src/analysis/switching/inputs.ts) at many times, computed together. */
import { compiledAlone } from "../../src/problem/comparison.ts";
import { defaultTarget } from "../../src/compile/compile.ts";
import { memo } from "../../src/core/memo.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { Program } from "../../src/ir/ir.ts";
import { SINK } from "../../src/analysis/switching/slice.ts";

/** Times in one call. */
const AT_ONCE = 1024;

export interface InputSamples {
  /** How many inputs there are. */
  readonly count: number;
  /** All of them at one time after the other, so many times from `t` on: good until the next call. */
  readonly from: (t: number, step: number, times: number) => Float64Array;
}

export function inputSamples(inputs: Program, p: Float64Array): InputSamples {
  const program = sampling(inputs);
  const compiled = compiledAlone(program, defaultTarget());
  const names = program.parameters.flatMap((parameter) => (parameter.kind === "array" ? [parameter.array.name] : []));
  // What depends on the state is left out, so that any will do.
  compiled.run(
    names.map((name) => (name === "p" ? p : undefined)),
    [],
  );
  const sampled = compiled.arrays[names.length - 1];
  const count = sampled.length / AT_ONCE;
  return {
    count,
    from(t, step, times) {
      if (times <= AT_ONCE) {
        compiled.run([], [t, step, times]);
        return sampled;
      }
      const all = new Float64Array(times * count);
      for (let k = 0; k < times; k += AT_ONCE) {
        const here = Math.min(AT_ONCE, times - k);
        compiled.run([], [t + k * step, step, here]);
        all.set(sampled.subarray(0, here * count), k * count);
      }
      return all;
    },
  };
}

/** (the inputs' own inputs but the time, output values[AT_ONCE, count], scalars t, step, times) */
const sampling = memo((inputs: Program): Program => {
  const b = new Builder(`${inputs.name}_inputs`);
  const own = inputs.parameters.map((parameter) => {
    if (parameter.kind === "scalar" || parameter.array.name === SINK) return undefined;
    const { name, size, element } = parameter.array;
    return { array: b.arrayParameter(name, size, "input", element), offset: b.i32(0) };
  });
  const sink = inputs.parameters.flatMap((one) => (one.kind === "array" && one.array.name === SINK ? [one.array] : []))[0];
  const values = b.arrayParameter("values", AT_ONCE * sink.size, "output");
  const [t, step] = [b.scalarParameter("t"), b.scalarParameter("step")];
  const times = b.scalarParameter("times", "i32", 0, AT_ONCE);
  b.for(b.i32(0), times, 1, [], (k) => {
    const now = b.operation("add", t, b.operation("mul", b.operation("f64.from_i32", k), step));
    const first = b.operation("i32.mul", k, b.i32(sink.size));
    for (let j = 0; j < sink.size; j++) b.store(values, b.operation("i32.add", first, b.i32(j)), b.f64(0));
    const here = { array: values, offset: first };
    b.call(
      inputs,
      inputs.parameters.map((parameter, j) => own[j] ?? (parameter.kind === "scalar" ? now : here)),
    );
    return [];
  });
  return b.finish();
});
