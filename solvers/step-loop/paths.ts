/** Which paths the right-hand side takes along the steps of the step loop: see src/analysis/paths.ts. */
import { Builder } from "../../src/ir/builder.ts";
import { costOf } from "../../src/analysis/cost.ts";
import { pathsOf } from "../../src/analysis/paths.ts";
import type { ArrayArgument, Program, Value } from "../../src/ir/ir.ts";
import type { StepPrograms } from "../step/builder.ts";
import type { System } from "../step/system.ts";
import type { StepLoopSizes } from "./builder.ts";

export interface PathPrograms {
  /**
   * (input slots, input ends, input p, output paths[2 × slots], inout taken[2 × decisions], scalars first, every and count): of so many
   * points the paths; point 2k is in the middle of step k, and point 2k + 1 at its end.
   */
  readonly program: Program;
  readonly decisions: number;
  /** How many of them tell paths apart. */
  readonly apart: number;
  /** Of a point, in that of a step. */
  readonly share: number;
}

/** Undefined for a right-hand side that has one path only. */
export function pathPrograms(system: System, { step }: StepPrograms, { slots, stride }: StepLoopSizes): PathPrograms | undefined {
  const { watched, n, np } = system;
  const paths = watched && pathsOf(watched);
  if (!paths) return undefined;
  const { program, decisions, apart } = paths;
  const b = new Builder("paths");
  const states = b.arrayParameter("slots", slots * stride, "input");
  const ends = b.arrayParameter("ends", slots, "input");
  const p = b.arrayParameter("p", np, "input");
  const found = b.arrayParameter("paths", 2 * slots, "output");
  const taken = b.arrayParameter("taken", 2 * decisions, "inout");
  const [first, every, count] = ["first", "every", "count"].map((name) => b.scalarParameter(name, "i32", 0, 2 * slots));
  const watchedStates = sizeOf(watched, "u");
  const middle = b.localArray("middle", watchedStates);
  const plus = (x: Value, y: Value): Value => b.operation("i32.add", x, y);
  const at = (offset: Value): Value => b.load(states, offset);
  b.for(b.i32(0), count, 1, [], (i) => {
    const point = plus(first, b.operation("i32.mul", i, every));
    const step = b.operation("i32.shr", point, b.i32(1));
    const here = b.operation("i32.mul", step, b.i32(stride));
    const there = plus(here, b.i32(stride));
    const [start, end] = [b.load(ends, step), b.load(ends, plus(step, b.i32(1)))];
    const look = (u: ArrayArgument, t: Value): void => {
      b.call(program, [{ array: found, offset: i }, { array: taken, offset: b.i32(0) }, u, { array: p, offset: b.i32(0) }, t]);
    };
    b.if(
      b.operation("i32.eq", b.operation("i32.and", point, b.i32(1)), b.i32(0)),
      () => {
        // The cubic through both ends, with the slopes there; the chord, where a mass matrix makes f another thing.
        const eighth = b.operation("mul", b.f64(system.mass ? 0 : 1 / 8), b.operation("sub", end, start));
        b.for(b.i32(0), b.i32(watchedStates), 1, [], (k) => {
          const [from, to] = [plus(here, k), plus(there, k)];
          const chord = b.operation("mul", b.f64(1 / 2), b.operation("add", at(from), at(to)));
          const bend = b.operation("sub", at(plus(from, b.i32(n))), at(plus(to, b.i32(n))));
          b.store(middle, k, b.operation("add", chord, b.operation("mul", eighth, bend)));
          return [];
        });
        look({ array: middle, offset: b.i32(0) }, b.operation("mul", b.f64(1 / 2), b.operation("add", start, end)));
        return [];
      },
      () => {
        look({ array: states, offset: there }, end);
        return [];
      },
    );
    return [];
  });
  return { program: b.finish(), decisions, apart, share: costOf(program) / costOf(step) };
}

function sizeOf(program: Program, name: string): number {
  const found = program.parameters.find((parameter) => parameter.kind === "array" && parameter.array.name === name);
  return found?.kind === "array" ? found.array.size : 0;
}
