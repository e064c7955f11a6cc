/** What the pictures show: a model with its solution, and the data. */
import { spread } from "../../plot/spread.ts";
import { colors } from "../../plot/colors.ts";
import { formatNumber } from "../../plot/numbers.ts";
import { column, type Column } from "../draw/chart.ts";
import type { Curves, ModelInfo, Table } from "../shared/protocol.ts";

export interface Shown {
  readonly info: ModelInfo;
  readonly curves: Curves;
  readonly table?: Table;
  readonly logTime: boolean;
  /** Index of a time. */
  readonly cursor: number;
}

/** Components that are drawn: all, or evenly spaced ones of many. */
export function drawnStates({ states }: ModelInfo): number[] {
  return spread(states.length, colors.length);
}

export function timesOf({ curves }: Shown): Column {
  return column(curves.t);
}

/** Of a component over time. */
export function stateColumn({ info, curves }: Shown, i: number): Column {
  return { data: curves.states, offset: i, stride: info.states.length, count: curves.t.length };
}

/** Of ∂u[i]/∂p[j] over time. */
export function slopeColumn({ info, curves }: Shown, slopes: Float64Array, i: number, j: number): Column {
  const [n, m] = [info.states.length, info.parameters.length];
  return { data: slopes, offset: i * m + j, stride: n * m, count: curves.t.length };
}

export function at({ data, offset, stride }: Column, index: number): number {
  return data[offset + index * stride];
}

/** "1.234", short enough to stand beside a name. */
export function short(value: number): string {
  return formatNumber(Number(value.toPrecision(4)));
}

/** For those who hear a curve. */
export function inWords(name: string, of: Column): string {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < of.count; i++) {
    low = Math.min(low, at(of, i));
    high = Math.max(high, at(of, i));
  }
  return `${name} from ${short(at(of, 0))} to ${short(at(of, of.count - 1))}, between ${short(low)} and ${short(high)}`;
}
