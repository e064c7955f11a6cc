/** Events that keep something outside of u: the next call, and the next solve, would go on from what the last one left. */
import { componentName } from "../../src/arrays/layout.ts";
import { memo } from "../../src/core/memo.ts";
import { ifItCanBe } from "../../src/operations/calling.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import { assignedAndRead } from "../../src/problem/assigned.ts";
import { conditionAt } from "../../src/problem/events.ts";
import type { Operator } from "../../src/problem/operator.ts";
import type { TriedPoint } from "../../src/problem/points.ts";
import { valuesCaptured } from "../../src/read/constants/scopes.ts";
import { ReadBeforeWrite } from "../../src/read/syntax/errors.ts";
import { isClose } from "../systems/history.ts";
import { keptBy, remembering } from "../../src/problem/kept.ts";
import { refused, requireNotRefused } from "../../src/problem/refused.ts";

/** Applies an event to a state. Throws {@link ReadBeforeWrite}. */
export type Apply = (u: Float64Array, p: Float64Array, t: number, index: number) => void;

/** A function that can be read keeps nothing. For one solve. */
export function applying(code: ProblemCode, operator: Operator): Apply {
  const plain: Apply = (u, p, t, index) => operator.evaluate(u, [u, p, t, index]);
  const kept = keptBy(operator);
  const names = assignedAndRead(operator.fn);
  if ((Object.keys(kept).length === 0 && names.length === 0) || operator.isReadable) return plain;
  requireNotRefused(operator);
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
    const following = followingAt(code, { u, p, t });
    before.putBack();
    const without = followingAt(code, { u, p, t });
    after.putBack();
    requireSame(operator, changed, following, without);
  };
}

/**
 * An event that can be read, and is compiled, changes nothing that it captures: where the function itself does, nothing of what is called
 * later may depend on that; `others`: numbers that more functions give at a point. Throws {@link ReadBeforeWrite}, and leaves what the
 * function keeps as it was.
 */
export function requireChangesNoMore(
  code: ProblemCode,
  operator: Operator,
  points: readonly TriedPoint[],
  others: (point: TriedPoint) => readonly Given[] = () => [],
): void {
  if (!changesMore(operator, points)) return;
  const before = remembering(keptBy(operator));
  for (const point of points) {
    const all = (): readonly Given[] => [...followingAt(code, point), ...others(point)];
    const without = ifItCanBe(all);
    callAt(operator, point);
    const changed = before.changed();
    const now = changed === undefined ? undefined : ifItCanBe(all);
    before.putBack();
    if (changed !== undefined && now && without) requireSame(operator, changed, now, without);
  }
}

/** Does the function change anything that it captures? */
const changesMore = memo(
  (operator: Operator, points: readonly TriedPoint[]): boolean => {
    const before = remembering(keptBy(operator));
    points.forEach((point) => callAt(operator, point));
    const changed = before.changed();
    before.putBack();
    return changed !== undefined;
  },
  { by: (operator) => [operator] },
);

function callAt(operator: Operator, { u, p, t, index = 0 }: TriedPoint): void {
  ifItCanBe(() => operator.evaluate(new Float64Array(operator.output.layout.size), [u.slice(), p, t, index]));
}

/** A number that a function gives. */
export interface Given {
  readonly name: string;
  readonly component?: string;
  readonly value: number;
}

/** What the right-hand side and the conditions of events give. */
function followingAt(code: ProblemCode, { u, p, t }: Pick<TriedPoint, "u" | "p" | "t">): Given[] {
  const du = new Float64Array(code.output.size);
  code.plain(du, u, p, t);
  return [
    ...Array.from(du, (value, i) => ({ name: code.name, component: componentName(code.output, i, "du"), value })),
    ...code.events.flatMap(({ when }) => (when ? { name: when.name, value: conditionAt(when, u, p, t) } : [])),
  ];
}

function requireSame(operator: Operator, changed: string, now: readonly Given[], without: readonly Given[]): void {
  const scaleOf = (name: string): number =>
    now.reduce((max, one) => (one.name === name ? Math.max(max, Math.abs(one.value)) : max), 0);
  const k = now.findIndex(({ name, value }, j) => !isClose(value, without[j].value, scaleOf(name)));
  if (k < 0) return;
  const { name, component, value } = now[k];
  const of = component === undefined ? "" : ` for ${component}`;
  throw keeps(operator, changed, `${name} gives ${value}${of} after it, and ${without[k].value} as it was before`);
}

function keeps(operator: Operator, changed: string, how: string): ReadBeforeWrite {
  const error = new ReadBeforeWrite({
    name: operator.name,
    what: `it changes \`${changed}\`, on which depends what comes: ${how}`,
    construct: changed,
    remedy:
      "The next solve would begin with what this one left there. What is to last belongs in u, or in p, which events may change: " +
      "p.beta = 0.2; the number of a dose is the index, apply(u, p, t, index).",
  });
  return refused(operator, error);
}

function valuesOf({ fn }: Operator, names: readonly string[]): unknown[] {
  if (names.length === 0) return [];
  const values = valuesCaptured(fn);
  return names.map((name) => values.get(name));
}
