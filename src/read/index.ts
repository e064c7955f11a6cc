/** Reads a user's plain function, by its text, as a program. */
import type { Definition } from "../operations/definitions.ts";
import type { Program } from "../ir/ir.ts";
import type { Argument } from "./functions/arguments.ts";
import { programOf } from "./functions/definitions.ts";
import { returnsSomething } from "./syntax/control-flow.ts";
import { withData, withTables } from "./data.ts";
import type { Compiled } from "./functions/derivative-operators.ts";
import { grammar } from "./grammar.ts";
import type { DataChoice } from "./state/host-storages.ts";
import { readFunction } from "./functions/read-function.ts";
import { keptReading, type Reading } from "./readings.ts";
import type { Callable, ReadParameter, ReadRequest } from "./functions/request.ts";
import { sourceOf, withinDepth } from "./syntax/source.ts";

export type { Callable, Reading, ReadParameter, ReadRequest };

/** Throws a {@link ReadError} that shows what cannot be read, where, and what to do about it. */
export function read(request: ReadRequest): Program {
  return readingOf(request).program;
}

/** As {@link read}, with what the program took from the constants. */
export function readingOf(request: ReadRequest): Reading {
  return keptReading(request, (data) =>
    withinDepth(request.name, () => {
      const read = (choice?: DataChoice): Program => readFunction(grammar, request, choice);
      return request.data === "arrays" ? withTables(read) : withData(data, read);
    }),
  );
}

/** Does the function return a value? Undefined where its text does not tell. Throws NoSourceText where there is none. */
export function returnsValue(fn: Callable): boolean | undefined {
  const { node } = sourceOf(fn, fn.name || "function");
  // An async one returns a promise.
  return node.async || returnsSomething(node);
}

/** The program of a function with rules of its own, for arguments of these kinds. */
export function definitionProgram(definition: Definition, args: readonly Argument[]): Compiled {
  return programOf(grammar, definition, args);
}
