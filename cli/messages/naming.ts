/** Which option an error is about. */
import { OdegradError } from "../../src/core/errors.ts";
import { quoted } from "./text.ts";

/** What `read` throws of the value of an option begins with both. */
export function naming<T>(option: string, value: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OdegradError) error.message = `${option} ${quoted(value)}: ${error.message}`;
    throw error;
  }
}
