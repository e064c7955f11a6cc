/** The order in which steps are computed again: all are swept, the last first, within the room there is, by the fewest steps possible. */
import { describe, expect, it } from "vitest";
import { revolve } from "../../../../sensitivity/adjoints/discrete/revolve.ts";

interface Run {
  /** The steps swept, in their order, and the lengths of the stretches. */
  readonly swept: number[];
  readonly lengths: number[];
  /** Steps advanced over, and the states held besides the first at most. */
  readonly advanced: number;
  readonly held: number;
}

/** A state is the number of the step that begins there. */
function run(from: number, to: number, block: number, slots: number): Run {
  const [swept, lengths]: [number[], number[]] = [[], []];
  let [advanced, held, most] = [0, 0, 0];
  const stretch = {
    advance(state: Float64Array, at: number, end: number): Float64Array {
      expect([state[0], end > at]).toEqual([at, true]);
      advanced += end - at;
      return Float64Array.of(end);
    },
    sweep(state: Float64Array, at: number, end: number): void {
      expect(state[0]).toBe(at);
      lengths.push(end - at);
      for (let step = end - 1; step >= at; step--) swept.push(step);
    },
    hold(change: 1 | -1): void {
      held += change;
      most = Math.max(most, held);
    },
  };
  revolve(stretch, Float64Array.of(from), from, to, block, slots);
  expect(held).toBe(0);
  return { swept, lengths, advanced, held: most };
}

/** The fewest steps that blocks of one can be advanced over, by trying where the next state is held (R. Bellman's principle). */
function fewest(steps: number, slots: number, known = new Map<string, number>()): number {
  if (steps <= 1) return 0;
  if (slots === 0) return (steps * (steps - 1)) / 2;
  const key = `${steps} ${slots}`;
  let best = known.get(key) ?? Infinity;
  if (best < Infinity) return best;
  for (let middle = 1; middle < steps; middle++) {
    best = Math.min(best, middle + fewest(steps - middle, slots - 1, known) + fewest(middle, slots, known));
  }
  known.set(key, best);
  return best;
}

const descending = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => to - 1 - k);

describe.each([0, 1, 2, 3, 6])("with room for %d states", (slots) => {
  it("steps are swept once each, the last first, by the fewest steps", () => {
    for (let steps = 1; steps <= 40; steps++) {
      const { swept, advanced, held } = run(7, 7 + steps, 1, slots);
      expect(swept).toEqual(descending(7, 7 + steps));
      expect(held).toBeLessThanOrEqual(slots);
      expect([steps, advanced]).toEqual([steps, fewest(steps, slots)]);
    }
  });

  it("blocks of steps are swept together, none longer than there is room for", () => {
    for (const [steps, block] of [
      [1, 8],
      [8, 8],
      [9, 8],
      [100, 8],
      [101, 7],
    ]) {
      const { swept, lengths, advanced, held } = run(0, steps, block, slots);
      expect(swept).toEqual(descending(0, steps));
      expect(Math.max(...lengths)).toBeLessThanOrEqual(block);
      expect(lengths).toHaveLength(Math.ceil(steps / block));
      expect(held).toBeLessThanOrEqual(slots);
      expect(advanced).toBe(block * fewest(Math.ceil(steps / block), slots));
    }
  });
});
