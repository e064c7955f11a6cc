/** Steps as the step loop leaves them behind (see step-loop.ts). */
import { noHistory } from "../step/builder.ts";
import { evaluateRecord } from "./dense-output.ts";
import type { GrowingArray } from "../../src/core/growing-array.ts";
import { KeptStates } from "./kept-states.ts";
import type { PathPrograms } from "./paths.ts";
import { integer } from "./registers.ts";
import type { Code, Prepared } from "./prepare.ts";
import type { Statistics } from "./statistics.ts";

/** What looks on while an integration goes; it may throw. */
export interface Watch {
  observe(steps: TakenSteps): void;
  finish(t: number, state: Float64Array): void;
}

/** The steps of one run of the step loop, the first of them number 0; valid until the next one. */
export class TakenSteps {
  /** The step whose record was made last. */
  private recorded = -1;
  readonly count: number;
  private readonly code: Code;
  private readonly ends: Float64Array;

  constructor(
    private readonly prepared: Prepared,
    private readonly statistics: Statistics,
    /** Does the first of them begin anew, at the start or behind a stop? */
    readonly isAnew = false,
  ) {
    this.code = prepared.code;
    this.ends = this.code.view.ends;
    this.count = this.code.view.integers[integer.slot];
  }

  /** What the integration took so far. */
  get effort(): Readonly<Statistics> {
    return this.statistics;
  }

  /** Where step i begins, and step i - 1 ends. */
  time(i: number): number {
    return this.ends[i];
  }

  /** The state there. */
  state(i: number): Float64Array {
    const start = i * this.prepared.programs.stride;
    return this.code.view.slots.subarray(start, start + this.prepared.system.n);
  }

  /** A copy of the method's derivative there. */
  slope(i: number): Float64Array {
    const start = i * this.prepared.programs.stride + this.prepared.system.n;
    return this.code.view.slots.slice(start, start + this.prepared.system.n);
  }

  /** What is kept of the state there (see kept-states.ts), of the first n components. */
  keptState(i: number, n: number): Float64Array {
    const kept = this.keptStates(n);
    const state = new Float64Array(kept.size);
    kept.take(this.code.view.slots, i, state);
    return state;
  }

  /** What step i is taken again from. */
  checkpoint(i: number, n: number): Float64Array {
    return this.keptStates(n).checkpoint(this.code.view.slots, i);
  }

  private keptStates(n: number): KeptStates {
    return new KeptStates(this.prepared.programs, this.prepared.system.n, n);
  }

  /** Of 2 × count points: in the middle of step k by its cubic, or with a mass matrix its chord (2k), and at its end (2k + 1); the first n components. */
  point(point: number, n: number): { readonly t: number; readonly u: Float64Array } {
    const k = point >> 1;
    if (point & 1) return { t: this.time(k + 1), u: this.state(k + 1).slice(0, n) };
    const { slots } = this.code.view;
    const { stride } = this.prepared.programs;
    const [here, f] = [k * stride, this.prepared.system.n];
    const there = here + stride;
    const eighth = (this.prepared.system.mass ? 0 : 1 / 8) * (this.time(k + 1) - this.time(k));
    const u = Float64Array.from({ length: n }, (_, i) => {
      const chord = (1 / 2) * (slots[here + i] + slots[there + i]);
      return chord + eighth * (slots[here + f + i] - slots[there + f + i]);
    });
    return { t: (1 / 2) * (this.time(k) + this.time(k + 1)), u };
  }

  /** What tells the paths of the right-hand side; undefined where it has one only. */
  get paths(): PathPrograms | undefined {
    return this.prepared.programs.paths;
  }

  /** The paths taken at some of the points, one after the other, and the outcomes of decisions that were met there; until the next call. */
  lookAtPaths(first: number, every: number): { readonly found: Float64Array; readonly taken: Float64Array } {
    const { view, paths } = this.code;
    view.taken.fill(0);
    paths!(first, every, Math.ceil((2 * this.count - first) / every));
    return { found: view.paths, taken: view.taken };
  }

  /** Appends where the steps end, and before that where the first begins. */
  appendTimesTo(times: GrowingArray, first: boolean): void {
    times.append(this.ends, first ? 0 : 1, this.count + Number(first));
  }

  /** Appends what is kept of the states where the steps begin, and behind each the step's stages, of the first n components. */
  appendTo(records: GrowingArray, n: number): void {
    const { programs, system } = this.prepared;
    const { slots } = this.code.view;
    const { stages, stride, history } = programs;
    const vectors = 2 + stages;
    if (history) {
      for (let i = 0; i < this.count; i++) {
        records.append(this.keptState(i, n));
        records.appendHeads(slots, i * stride + 2 * system.n, n, system.n, stages);
      }
    } else if (n * vectors === stride) records.append(slots, 0, this.count * stride);
    else for (let i = 0; i < this.count; i++) records.appendHeads(slots, i * stride, n, system.n, vectors);
  }

  /** Appends the first numbers in the factors of step i's matrix. */
  appendFactorsTo(kept: GrowingArray, i: number, size: number): void {
    const { stride, factors } = this.prepared.programs;
    kept.append(this.code.view.slots, i * stride + 2 * this.prepared.system.n + factors.offset, size);
  }

  /** The state at t within step i, into `out`: as many components, the first ones, as that has room for. */
  interpolate(i: number, t: number, out: Float64Array): void {
    const { recordSize } = this.prepared.programs;
    this.requireRecord(i);
    const [start, end] = [this.time(i), this.time(i + 1)];
    const { n } = this.prepared.system;
    evaluateRecord(this.code.view.records, i * recordSize, recordSize, n, (t - start) / (end - start), out);
  }

  /** What step i is interpolated from (see step/dense-form.ts). */
  recordOf(i: number): Float64Array {
    const { recordSize } = this.prepared.programs;
    this.requireRecord(i);
    return this.code.view.records.subarray(i * recordSize, (i + 1) * recordSize);
  }

  /** Components of the state in those records. */
  get components(): number {
    return this.prepared.system.n;
  }

  private requireRecord(i: number): void {
    // Of a step that was tried and not taken none is made.
    const isMade = this.code.view.integers[integer.records] !== 0 && i < this.count;
    if (!isMade && i !== this.recorded) this.record(i);
  }

  private record(i: number): void {
    const { programs, system } = this.prepared;
    const { address, dense } = this.code;
    const { slots, records, p } = address;
    const bytes = 8 * programs.stride;
    const [u, f, work] = [0, 8, 16].map((offset) => slots + i * bytes + offset * system.n);
    const [t, h] = [this.time(i), this.time(i + 1) - this.time(i)];
    const { workSize, history: { offset, numbers } = noHistory } = programs;
    const past = work + bytes + 8 * (workSize + offset);
    dense(u, u + bytes, f, f + bytes, past + 8 * numbers, past, work, p, records + 8 * i * programs.recordSize, t, h);
    this.statistics.rhsCalls += programs.evaluations.perDense;
    this.recorded = i;
  }
}
