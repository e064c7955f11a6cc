/** What the command says on standard output. */
import { CannotWrite } from "../messages/errors.ts";

/** Why nothing more can be written: the first error of the stream. */
let failure: NodeJS.ErrnoException | undefined;

/** Without a listener the stream would end the process with a stack trace. */
export function watchOutput(): void {
  process.stdout.on("error", (error) => void (failure ??= error));
  // Nothing is left to tell it to.
  process.stderr.on("error", () => {});
}

/** A text, and the end of its line. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/**
 * Once all is written. Throws {@link CannotWrite} where the system refuses it; returns whether somebody read it, which where it goes
 * to another command (`head`) is for that one to say.
 */
export async function flushOutput(): Promise<boolean> {
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  // The stream tells of an error after it has told who wrote.
  await new Promise((resolve) => setImmediate(resolve));
  if (!failure) return true;
  if (failure.code === "EPIPE") return false;
  throw new CannotWrite("standard output", failure);
}
