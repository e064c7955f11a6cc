/** What the functions of a problem capture. */
import { capturedBy, numbersCaptured, type Captured } from "../read/constants/captured-names.ts";
import type { ProblemCode } from "./code.ts";

/** By function: "rhs", "events[0].apply"; of those that capture something. */
export type CapturedByFunctions = Readonly<Record<string, Captured>>;

export function capturedIn({ operators, events }: Pick<ProblemCode, "operators" | "events">): CapturedByFunctions {
  const { rhs, u0, preconditioner } = operators;
  const { stated } = rhs;
  const functions: Record<string, unknown> = {
    ...(typeof stated === "function" ? { rhs: stated } : prefixed("rhs.", stated as object)),
    u0: u0?.fn,
    preconditioner: preconditioner?.fn,
  };
  events.forEach(({ times, when, apply }, k) =>
    Object.assign(functions, prefixed(`events[${k}].`, { at: times?.fn, when: when?.fn, apply: apply?.fn })),
  );
  return capturedOf(functions);
}

/** The problem, with that in `captured`, listed when it is asked for. */
export function listing<T extends { readonly code: ProblemCode }>(problem: T): T & { readonly captured: CapturedByFunctions } {
  const captured = { get: (): CapturedByFunctions => capturedIn(problem.code), enumerable: true, configurable: true };
  return Object.defineProperty(problem, "captured", captured) as T & { readonly captured: CapturedByFunctions };
}

/** Of functions by name. */
export function capturedOf(functions: Readonly<Record<string, unknown>>): CapturedByFunctions {
  const all = Object.entries(functions).map(([name, fn]) => [name, typeof fn === "function" ? capturedBy(fn) : {}] as const);
  return Object.fromEntries(all.filter(([, captured]) => Object.keys(captured).length > 0));
}

function prefixed(prefix: string, parts: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [prefix + name, part]));
}

/** Where nothing is differentiated by: the numbers that might be meant, in a sentence; nothing where there are none. */
export function captureAdvice(code: Pick<ProblemCode, "operators" | "events">): string {
  const numbers = [...new Set(Object.values(capturedIn(code)).flatMap((captured) => numbersCaptured(captured)))];
  if (numbers.length === 0) return "";
  const most = 5;
  const shown = numbers.length > most ? [...numbers.slice(0, most), `${numbers.length - most} more`] : numbers;
  return numbers.length === 1
    ? ` ${shown[0]} is captured and counts as a constant: pass it in p to differentiate by it.`
    : ` ${shown.slice(0, -1).join(", ")} and ${shown.at(-1)} are captured and count as constants: pass in p what you differentiate by.`;
}
