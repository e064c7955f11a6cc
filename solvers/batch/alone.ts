/** The values of one trajectory of a batch, as those that are solved alone take them. */
import { unpack } from "../../src/arrays/pack.ts";
import type { Given } from "../../src/devices/rows.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { GivenRows } from "./given-batch.ts";
import type { Spans } from "./spans.ts";

/** A trajectory's own values; the initial state is left out where it follows from the parameters. */
export interface Alone {
  readonly u0?: unknown;
  readonly p: unknown;
  readonly tspan: readonly [number, number];
}

export function aloneOf<U, P>({ layout }: OdeProblem<U, P>, { u0, p, startsFromP }: GivenRows, spans: Spans, m: number): Alone {
  return {
    ...(!startsFromP && { u0: unpack(layout.u, rowOf(u0, m)) }),
    p: unpack(layout.p, rowOf(p, m)),
    tspan: spans.of(m),
  };
}

/** A copy of a trajectory's numbers. */
export function rowOf({ data, count = 1 }: Given, m: number): Float64Array {
  const width = data.length / count;
  const at = count === 1 ? 0 : m * width;
  return data.slice(at, at + width);
}
