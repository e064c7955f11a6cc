/** Derivatives in the user's shapes. */
import type { Layout } from "../../src/arrays/layout.ts";
import { unpack, type Shaped } from "../../src/arrays/pack.ts";
import type { FlatGradient } from "./task.ts";

/** What can be differentiated by: parameters, initial state, start and end of tspan, and the times `at` of the loss. */
export type WithRespectTo = "p" | "u0" | "t0" | "t1" | "at";

/** What `wrt` may be: one of these, or several. */
export type Wrt<Names extends string = WithRespectTo> = Names | readonly Names[];

/** The parts of `All` that `wrt` names. Where types do not tell what it names, each may be absent. */
export type Asked<All, W> = Plain<
  Pick<All, Certain<W> & keyof All> & Partial<Pick<All, Exclude<Possible<W>, Certain<W>> & keyof All>>
>;

type Plain<T> = { [K in keyof T]: T[K] };
type Possible<W> = W extends readonly (infer Name)[] ? Name : W;
type Certain<W> = [W] extends [readonly [infer Name, ...infer Rest]]
  ? Single<Name> | Certain<Rest>
  : [W] extends [string]
    ? Single<W>
    : never;
/** Nothing where it may be one of several. */
type Single<Name, All = Name> = Name extends unknown ? ([All] extends [Name] ? Name : never) : never;

/** Derivatives by p and u0 in their shapes, by the ends of the time span and by the times of the loss: those that were asked for. */
export type ShapedGradient<U, P, W = Wrt> = Asked<
  {
    readonly p: Shaped<P>;
    readonly u0: Shaped<U>;
    readonly t0: number;
    readonly t1: number;
    /** By each of the times `at` of the loss, in their order: on the side before it where an event or a switch is there. */
    readonly at: Float64Array;
  },
  W
>;

/** Those by p and u0 in flat order. */
export type FlatParts<W = Wrt> = Asked<{ readonly p: Float64Array; readonly u0: Float64Array }, W>;

/** Gives flat derivatives the user's shapes. */
export function shapedGradient<U, P>(
  layout: { readonly u: Layout; readonly p: Layout },
  { p, u0, t0, t1, at }: Pick<FlatGradient, "p" | "u0" | "t0" | "t1" | "at">,
): ShapedGradient<U, P> {
  return {
    ...(p && { p: unpack<P>(layout.p, p) }),
    ...(u0 && { u0: unpack<U>(layout.u, u0) }),
    ...(t0 !== undefined && { t0 }),
    ...(t1 !== undefined && { t1 }),
    ...(at && { at }),
  };
}
