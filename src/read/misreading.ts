/** Remembers programs that do not do what the functions do that they were read from: those functions run by themselves. */
import { hasTextOfPlugin } from "../core/captured.ts";
import type { Place } from "../core/errors.ts";
import { blocksOf, type Block, type Program } from "../ir/ir.ts";
import { MisreadFunction, RewrittenFunction, type UnreadableFunction } from "./syntax/errors.ts";
import { Source } from "./syntax/source.ts";

/** By program, so that all functions of the same content are known to be misread. */
const misread = new WeakMap<object, MisreadFunction>();

/** Nothing mostly, which is asked for in every call. */
let count = 0;

/** What was misread is as good as what cannot be read: whoever asks for the program from now on gets this error. */
export function markMisread(program: Program, place: Place, what: string): MisreadFunction {
  const error = new (isOfHandedText(program.body) ? RewrittenFunction : MisreadFunction)(place, what);
  misread.set(program, error);
  count++;
  return error;
}

/** Was something of it read from a text that a build plugin handed over? */
function isOfHandedText({ instructions }: Block): boolean {
  return instructions.some((instruction) => {
    const of = "source" in instruction ? instruction.source?.of : undefined;
    return (of instanceof Source && hasTextOfPlugin(of.fn)) || blocksOf(instruction).some(isOfHandedText);
  });
}

export function isMisread(program: object): boolean {
  return count > 0 && misread.has(program);
}

/** Throws {@link MisreadFunction}. */
export function requireReadRight<T extends object>(program: T): T {
  if (count > 0 && misread.has(program)) throw misread.get(program)!;
  return program;
}

/** A warning. */
export function runsByItself({ message }: UnreadableFunction): string {
  return byItself(message.split("\n")[0]);
}

export function byItself(reason: string): string {
  return `It runs by itself, not compiled: ${reason}`;
}

/**
 * Calls again where a function turned out to be misread meanwhile: it then runs by itself, if it can. Not where what the
 * problem's functions are made of has changed during the call, which is ConstantsChanged.
 */
export function redoing<T>(code: { requireConstantsAsRead(): void }, call: () => T): T {
  const found = new Set<string>();
  for (;;) {
    try {
      return call();
    } catch (error) {
      if (!(error instanceof MisreadFunction) || found.has(error.message)) throw error;
      found.add(error.message);
      code.requireConstantsAsRead();
    }
  }
}
