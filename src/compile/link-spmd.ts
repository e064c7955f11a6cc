/** Links programs that run {@link LANES} trajectories a call. */
import { memo } from "../core/memo.ts";
import { countCompilation } from "./tally.ts";
import type { Program } from "../ir/ir.ts";
import { lower } from "../passes/lower.ts";
import type { Arena } from "./arena.ts";
import type { Unit } from "./compile.ts";
import { linkCode } from "./link-wasm.ts";
import { compileModule, type Code } from "./wasm/module.ts";
import { emitSpmd } from "./wasm/spmd.ts";
import { LANES } from "./wasm/spmd-values.ts";

/** `shared`: parameters that all lanes read from one place; the others are interleaved. The program calls nothing. */
export function linkSpmd(program: Program, shared: ReadonlySet<string>, arena: Arena): Unit<"run"> {
  return linkCode(["run"], spmdCode(program, shared), arena);
}

/** As a module that any arena, or any thread, can instantiate. */
export const spmdCode = memo(
  (program: Program, shared: ReadonlySet<string>): Code => {
    countCompilation();
    const form = {
      prepare: lower,
      emit: (same: Program, name: string, surroundings: Parameters<typeof emitSpmd>[2]) =>
        emitSpmd(same, name, surroundings, shared),
      copies: LANES,
    };
    return compileModule([program], form);
  },
  { by: (program) => [program] },
);
