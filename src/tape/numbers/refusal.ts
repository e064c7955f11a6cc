/** What cannot be traced is refused, and stays refused: also where the function catches errors, or leaves by a `finally`. */
import { Untraceable } from "./errors.ts";

let refusal: Error | undefined;

export function refuse(message: string): never {
  return refuseWith(new Untraceable(message));
}

export function refuseWith(error: Error): never {
  refusal = error;
  throw error;
}

/** The refusal since the last call, if there was one. */
export function takeRefusal(): Error | undefined {
  const taken = refusal;
  refusal = undefined;
  return taken;
}
