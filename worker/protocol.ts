/** What goes to a worker that serves a problem, and comes back. State and parameters travel flat: classes do not survive the way. */
import type { Jobs } from "../training/threads/threads.ts";
import type { Chunk, ChunkResult } from "../ensemble/chunks/chunk.ts";
import type { Layout } from "../src/arrays/layout.ts";
import type { Gradient, GradientOptions } from "../sensitivity/gradient.ts";
import type { Solution } from "../solvers/solution/solution.ts";
import type { Request as AnyRequest } from "../src/workers/protocol.ts";
import type { SolveOptions } from "../solvers/solve/solve.ts";

/** Values in place of the problem's, flat. */
export interface Values {
  readonly u0?: Float64Array;
  readonly p?: Float64Array;
  readonly tspan?: readonly [number, number];
}

/** An event that took place. */
export interface FlatEvent {
  readonly t: number;
  readonly event: number;
  readonly before: Float64Array;
  readonly after: Float64Array;
  readonly parameters?: { readonly before: Float64Array; readonly after: Float64Array };
}

type Unposted = "u0" | "p" | "tspan" | "loss" | "onProgress" | "signal";

/** The calls of a worker, by name: what they take, and give. */
export interface Calls {
  readonly layouts: { readonly options: undefined; readonly result: { readonly u: Layout; readonly p: Layout } };
  readonly solve: {
    readonly options: Omit<SolveOptions, Unposted | "throwOnFailure" | "dense" | "save">;
    readonly result: Pick<
      Solution<unknown>,
      "t" | "states" | "names" | "stats" | "result" | "solver" | "seconds" | "warnings"
    > & {
      readonly events: readonly FlatEvent[];
    };
  };
  readonly gradient: {
    readonly options: Omit<GradientOptions, Unposted>;
    readonly result: Omit<Gradient, "gradient"> & { readonly t0?: number; readonly t1?: number };
  };
  readonly start: WorkerJob<"start">;
  readonly chain: WorkerJob<"chain">;
  /** Some trajectories of an ensemble; `run` it is of, whose task stays the same. */
  readonly chunk: {
    readonly options: {
      readonly run: string;
      readonly reference: unknown;
      readonly signature: unknown;
      readonly task: unknown;
      readonly chunk: Chunk;
    };
    /** `count`: how many trajectories it tells of. */
    readonly result: { readonly count: number; readonly result: ChunkResult };
  };
}

type WorkerJob<Kind extends keyof Jobs> = { readonly options: Jobs[Kind]["job"]; readonly result: Jobs[Kind]["result"] };

export type CallName = keyof Calls;

export interface Request<Name extends CallName = CallName> extends AnyRequest {
  readonly call: Name;
  readonly options: Calls[Name]["options"];
  readonly values: Values;
}
