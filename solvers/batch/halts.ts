/** The times at which the steps of a batch end: where the right-hand side may become another one, for each trajectory. */
import type { BatchDevice } from "../../src/devices/device.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { ExplicitMethod } from "../families/explicit/tableau.ts";
import { stopsOf } from "../step-loop/stops.ts";
import { crossingsOf, stopTimes } from "../events/switching.ts";

/** The step over a switch, from the one side to the other, relative to the time: a few roundings. */
const GAP = { f64: 2 ** -50, f32: 2 ** -20 };

export interface Halts {
  /** Room for so many, of each trajectory. */
  readonly count: number;
  /** `halts`: of each trajectory its own, or the same for all; t1 behind the last of them. Empty where there are none. */
  readonly arrays: { readonly halts?: Float64Array };
  readonly isOwn: boolean;
  /** Do parameters move times? */
  readonly move: boolean;
}

interface Batch {
  readonly p: Float64Array;
  readonly count: number;
  /** Has each trajectory parameters of its own? */
  readonly isOwn: boolean;
  readonly tspan: readonly [number, number];
}

/** Throws TooManySwitches. */
export function haltsOf(
  code: ProblemCode,
  { p, count, isOwn, tspan }: Batch,
  stops: ArrayLike<number> | undefined,
  precision: BatchDevice["precision"],
): Halts {
  const [t0, t1] = tspan;
  const np = code.layout.p.size;
  let move = false;
  const rowOf = (m: number): number[] => {
    const found = crossingsOf(code, p.subarray(m * np, (m + 1) * np), tspan);
    move ||= found.some(({ slopes }) => slopes().size > 0);
    const around = stopsOf({ t0, t1, stops: stopTimes(found, stops) }, GAP[precision]);
    return around.flatMap(({ end, start }) => [end, start]).filter((t) => t !== t0 && t !== t1);
  };
  const first = rowOf(0);
  const differ = isOwn && move;
  const rows = differ ? Array.from({ length: count }, (_, m) => (m === 0 ? first : rowOf(m))) : [first];
  const longest = Math.max(...rows.map((row) => row.length));
  // So that few kernels are made for many counts.
  const room = longest === 0 ? 0 : 2 ** Math.ceil(Math.log2(longest));
  const halts = new Float64Array(rows.length * room).fill(t1);
  rows.forEach((row, m) => halts.set(row, m * room));
  return { count: room, arrays: room === 0 ? {} : { halts }, isOwn: differ, move };
}

/** As far as a method's steps can end there. Throws {@link CannotBatch} for stops asked for. */
export function haltsFor(
  method: ExplicitMethod,
  halts: Halts,
  stops: ArrayLike<number> | undefined,
): { readonly halts: Halts; readonly warnings: readonly string[] } {
  if (!method.dt || halts.count === 0) return { halts, warnings: [] };
  if (stops?.length)
    throw new CannotBatch("stops: in a batch steps of one length cannot end at them. Take tsit5() or another method.");
  return {
    halts: { ...halts, count: 0, arrays: {} },
    warnings: [
      "The right-hand side switches within tspan, where steps of one length do not end: their error there is of first order.",
    ],
  };
}
