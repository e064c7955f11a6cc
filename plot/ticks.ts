/** Ticks of short axes, whose labels would run into each other. */
import { formatTick } from "./numbers.ts";

/** A horizontal axis: what it shows, where that lies in a picture of so many pixels, and the pixels of a letter. */
export interface ShortAxis {
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  readonly width: number;
  readonly letter: number;
}

/** Round numbers as far from each other as leaves two or more, whose labels stay within the picture and off each other; fewer without room. */
export function ticksWithin(axis: ShortAxis): number[] {
  const [low, high] = axis.domain;
  const power = 10 ** Math.floor(Math.log10(high - low));
  const choices = [10, 5, 2, 1, 0.5, 0.2, 0.1].map((factor) => withRoom(axis, multiples(low, high, factor * power)));
  return choices.find(({ length }) => length > 1) ?? choices.find(({ length }) => length > 0) ?? [];
}

function withRoom({ domain: [low, high], range: [left, right], width, letter }: ShortAxis, ticks: readonly number[]): number[] {
  let end = 0;
  return ticks.filter((tick) => {
    const at = left + ((tick - low) / (high - low)) * (right - left);
    const half = (formatTick(tick).length * letter) / 2;
    if (at - half < end || at + half > width) return false;
    // Two letters are between a label and the next one.
    end = at + half + 2 * letter;
    return true;
  });
}

function multiples(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step);
  const count = Math.floor(high / step) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}
