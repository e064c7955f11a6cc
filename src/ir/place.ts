/** Places in the user's text, for messages. */
import type { Place } from "../core/errors.ts";
import type { SourceLocation } from "../core/source-location.ts";

/** With the line itself; `name` is that of the function where the location has none of its own. */
export function placeOf(source: SourceLocation | undefined, name: string): Place {
  if (!source) return { name };
  const { line, column, of } = source;
  return { name: of?.name ?? name, line, column, code: of?.text.split("\n")[line - 1] };
}
