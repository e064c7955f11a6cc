import type { Place } from "./errors.ts";

/** Where in the user's text an instruction comes from (1-based line, 0-based column of the function's own text). */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
  /** Where it ends in the function's text: how many characters come before that. */
  readonly end?: number;
  /** The function, which may be one that the user's calls. */
  readonly of?: { readonly name: string; readonly text: string };
}

/** A place in the user's text for messages, with the line itself; `name` is that of the function where the location has none of its own. */
export function placeOf(source: SourceLocation | undefined, name: string): Place {
  if (!source) return { name };
  const { line, column, of } = source;
  return { name: of?.name ?? name, line, column, code: of?.text.split("\n")[line - 1] };
}
