/**
 * program -> callable. Both targets keep one convention: the compiled function takes the program's parameters in order, an
 * array as the byte address of its first element in the arena, a scalar as a number, and returns the program's result.
 */
import type { Program } from "../ir/ir.ts";
import type { Arena } from "./arena.ts";
import { linkJavaScript } from "./link-javascript.ts";
import { linkWasm } from "./link-wasm.ts";

export type Target = "wasm" | "javascript";

/** WebAssembly where the engine has it. */
export function defaultTarget(): Target {
  return typeof WebAssembly === "undefined" ? "javascript" : "wasm";
}

export type Compiled = (...args: number[]) => number;

/** Programs compiled together against one arena; `link` may be called once everything is reserved. */
export interface Unit<Name extends string> {
  /** Commits the arena and returns the callables. */
  link(): Record<Name, Compiled>;
}

/**
 * Compiles programs, and those they call, and reserves their locals and constants in the arena.
 * Compiled code is kept by program, so compiling one again, for another arena, only instantiates it.
 */
export function compile<Name extends string>(programs: Record<Name, Program>, arena: Arena, target: Target): Unit<Name> {
  return target === "wasm" ? linkWasm(programs, arena) : linkJavaScript(programs, arena);
}
