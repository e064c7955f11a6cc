/** Variables outside of a function that it assigns: what they hold lasts from one call to the next. */
import { valuesCaptured } from "../read/constants/scopes.ts";

/** Of the variables that a function captures, those that it assigns and does not only count or note things in. */
export function assignedAndRead(fn: unknown): string[] {
  // The right-hand side may be one in parts.
  if (typeof fn !== "function") return [];
  const text = Function.prototype.toString.call(fn);
  return [...valuesCaptured(fn)].flatMap(([name, value]) => {
    if (typeof value === "function" || !/^\w+$/.test(name)) return [];
    const written =
      text.match(new RegExp(`(\\+\\+|--)${name}\\b|\\b${name}\\s*(\\+\\+|--|([-+*/|&^?%]|\\|\\||&&|\\?\\?)?=(?!=))`, "g"))
        ?.length ?? 0;
    const all = text.match(new RegExp(`\\b${name}\\b`, "g"))?.length ?? 0;
    return written > 0 && all > written ? [name] : [];
  });
}
