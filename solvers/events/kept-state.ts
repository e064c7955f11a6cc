/** Events that keep something outside of u: the next call, and the next solve, would go on from what the last one left. */
import { componentName } from "../../src/arrays/layout.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { valuesCaptured } from "../../src/read/constants/scopes.ts";
import { ReadBeforeWrite } from "../../src/read/syntax/errors.ts";
import { isClose } from "../systems/history.ts";
import { keptBy, remembering } from "../systems/kept.ts";

/** Applies an event to a state. Throws {@link ReadBeforeWrite}. */
export type Apply = (u: Float64Array, p: Float64Array, t: number, index: number) => void;

/** A function that can be read keeps nothing. For one solve. */
export function applying(code: ProblemCode, operator: Operator): Apply {
  const plain: Apply = (u, p, t, index) => operator.evaluate(u, [u, p, t, index]);
  const kept = keptBy(operator);
  const names = assignedAndRead(operator.fn);
  if ((Object.keys(kept).length === 0 && names.length === 0) || operator.isReadable) return plain;
  return (u, p, t, index) => {
    const given = u.slice();
    const before = remembering(kept);
    const variables = valuesOf(operator, names);
    plain(u, p, t, index);
    const now = valuesOf(operator, names);
    const changed = before.changed() ?? names.find((_, k) => !Object.is(variables[k], now[k]));
    if (changed === undefined) return;
    const after = remembering(kept);
    const again = given.slice();
    plain(again, p, t, index);
    after.putBack();
    const i = again.findIndex((x, k) => !Object.is(x, u[k]));
    if (i >= 0) {
      const name = componentName(code.layout.u, i, "u");
      throw keeps(operator, changed, `at t = ${t} it makes ${name} ${u[i]}, and ${again[i]} when it is called there again`);
    }
    const slope = (): Float64Array => {
      const du = new Float64Array(code.output.size);
      code.plain(du, u, p, t);
      return du;
    };
    const slopes = slope();
    before.putBack();
    const without = slope();
    after.putBack();
    const scale = slopes.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    const k = slopes.findIndex((x, j) => !isClose(x, without[j], scale));
    if (k < 0) return;
    const component = componentName(code.output, k, "du");
    throw keeps(
      operator,
      changed,
      `${code.name} gives ${slopes[k]} for ${component} after it, and ${without[k]} as it was before`,
    );
  };
}

function keeps({ name }: Operator, changed: string, how: string): ReadBeforeWrite {
  return new ReadBeforeWrite({
    name,
    what: `it changes \`${changed}\`, on which depends what comes: ${how}`,
    construct: changed,
    remedy:
      "The next solve would begin with what this one left there. What is to last belongs in u, or in p, which events may change: " +
      "p.beta = 0.2; the number of a dose is the index, apply(u, p, t, index).",
  });
}

/** Of the variables that a function captures, those that it assigns and does not only count or note things in. */
function assignedAndRead(fn: object): string[] {
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

function valuesOf({ fn }: Operator, names: readonly string[]): unknown[] {
  if (names.length === 0) return [];
  const values = valuesCaptured(fn);
  return names.map((name) => values.get(name));
}
