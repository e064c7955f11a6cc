/** Links programs as JavaScript functions over the arena's memory. */
import { memo } from "../core/memo.ts";
import { CodeGenerationForbidden } from "../core/errors.ts";
import { isProgram, type ArrayDeclaration, type Program } from "../ir/ir.ts";
import { calleesOf } from "../passes/eliminate.ts";
import { following } from "../ir/tables.ts";
import type { Arena } from "./arena.ts";
import type { Compiled, Unit } from "./compile.ts";
import { countCompilation } from "./tally.ts";
import { emit, type Emitted } from "./javascript/emit.ts";

type Factory = (F: Float64Array, I: Int32Array, bases: readonly number[], callees: readonly Callee[]) => Compiled;
type Callee = (...args: number[]) => number | void;

interface Code extends Emitted {
  readonly factory: Factory;
}

export function linkJavaScript<Name extends string>(programs: Record<Name, Program>, arena: Arena): Unit<Name> {
  const seen = new Set<Program>();
  const all = Object.values<Program>(programs).flatMap((program) => calleesOf(program, seen));
  // One copy of a table, however many programs read it.
  const constants = new Map<Float64Array | Int32Array, number>();
  const addresses = new Map<ArrayDeclaration, number>();
  for (const program of all) {
    for (const array of codeOf(program).statics) {
      let address = array.data && constants.get(array.data);
      address ??= arena.reserve(array.size, array.element);
      if (array.data) constants.set(array.data, address);
      addresses.set(array, address);
    }
  }
  return {
    link() {
      const F = new Float64Array(arena.buffer);
      const I = new Int32Array(arena.buffer);
      const copies = [...constants].map(([table, address]) => {
        const copy = table instanceof Int32Array ? arena.i32(address, table.length) : arena.f64(address, table.length);
        copy.set(table);
        return { table, copy };
      });
      const linked = new Map<Program, Compiled>();
      for (const program of all) {
        const code = codeOf(program);
        const bases = code.statics.map((array) => addresses.get(array)! >> (array.element === "f64" ? 3 : 2));
        const callees = code.callees.map((callee) =>
          isProgram(callee) ? linked.get(callee)! : (callee.over?.(arena) ?? callee.call),
        );
        linked.set(program, code.factory(F, I, bases, callees));
      }
      const callables = following(
        Object.values<Program>(programs).map((program) => linked.get(program)!),
        copies,
      );
      return Object.fromEntries(Object.keys(programs).map((name, i) => [name, callables[i]])) as Record<Name, Compiled>;
    },
  };
}

const codeOf = memo((program: Program): Code => {
  countCompilation();
  const emitted = emit(program);
  return { ...emitted, factory: instantiate(program.name, emitted.source) };
});

function instantiate(name: string, source: string): Factory {
  try {
    return new Function("F", "I", "bases", "callees", source) as Factory;
  } catch (error) {
    // Only a content security policy makes `new Function` throw an EvalError.
    if (error instanceof EvalError) throw new CodeGenerationForbidden(name, { cause: error });
    throw error;
  }
}
