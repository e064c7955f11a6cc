/** Programs in the form in which devices run them for many trajectories at once. */
import { CannotBatch, InternalError } from "../core/errors.ts";
import { Builder } from "../ir/builder.ts";
import { eliminate } from "../passes/eliminate.ts";
import { fuseLoops } from "../passes/fuse.ts";
import { promoteArrays } from "../passes/promote.ts";
import { lowerForDevices } from "../passes/lower.ts";
import { inlineCalls } from "../passes/inline-calls.ts";
import { inline } from "../ir/clone.ts";
import { isProgram, walk, type ArrayArgument, type ArrayDeclaration, type Program, type Value, type While } from "../ir/ir.ts";

/**
 * What one trajectory does. Every parameter of the program is an array of f64s: a trajectory's own, or one that all share and none
 * writes. The program calls nothing and returns nothing.
 */
export interface Kernel {
  readonly program: Program;
  /** Names of the parameters that all trajectories share. */
  readonly shared: ReadonlySet<string>;
}

/** A kernel's parameters, in order. */
export function parametersOf({ program }: Kernel): readonly ArrayDeclaration[] {
  return program.parameters.map((parameter) => {
    if (parameter.kind === "scalar") throw new InternalError(`kernel ${program.name}: ${parameter.name} is a scalar`);
    return parameter.array;
  });
}

/** A program as a kernel: scalars become arrays of one. Throws {@link CannotBatch} where the program needs the host. */
export function kernelOf(program: Program, shared: readonly string[]): Kernel {
  const b = new Builder(program.name);
  const args = program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar") return b.load(b.arrayParameter(parameter.name, 1, "input"), b.i32(0));
    const { name, size, role } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output" | "inout"), offset: b.i32(0) };
  });
  inline(b, program, args);
  return { program: withoutCalls(b.finish()), shared: new Set(shared) };
}

/** The calls' bodies in their places. Throws {@link CannotBatch} where a function of the host is among them. */
export function withoutCalls(program: Program): Program {
  const inlined = eliminate(inlineCalls(program, () => false));
  for (const i of walk(inlined.body)) {
    if (i.kind === "call" && !isProgram(i.callee)) {
      throw new CannotBatch(
        `${program.name} calls ${i.callee.name}, a function of the host, which runs for one trajectory at a time. ` +
          `Solve the trajectories one by one.`,
      );
    }
  }
  return fuseLoops(promoteArrays(lowerForDevices(inlined)));
}

/**
 * A derived program of a batch. Throws {@link CannotBatch} where it has a tape, and returns how much of it was used, instead of memory
 * of a size that is known.
 */
export function withoutTape(derived: Program): Program {
  if (!derived.result) return derived;
  const loop = walk(derived.body).find((i) => i.kind === "while" && i.source) as While | undefined;
  throw new CannotBatch(
    `${derived.name} goes back through a loop whose length the data decide${loop ? ` (line ${loop.source!.line})` : ""}, ` +
      `so it needs memory of unknown size. Give the loop a fixed number of iterations, or take gradients one by one.`,
  );
}
