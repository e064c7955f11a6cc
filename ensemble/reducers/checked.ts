/** Reducers at work, whoever wrote them. */
import { describe } from "../../src/core/array-values.ts";
import { OdegradError } from "../../src/core/errors.ts";
import { isObject, type Check } from "../../src/core/options/check.ts";
import { BadReducer, ReducerThrew } from "./errors.ts";
import type { Reduced, Reducers, Saved } from "./reducer.ts";

const METHODS = ["begin", "add", "merge", "end"] as const;

type Parts = Readonly<Record<string, Float64Array>>;

/** An object of reducers by name. Throws {@link BadReducer}. */
export const reducersCheck: Check = (value, what) => {
  if (!isObject(value) || Object.keys(value).length === 0) {
    throw new BadReducer(`${what} is ${describe(value)}, but must be reducers by names of yours: { average: mean() }.`);
  }
  for (const [name, reducer] of Object.entries(value) as [string, unknown][]) {
    const given = (isObject(reducer) ? reducer : {}) as Readonly<Record<string, unknown>>;
    const missing = METHODS.filter((method) => typeof given[method] !== "function");
    if (missing.length === METHODS.length) {
      throw new BadReducer(
        METHODS.some((method) => name === method)
          ? `${what} is one reducer, but must be reducers by names of yours: { average: mean() }.`
          : `${what}.${name} is ${describe(reducer)}, but must be a reducer: mean(), variance(), quantiles([0.5]), histogram({ bins, between }), or { begin, add, merge, end }.`,
      );
    }
    if (missing.length === 0) continue;
    const why = missing.includes("merge")
      ? " Chunks are reduced apart, and their states merged: without it there is no whole."
      : "";
    throw new BadReducer(`${what}.${name} has no ${missing.join(", ")}. Give each as a function.${why}`);
  }
};

/** Throws {@link ReducerThrew}, {@link BadReducer}. */
export function begun(reducers: Reducers, saved: Saved): Parts {
  return mapped(reducers, (reducer, name) => {
    const state: unknown = called(name, "begin", () => reducer.begin(saved));
    if (state instanceof Float64Array) return state;
    throw new BadReducer(`reduce.${name}.begin gave ${describe(state)}, but a state must be a Float64Array.`);
  });
}

/** Throws {@link ReducerThrew}. Nothing is made for each trajectory that would outlast it. */
export function added(reducers: Reducers, parts: Parts, u: Float64Array, trajectory: number): void {
  for (const name in reducers) {
    try {
      reducers[name].add(parts[name], u, trajectory);
    } catch (error) {
      throw thrown(name, `add at trajectory ${trajectory}`, error);
    }
  }
}

/** Throws {@link ReducerThrew}. */
export function merged(reducers: Reducers, parts: Parts, others: Parts): void {
  for (const name in reducers) called(name, "merge", () => reducers[name].merge(parts[name], others[name]));
}

/** Throws {@link ReducerThrew}. */
export function ended<R extends Reducers>(reducers: R, parts: Parts, saved: Saved): Reduced<R> {
  return mapped(reducers, (reducer, name) => called(name, "end", () => reducer.end(parts[name], saved))) as Reduced<R>;
}

function mapped<T>(reducers: Reducers, of: (reducer: Reducers[string], name: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(reducers).map(([name, reducer]) => [name, of(reducer, name)]));
}

function called<T>(name: string, doing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw thrown(name, doing, error);
  }
}

function thrown(name: string, doing: string, error: unknown): unknown {
  return error instanceof OdegradError ? error : new ReducerThrew(name, doing, error);
}
