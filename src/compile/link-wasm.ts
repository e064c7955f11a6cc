/** Links programs as WebAssembly over the arena's memory. */
import { MANY, memo } from "../core/memo.ts";
import type { Program } from "../ir/ir.ts";
import { following } from "../ir/tables.ts";
import type { Arena } from "./arena.ts";
import type { Compiled, Unit } from "./compile.ts";
import { countCompilation } from "./tally.ts";
import { compileModule, NAMESPACE, oneByOne, type Code } from "./wasm/module.ts";

export function linkWasm<Name extends string>(programs: Record<Name, Program>, arena: Arena): Unit<Name> {
  const names = Object.keys(programs) as Name[];
  return linkCode(names, codeOf(...names.map((name) => programs[name])), arena);
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
        memory: arena.memory as WebAssembly.Memory,
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

/** Made once for the same programs in the same order. */
const codeOf = memo(
  (...programs: readonly Program[]): Code => {
    countCompilation();
    return compileModule(programs, oneByOne);
  },
  { most: MANY },
);
