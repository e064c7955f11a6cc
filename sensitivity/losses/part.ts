/** The parts of a loss, as what reads them and what uses them see them. */
import type { Layout } from "../../src/arrays/layout.ts";
import type { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { Operator } from "../../src/problem/operator.ts";

/** One part of a loss: value(u, p, t, i) and its vjp (u, p, t, i, result_bar, u_bar, p_bar); not every part has t and i. */
export interface LossPart {
  readonly value: Program;
  readonly gradient: Program;
  /** Why it runs by itself, with derivatives by its tape; absent: it was read. */
  readonly unread?: UnreadableFunction;
  /** As the function is, where this is one whose decisions turn out by the time. */
  readonly asRead?: LossPart;
}

/** The user's function on flat arrays, which it cannot change. */
export type PlainPart = (u: Float64Array, p: Float64Array, scalars: readonly number[]) => number;

/** What a loss is read for, and where it is tried. */
export interface LossContext {
  readonly layout: { readonly u: Layout; readonly p: Layout };
  readonly tspan: readonly [number, number];
  /** In the user's shapes. */
  readonly u0: unknown;
  readonly p: unknown;
}

export type PartName = "sum" | "integral" | "final" | "steady" | "all";

/** A function with its constants, as a program that others of its text have, too. */
export interface LossReading extends Pick<Operator, "program" | "isMisread" | "isFilled" | "changed" | "hold" | "release"> {
  refilled(constants: unknown): LossReading | undefined;
}

/** A part as its function is. */
export function asRead(part: LossPart): LossPart {
  return part.asRead ?? part;
}
