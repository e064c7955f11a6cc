/** Derivatives of any program against each other and against finite differences. */
import { expect } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../src/compile/compile.ts";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import type { Program } from "../../src/ir/ir.ts";

interface Linked {
  readonly arena: Arena;
  readonly addresses: readonly number[];
  readonly main: Compiled;
}

/** By target; programs run several times are compiled once. */
const linked: Record<Target, WeakMap<Program, Linked>> = { javascript: new WeakMap(), wasm: new WeakMap() };

function link(program: Program, target: Target): Linked {
  let known = linked[target].get(program);
  if (!known) {
    const arena = new Arena();
    const addresses = program.parameters.map((p) => (p.kind === "array" ? arena.reserve(p.array.size) : 0));
    known = { arena, addresses, main: compile({ main: program }, arena, target).link().main };
    linked[target].set(program, known);
  }
  return known;
}

/**
 * Runs a program on plain numbers: arrays by name (outputs are filled in), scalars by name. Returns its result. It ran once before, so
 * that what it leaves in its own arrays is found where it counts on zeros.
 */
export function run(
  program: Program,
  arrays: Record<string, Float64Array>,
  scalars: Record<string, number> = {},
  target: Target = "javascript",
): number {
  const { arena, addresses, main } = link(program, target);
  const call = (): number => {
    program.parameters.forEach((p, i) => {
      if (p.kind === "array" && p.array.role !== "output") arena.f64(addresses[i], p.array.size).set(arrays[p.array.name]);
      if (p.kind === "array" && p.array.role === "output") arena.f64(addresses[i], p.array.size).fill(NaN);
    });
    return main(...program.parameters.map((p, i) => (p.kind === "array" ? addresses[i] : scalars[p.name])));
  };
  call();
  const result = call();
  program.parameters.forEach((p, i) => {
    if (p.kind === "array" && p.array.role !== "input") arrays[p.array.name] = arena.f64(addresses[i], p.array.size).slice();
  });
  return result;
}

export interface Case {
  readonly program: Program;
  readonly inputs: Record<string, Float64Array>;
  readonly scalars?: Record<string, number>;
  /** Inputs to differentiate with respect to; all arrays by default. */
  readonly wrt?: readonly string[];
  /** Relative tolerance against finite differences. */
  readonly finite?: number;
}

let state = 12345;
export function random(): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return (state / 0x7fffffff) * 2 - 1;
}

export function randoms(n: number): Float64Array {
  return Float64Array.from({ length: n }, random);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let s = 0;
  for (let i = 0; i < a.length; i++) s += a[i] * b[i];
  return s;
}

/** ⟨v, J w⟩ by forward mode, by reverse mode, and by central differences, in random directions. */
export function checkDerivatives({ program, inputs, scalars = {}, wrt = Object.keys(inputs), finite = 1e-6 }: Case): void {
  const arrays = wrt.filter((name) => name in inputs);
  const times = wrt.filter((name) => !(name in inputs));
  const outputs = program.parameters.flatMap((p) => (p.kind === "array" && p.array.role === "output" ? [p.array] : []));
  const chunk = 3;
  const directions = Object.fromEntries(arrays.map((name) => [`${name}_dot`, randoms(chunk * inputs[name].length)]));
  const timeDirections = Object.fromEntries(times.map((name) => [`${name}_dot`, randoms(chunk)]));
  const cotangents = Object.fromEntries(outputs.map((array) => [`${array.name}_bar`, randoms(array.size)]));

  const forwardArrays: Record<string, Float64Array> = { ...inputs, ...directions, ...timeDirections };
  run(forward(program, { wrt, chunk }), forwardArrays, scalars);
  const reverseArrays: Record<string, Float64Array> = { ...inputs, ...cotangents };
  run(reverse(program, { wrt }), reverseArrays, { ...scalars, result_bar: 1 });

  const evaluate = (h: number, d: number): number => {
    const moved: Record<string, Float64Array> = { ...inputs };
    for (const name of arrays)
      moved[name] = inputs[name].map((x, i) => x + h * directions[`${name}_dot`][d * inputs[name].length + i]);
    const movedScalars = { ...scalars };
    for (const name of times) movedScalars[name] += h * timeDirections[`${name}_dot`][d];
    const result = run(program, moved, movedScalars);
    return outputs.reduce(
      (sum, array) => sum + dot(moved[array.name], cotangents[`${array.name}_bar`]),
      program.result ? result : 0,
    );
  };
  for (let d = 0; d < chunk; d++) {
    const byForward = outputs.reduce(
      (sum, array) =>
        sum +
        dot(forwardArrays[`${array.name}_dot`].subarray(d * array.size, (d + 1) * array.size), cotangents[`${array.name}_bar`]),
      program.result ? forwardArrays.result_dot[d] : 0,
    );
    const byReverse =
      arrays.reduce((sum, name) => {
        const n = inputs[name].length;
        return sum + dot(reverseArrays[`${name}_bar`], directions[`${name}_dot`].subarray(d * n, (d + 1) * n));
      }, 0) + times.reduce((sum, name) => sum + reverseArrays[`${name}_bar`][0] * timeDirections[`${name}_dot`][d], 0);
    const scale = Math.max(1, Math.abs(byForward));
    expect(Math.abs(byReverse - byForward) / scale).toBeLessThan(1e-12);
    const h = 1e-6;
    const byDifferences = (evaluate(h, d) - evaluate(-h, d)) / (2 * h);
    expect(Math.abs(byForward - byDifferences) / scale).toBeLessThan(finite);
  }
}
