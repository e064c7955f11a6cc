import { expect, it } from "vitest";
import { formatTick } from "../../plot/numbers.ts";
import { ticksWithin, type ShortAxis } from "../../plot/ticks.ts";

const axis = (low: number, high: number, width = 95): ShortAxis => ({
  domain: [low, high],
  range: [9, width - 9],
  width,
  letter: 5.2,
});

it.each([
  [0, 1, [0, 1]],
  [0.0291, 0.0349, [0.03, 0.034]],
  [-0.4, 0.4, [-0.2, 0.2]],
  [122500, 124400, [122800, 124000]],
  [999990, 1000011, [999992, 1000006]],
])("from %d to %d", (low, high, expected) => expect(ticksWithin(axis(low, high))).toEqual(expected));

it.each([75, 95, 126, 200])("labels are within %d pixels and do not touch, however long", (width) => {
  for (let k = 0; k < 400; k++) {
    const low = Math.sin(k + 1) * 10 ** (k % 9) * 1e-5;
    const high = low + (1.1 + Math.cos(k)) * Math.abs(low);
    const { range, letter } = axis(low, high, width);
    let end = 0;
    for (const tick of ticksWithin(axis(low, high, width))) {
      const at = range[0] + ((tick - low) / (high - low)) * (range[1] - range[0]);
      const half = (formatTick(tick).length * letter) / 2;
      expect(at - half).toBeGreaterThanOrEqual(end);
      end = at + half + letter;
      expect(at + half).toBeLessThanOrEqual(width);
    }
  }
});
