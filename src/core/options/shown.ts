/** Values in messages. */
import { describe } from "../array-values.ts";

/** Numbers and strings as they are, others by their kind. */
export function shown(value: unknown): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" ? JSON.stringify(value) : describe(value);
}
