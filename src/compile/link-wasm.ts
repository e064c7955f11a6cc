/** Links programs as WebAssembly over the arena's memory. */
import { recent } from "../core/recent.ts";
import type { Program } from "../ir/ir.ts";
import { following } from "../ir/tables.ts";
import type { Arena } from "./arena.ts";
import type { Compiled, Unit } from "./compile.ts";
import { countCompilation } from "./tally.ts";
import { compileModule, NAMESPACE, oneByOne, type Code } from "./wasm/module.ts";

/** Modules by their first program; they are made once for the same programs in the same order. */
const compiled = new WeakMap<Program, { readonly programs: readonly Program[]; readonly code: Code }[]>();

export function linkWasm<Name extends string>(programs: Record<Name, Program>, arena: Arena): Unit<Name> {
  const names = Object.keys(programs) as Name[];
  return linkCode(names, codeOf(names.map((name) => programs[name])), arena);
}

/** A module's exports by their names, in the order of its programs. */
export function linkCode<Name extends string>(names: readonly Name[], code: Code, arena: Arena): Unit<Name> {
  const region = arena.reserve(code.regionSize / 8);
  return {
    link() {
      arena.commit();
      const copies = code.tables.map(([offset, table]) => {
        const { length } = table;
        const copy = table instanceof Int32Array ? arena.i32(region + offset, length) : arena.f64(region + offset, length);
        copy.set(table);
        return { table, copy };
      });
      const functions = Object.entries(code.functions).map(([name, { call, over }]) => [name, over?.(arena) ?? call]);
      const imports = {
        ...Object.fromEntries(functions),
        memory: arena.memory,
        region: new WebAssembly.Global({ value: "i32" }, region),
      };
      const { exports } = new WebAssembly.Instance(code.module, { [NAMESPACE]: imports });
      const callables = following(
        names.map((_, i) => exports[i] as Compiled),
        copies,
      );
      return Object.fromEntries(names.map((name, i) => [name, callables[i]])) as Record<Name, Compiled>;
    },
  };
}

function codeOf(programs: readonly Program[]): Code {
  let entries = compiled.get(programs[0]);
  if (!entries) compiled.set(programs[0], (entries = []));
  return recent(
    entries,
    (entry) => entry.programs.length === programs.length && entry.programs.every((program, i) => program === programs[i]),
    () => {
      countCompilation();
      return { programs, code: compileModule(programs, oneByOne) };
    },
  ).code;
}
