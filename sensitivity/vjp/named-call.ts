/** Calls of programs and of functions of the host, with arrays and numbers by the names of their parameters. */
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { SignatureMismatch } from "./errors.ts";
import { Pool } from "../../src/core/pool.ts";
import { isProgram, type External, type Program } from "../../src/ir/ir.ts";

/** Makes what is called, over the arena; a tape, if it needs one, holds `tapeCapacity` numbers. */
export type MakeCallee = (arena: Arena, tapeCapacity?: number) => Program | External;

/** Arguments by the names of parameters. */
export type NamedArguments = Readonly<Record<string, Float64Array | number>>;

/** A callee with its memory. */
interface Linked {
  readonly name: string;
  readonly call: (...args: number[]) => number | void;
  /** An address, or the name of a scalar. */
  readonly parameters: readonly (number | string)[];
  readonly inputs: readonly { readonly name: string; readonly data: Float64Array }[];
  readonly outputs: ReadonlyMap<string, Float64Array>;
}

/**
 * A callee that is made and compiled when it is first run, and again where a tape turns out too short. A call within a call has memory of
 * its own.
 */
export class NamedCall {
  private pool = new Pool<Linked>();
  private tapeCapacity: number | undefined;

  constructor(
    private readonly make: MakeCallee,
    private readonly target: Target,
  ) {}

  /**
   * Runs it, and returns a copy of an output.
   *
   * @throws {@link SignatureMismatch}, which lists every argument that does not fit.
   */
  run(given: NamedArguments, output: string): Float64Array {
    for (;;) {
      const result = this.pool.use(
        () => this.link(this.tapeCapacity),
        (linked) => {
          checkSignature(linked, given);
          const { call, parameters, inputs, outputs } = linked;
          for (const { name, data } of inputs) data.set(given[name] as Float64Array);
          // Nothing, or 0 where a tape sufficed.
          const needed = call(...parameters.map((p) => (typeof p === "number" ? p : (given[p] as number)))) || 0;
          return needed === 0 ? outputs.get(output)!.slice() : needed;
        },
      );
      if (typeof result !== "number") return result;
      this.tapeCapacity = result;
      this.pool = new Pool();
    }
  }

  private link(tapeCapacity?: number): Linked {
    const arena = new Arena();
    const callee = this.make(arena, tapeCapacity);
    const parameters = callee.parameters.map((p) => (p.kind === "array" ? arena.reserve(p.array.size) : p.name));
    const call = isProgram(callee) ? compile({ main: callee }, arena, this.target).link().main : callee.call;
    const arrays = callee.parameters.flatMap((p, i) => {
      if (p.kind !== "array") return [];
      const { name, role, size } = p.array;
      return [{ name, role, data: arena.f64(parameters[i] as number, size) }];
    });
    return {
      name: callee.name,
      call,
      parameters,
      inputs: arrays.filter(({ role }) => role === "input"),
      outputs: new Map(arrays.map(({ name, data }) => [name, data])),
    };
  }
}

function checkSignature({ name, inputs }: Linked, given: NamedArguments): void {
  const faults = inputs.flatMap((input) => {
    const { length } = given[input.name] as Float64Array;
    return length === input.data.length ? [] : [`  ${input.name} has ${length} numbers, but must have ${input.data.length}`];
  });
  if (faults.length > 0) throw new SignatureMismatch(`${name} was called with arguments that do not fit:\n${faults.join("\n")}`);
}
