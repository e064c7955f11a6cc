/** Which paths a compiled function takes at its calls: see analysis/paths.ts. */
import { compiledAlone } from "./comparison.ts";
import type { Target } from "../compile/compile.ts";
import { Builder } from "../ir/builder.ts";
import { pathsOf, type Paths } from "../analysis/paths.ts";
import { walk, type ArrayArgument, type Program } from "../ir/ir.ts";

/** The state and the scalars of calls. */
export interface Calls {
  readonly count: number;
  readonly state: (k: number) => Float64Array;
  readonly scalars: (k: number) => readonly number[];
  /** Another one where those are others; absent: they always are. */
  readonly times?: Float64Array;
}

/** Calls that are looked at in one go, at most, and the numbers that their states have room for. */
const MOST = 64;
const NUMBERS = 2 ** 12;
/** KnownPaths that are told apart by all their decisions; of more, each decision counts by itself. */
const MOST_PATHS = 32;

/** What is known of the paths of a function of (u, p, scalars), from all looks. */
export class KnownPaths {
  /** Calls in one go. */
  readonly most: number;
  private readonly program: Program;
  private readonly known = new Set<number>();
  /** How many outcomes of decisions were met. */
  private met = 0;
  /** Does the path depend on the scalars alone? Then it is the same at the same times. */
  readonly isTimed: boolean;
  private seen: Float64Array | undefined;

  private constructor(
    of: Program,
    private readonly paths: Paths,
    private readonly target: Target,
  ) {
    const n = sizeOf(of, "u");
    this.most = Math.max(1, Math.min(MOST, Math.floor(NUMBERS / n)));
    this.program = overCalls(of, paths, this.most);
    this.isTimed = readsScalarsAlone(paths.program);
  }

  /** Undefined for a program that has one path only. */
  static of(program: Program, target: Target): KnownPaths | undefined {
    const paths = pathsOf(program);
    return paths && new KnownPaths(program, paths, target);
  }

  /** May calls at these times take a new path? Until it is asked again, they are to be looked at. */
  mayBeNewAt(times: Float64Array | undefined): boolean {
    const { decisions, apart } = this.paths;
    if (this.known.size >= Math.min(MOST_PATHS, 2 ** apart) && this.met === 2 * decisions) return false;
    if (this.isTimed && times !== undefined && times === this.seen) return false;
    this.seen = times;
    return true;
  }

  /** Those of the calls, `most` at most, that take a path which none took before; of a new outcome within loops, all of them. */
  newAt(chosen: readonly number[], p: Float64Array, { state, scalars }: Calls): number[] {
    const alone = compiledAlone(this.program, this.target);
    // Those of the program (see overCalls).
    const [found, taken, states, parameters, ...given] = alone.arrays;
    const n = states.length / this.most;
    parameters.set(p);
    for (let j = 0; j < chosen.length; j++) {
      const u = state(chosen[j]);
      for (let i = 0; i < n; i++) states[j * n + i] = u[i];
      const values = scalars(chosen[j]);
      for (let s = 0; s < values.length; s++) given[s][j] = values[s];
    }
    alone.run([], [chosen.length]);
    let met = 0;
    for (let d = 0; d < taken.length; d++) met += taken[d];
    const isNewOutcome = met > this.met;
    this.met = met;
    return chosen.filter((_, j) => this.isNew(found[j]) || isNewOutcome);
  }

  /** Notes it. */
  private isNew(path: number): boolean {
    if (this.known.size >= MOST_PATHS || this.known.has(path)) return false;
    this.known.add(path);
    return true;
  }
}

/**
 * (output paths[calls], inout taken[2 × decisions], input states[calls × n], input p[np], of each scalar input [calls], scalar count):
 * what `taken` holds of earlier looks stays.
 */
function overCalls(of: Program, { program, decisions }: Paths, calls: number): Program {
  const b = new Builder(program.name);
  const n = sizeOf(of, "u");
  const found = b.arrayParameter("paths", calls, "output");
  const taken = b.arrayParameter("taken", 2 * decisions, "inout");
  const states = b.arrayParameter("states", calls * n, "input");
  const p = b.arrayParameter("p", sizeOf(of, "p"), "input");
  const scalars = of.parameters.flatMap((parameter) => (parameter.kind === "scalar" ? [parameter] : []));
  const given = scalars.map(({ name }) => b.arrayParameter(name, calls, "input"));
  const count = b.scalarParameter("count", "i32", 0, calls);
  const start = (array: ArrayArgument["array"]): ArrayArgument => ({ array, offset: b.i32(0) });
  b.for(b.i32(0), count, 1, [], (j) => {
    const values = scalars.map(({ value: { type } }, s) => {
      const number = b.load(given[s], j);
      return type === "i32" ? b.operation("i32.from_f64", number) : number;
    });
    const state = { array: states, offset: b.operation("i32.mul", j, b.i32(n)) };
    b.call(program, [{ array: found, offset: j }, start(taken), state, start(p), ...values]);
    return [];
  });
  return b.finish();
}

function readsScalarsAlone(program: Program): boolean {
  const isOwn = ({ role }: ArrayArgument["array"]): boolean => role !== "input" && role !== "constant";
  return walk(program.body).every((i) => i.kind !== "call" && (i.kind !== "load" || isOwn(i.array)));
}

function sizeOf(program: Program, name: string): number {
  const found = program.parameters.find((parameter) => parameter.kind === "array" && parameter.array.name === name);
  return found?.kind === "array" ? found.array.size : 0;
}
