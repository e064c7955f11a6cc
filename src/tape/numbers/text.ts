/** Numbers made of text. */
import { memo } from "../../core/memo.ts";
import { binary } from "./operations.ts";
import { refuse } from "./refusal.ts";
import { tape, type Numeric } from "./tape.ts";

/** A number that the engine made of text: the traced one, where the text was made of it. */
export function numberOfText(value: number): Numeric {
  const origin = tape.texts.originOf(value);
  if (origin === null) {
    return refuse(
      `the text ${value} is made a number, and several numbers that depend on the inputs have that text. Keep the numbers themselves.`,
    );
  }
  tape.texts.noteRead(value, origin && tape.indexOf(origin));
  // Text has no -0.
  return origin && value === 0 ? sum()(origin, 0) : (origin ?? value);
}

const sum = memo(() => binary("add"));
