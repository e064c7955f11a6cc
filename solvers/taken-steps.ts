/** Steps as a march leaves them behind (see march.ts). */
import { evaluateRecord } from "./dense-output.ts";
import type { GrowingArray } from "./growing.ts";
import { integer } from "./march.ts";
import type { Prepared } from "./prepare.ts";
import type { Statistics } from "./trajectory.ts";

/** The steps of one march, the first of them number 0; valid until the next one. */
export class TakenSteps {
  /** The step whose record was made last. */
  private recorded = -1;

  constructor(
    private readonly prepared: Prepared,
    private readonly statistics: Statistics,
  ) {}

  get count(): number {
    return this.prepared.code.view.integers[integer.slot];
  }

  /** Where step i begins, and step i - 1 ends. */
  time(i: number): number {
    return this.prepared.code.view.ends[i];
  }

  /** The state there. */
  state(i: number): Float64Array {
    const { slots, start, n } = this.slot(i);
    return slots.subarray(start, start + n);
  }

  /** Appends u, f and stages of the steps. */
  appendTo(records: GrowingArray): void {
    const { stages, stride } = this.prepared.programs;
    const { slots, n } = this.slot(0);
    const size = (2 + stages) * n;
    if (size === stride) records.append(slots, 0, this.count * stride);
    else for (let i = 0; i < this.count; i++) records.append(slots, i * stride, size);
  }

  /** The state at t within step i, into `out`. */
  interpolate(i: number, t: number, out: Float64Array): void {
    const { code, programs, system } = this.prepared;
    const { records, ends, integers } = code.view;
    if (!integers[integer.records] && i !== this.recorded) this.record(i);
    const { recordSize } = programs;
    evaluateRecord(records, i * recordSize, recordSize, system.n, (t - ends[i]) / (ends[i + 1] - ends[i]), out);
  }

  private record(i: number): void {
    const { code, programs, system } = this.prepared;
    const { ends } = code.view;
    const { slots, records, p } = code.address;
    const bytes = 8 * programs.stride;
    const [u, f, work] = [0, 8, 16].map((offset) => slots + i * bytes + offset * system.n);
    code.dense(u, u + bytes, f, f + bytes, work, p, records + 8 * i * programs.recordSize, ends[i], ends[i + 1] - ends[i]);
    this.statistics.rhsCalls += programs.rhsCalls.perDense;
    this.recorded = i;
  }

  private slot(i: number): { slots: Float64Array; start: number; n: number } {
    const { code, programs, system } = this.prepared;
    return { slots: code.view.slots, start: i * programs.stride, n: system.n };
  }
}
