/**
 * Parameters that events change. From an event's point of view they are state, and so they are for the solve: components behind those that
 * the problem states, with the derivative 0, which every function sees in place of the parameters. So all that is known of states (steps,
 * events, derivatives) holds for them.
 */
import { componentPath, ownLayout, type Layout } from "../arrays/layout.ts";
import { walk, type ArrayArgument, type Program, type Value } from "../ir/ir.ts";

export interface ChangedParameters {
  /** As the problem states them. */
  readonly layout: { readonly u: Layout; readonly p: Layout };
  /** Of the state with them. */
  readonly state: Layout;
  /** Which parameters the components behind those of the problem are, ascending. */
  readonly indices: readonly number[];
}

export function changedParameters(layout: ChangedParameters["layout"], indices: readonly number[]): ChangedParameters {
  const { u, p } = layout;
  const components = [...Array(u.size).keys(), ...indices.map((index) => componentPath(p, index, "p"))];
  const state: Layout = { kind: "extended", offset: 0, size: components.length, own: ownLayout(u), components };
  return { layout, state, indices };
}

/** The state with the parameters that events change. */
export function withParameters({ indices }: ChangedParameters, u: Float64Array, p: Float64Array): Float64Array {
  return Float64Array.of(...u, ...indices.map((index) => p[index]));
}

/** The parameters with those that such a state holds. */
export function parametersIn({ layout: { u }, indices }: ChangedParameters, state: Float64Array, p: Float64Array): Float64Array {
  const now = p.slice();
  indices.forEach((index, j) => (now[index] = state[u.size + j]));
  return now;
}

/** The indices of the parameters that a program may write which leaves them in `p_after`, where it copies `p` first; ascending. */
export function writtenIn(program: Program): number[] {
  const written = new Set<number>();
  const copies = new Map<Value, Value>();
  const add = (from: number, to: number): void => {
    for (let i = from; i <= to; i++) written.add(i);
  };
  for (const i of walk(program.body)) {
    if (i.kind === "load" && i.array.name === "p" && i.array.role === "input") copies.set(i.result, i.index);
    const arrays = i.kind === "call" ? i.args.filter(isArray).map(({ array }) => array) : "array" in i ? [i.array] : [];
    const after = arrays.find(({ name, role }) => name === "p_after" && role === "output");
    if (!after || i.kind === "load") continue;
    if (i.kind !== "store" && i.kind !== "accumulate") add(0, after.size - 1);
    else if (!isSame(copies.get(i.value), i.index)) add(Math.max(0, i.index.min), Math.min(after.size - 1, i.index.max));
  }
  return [...written].sort((a, b) => a - b);
}

function isArray(arg: ArrayArgument | Value): arg is ArrayArgument {
  return "array" in arg;
}

function isSame(one: Value | undefined, other: Value): boolean {
  return one !== undefined && (one === other || (one.constant !== undefined && one.constant === other.constant));
}
