/** From numbers to pixels, with the ticks of an axis. */
import { formatTick } from "../../plot/numbers.ts";

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Scale {
  readonly at: (value: number) => number;
  readonly valueAt: (pixel: number) => number;
  readonly ticks: readonly Tick[];
}

export type Interval = readonly [low: number, high: number];

/** `room`: pixels that a tick needs. With `nice`, the ends are ticks. */
export function linear(domain: Interval, range: Interval, room: number, nice: boolean): Scale {
  const [low, high] = widened(domain);
  const step = stepOf((high - low) / Math.max(1, Math.abs(range[1] - range[0]) / room));
  const first = nice ? Math.floor(low / step + 1e-9) * step : low;
  const last = nice ? Math.ceil(high / step - 1e-9) * step : high;
  const slope = (range[1] - range[0]) / (last - first);
  const from = Math.ceil(first / step - 1e-9);
  const count = Math.floor(last / step + 1e-9) - from + 1;
  return {
    at: (value) => range[0] + (value - first) * slope,
    valueAt: (pixel) => first + (pixel - range[0]) / slope,
    ticks: Array.from({ length: Math.max(0, count) }, (_, i) => {
      const value = Number(((from + i) * step).toPrecision(12));
      return { at: range[0] + (value - first) * slope, label: labelOf(value) };
    }),
  };
}

/** Of positive numbers; ticks are powers of ten. */
export function logarithmic([low, high]: Interval, range: Interval, room: number): Scale {
  const [first, last] = widened([Math.log10(low), Math.log10(high)]);
  const slope = (range[1] - range[0]) / (last - first);
  const from = Math.ceil(first - 1e-9);
  const powers = Math.floor(last + 1e-9) - from + 1;
  const every = Math.max(1, Math.ceil(powers / Math.max(1, Math.abs(range[1] - range[0]) / room)));
  return {
    at: (value) => range[0] + (Math.log10(value) - first) * slope,
    valueAt: (pixel) => 10 ** (first + (pixel - range[0]) / slope),
    ticks: Array.from({ length: Math.max(0, Math.ceil(powers / every)) }, (_, i) => {
      const power = from + i * every;
      return {
        at: range[0] + (power - first) * slope,
        label: Math.abs(power) > 3 ? `1e${power}` : formatTick(Number(`1e${power}`)),
      };
    }),
  };
}

/** Axes have room for six signs: what is larger has an exponent. */
function labelOf(value: number): string {
  return Math.abs(value) < 1e5 ? formatTick(value) : value.toExponential().replace("+", "");
}

/** What is constant, or not there, has an axis too. */
function widened([low, high]: Interval): Interval {
  if (!(low <= high)) return [0, 1];
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > 1e-9 * size) return [low, high];
  const half = size === 0 ? 1 : size / 10;
  return [low - half, high + half];
}

/** 1, 2 or 5 times a power of ten, at least so long. */
function stepOf(length: number): number {
  const power = 10 ** Math.floor(Math.log10(length));
  const factor = [1, 2, 5, 10].find((one) => one * power >= length * (1 - 1e-9))!;
  return factor * power;
}
