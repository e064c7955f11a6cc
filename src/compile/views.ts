/** Views of compiled code's memory, for functions of the host that it calls with addresses. */
import type { Arena } from "./arena.ts";

/**
 * Gives views of the arena, which are made once. They are asked for at every call within a step, where one look-up of a number is as
 * much as may be.
 */
export function viewsOf(arena: Arena): (address: number, count: number) => Float64Array {
  const views = new Map<number, Float64Array>();
  return (address, count) => {
    let view = views.get(address);
    // An address may be that of arrays of different lengths only where one of them is empty.
    if (view?.length !== count) views.set(address, (view = arena.f64(address, count)));
    return view;
  };
}
