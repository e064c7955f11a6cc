/** Which of an operation's arguments are operands, and which are static options. */
import type { ArrayOperation } from "./operation.ts";

interface Arguments {
  readonly operands: readonly unknown[];
  readonly options: readonly unknown[];
}

export function splitArguments({ operands: count, field }: ArrayOperation, args: readonly unknown[]): Arguments {
  const [first, ...rest] = args;
  if (count === "list") return { operands: first as readonly unknown[], options: rest };
  if (field === undefined) return { operands: args.slice(0, count), options: args.slice(count) };
  const { [field]: operand, ...others } = (first ?? {}) as Readonly<Record<string, unknown>>;
  return { operands: [operand, ...args.slice(1, count)], options: [others, ...args.slice(count)] };
}

/** The other direction: what `plain` takes. */
export function joinArguments({ operands: count, field }: ArrayOperation, { operands, options }: Arguments): unknown[] {
  if (count === "list") return [operands, ...options];
  if (field === undefined) return [...operands, ...options];
  const [operand, ...others] = operands;
  return [{ ...(options[0] as object), [field]: operand }, ...others, ...options.slice(1)];
}
