/** A user's function that runs by itself, as a program: its values are those of calls, its derivatives those of its tape. */
import type { Layout } from "../arrays/layout.ts";
import { called } from "../operations/calling.ts";
import { pack } from "../arrays/pack.ts";
import { view } from "../arrays/view.ts";
import type { PlainCall } from "../operations/definitions.ts";
import { CapturedVariable, NoSourceText, UnreadableFunction } from "../core/errors.ts";
import { hostProgram } from "../operations/host-function.ts";
import type { Program } from "../ir/ir.ts";
import type { Samples } from "../read/constants/bindings.ts";
import { Recorder } from "./recording.ts";
import { adjointsOf } from "./sweep.ts";

/** Called as fn(u, p, t, i, constants), with as many of t and i as there are. */
export interface OwnFunction {
  readonly name: string;
  readonly fn: PlainCall;
  readonly constants: unknown;
  readonly layout: { readonly u: Layout; readonly p: Layout };
  /** t, or t and i. */
  readonly scalars: 0 | 1 | 2;
  /** What it returns; absent: it changes u. */
  readonly returns?: Layout;
  /** Arguments that it can be called with. */
  readonly samples: Samples;
}

/** Can the tape take a function that cannot be read for this reason? */
export function isTraceable(error: unknown): error is UnreadableFunction {
  return error instanceof UnreadableFunction && !(error instanceof CapturedVariable || error instanceof NoSourceText);
}

/** (inputs x0 = u, x1 = p, and x2 = [t, i] where there are such, output y). `fn` and `constants` are taken anew for every call. */
export function tracedProgram(own: OwnFunction): Program {
  const { name, layout, scalars, returns, samples } = own;
  const output = returns ?? layout.u;
  const plain = (into: Float64Array, [u, p, s]: readonly Float64Array[]): void => {
    const state = u.slice();
    const args = [view(layout.u, state, "u"), view(layout.p, p.slice(), "p"), ...(s ?? []), own.constants];
    const value = called(name, s?.[0], () => own.fn(...args));
    if (returns) pack(returns, value, `what ${name} returns`, into);
    else into.set(state);
  };
  const time: Layout = { kind: "scalar", offset: 0, size: 1 };
  let index: readonly number[] = [];
  const recorder = new Recorder({
    fn: own.fn,
    name,
    get constants() {
      return own.constants;
    },
    inputs: [
      { name: "u", layout: layout.u },
      { name: "p", layout: layout.p },
      ...(scalars > 0 ? [{ name: "t", layout: time }] : []),
    ],
    output,
    argumentsOf: (inputs, constants) => [...inputs, ...index, constants],
    writes: returns ? "nothing" : "u",
    samples,
    plain: (into, [u, p, t]) => plain(into, [u, p, Float64Array.of(...(t ?? []), ...index)]),
  });
  return hostProgram({
    name,
    inputs: scalars > 0 ? [layout.u.size, layout.p.size, scalars] : [layout.u.size, layout.p.size],
    output: output.size,
    value: (inputs, into) => plain(into, inputs),
    linearize([u, p, s]) {
      // The index of a summand is no number to be differentiated.
      index = s?.length === 2 ? [s[1]] : [];
      const recording = recorder.record(s ? [u, p, s.subarray(0, 1)] : [u, p]);
      return (bar, gradients) => {
        const adjoints = adjointsOf(recording, bar);
        let from = 0;
        for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] = adjoints[from++];
        if (scalars === 2) gradients[2][1] = 0;
      };
    },
  });
}
