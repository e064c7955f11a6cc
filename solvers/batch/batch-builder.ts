/** What the kernels of all batched solves consist of. */
import { interpolate } from "../step-loop/interpolant.ts";
import { stepPrograms } from "../step-loop/prepare.ts";
import { growTolerances } from "../step-loop/derivative-tolerances.ts";
import { switchDetection, type SwitchDetection } from "../step-loop/switch-detection.ts";
import { copy, isSmall, noHistory, StepBuilder, type Slice, type StepPrograms } from "../step/builder.ts";
import type { Method } from "../step/method.ts";
import { noHalts, type KernelHalts } from "./kernel-events.ts";
import { KernelStateEvents } from "./kernel-state-events.ts";
import { TimedEvents } from "./timed-events.ts";
import type { System } from "../step/system.ts";
import { verdict, VERDICT_SIZE } from "../step/verdict.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import { report, REPORTS, setting, SETTINGS, span, SPAN } from "./told.ts";
import { beginReach, REACHES } from "./seen-steps.ts";

/**
 * A trajectory's step in local memory, and its parameters:
 * (input u0[n], input p[np], input settings, input span, input saveTimes[K], input atol[n], output report, input halts[H] and
 * input happenings[3 H] where there are some);
 * output saved[K n] once something is. n and np are those of what is integrated.
 */
export class BatchBuilder extends StepBuilder {
  readonly programs: StepPrograms;
  readonly u0: Slice;
  readonly p: Slice;
  readonly settings: ArrayDeclaration;
  private readonly span: ArrayDeclaration;
  readonly saveTimes: ArrayDeclaration;
  /** Of each trajectory its own where they grow with it. */
  readonly atol: Slice;
  readonly switches: SwitchDetection;
  readonly report: ArrayDeclaration;
  /** Times that are ends of controlled steps, in order; t1 behind the last of them. */
  readonly halts: ArrayDeclaration | undefined;
  readonly timed: TimedEvents | undefined;
  readonly stateEvents: KernelStateEvents | undefined;
  readonly here: Record<"u" | "f", Slice>;
  readonly there: Record<"u" | "f", Slice>;
  /** What goes on from one run of the kernel to the next, with where it is kept between them. */
  private readonly acrossRuns: { readonly here: Slice; readonly kept: Slice; readonly size: number }[] = [];
  private savedStates: ArrayDeclaration | undefined;
  /** The stages of the step just taken, those for dense output once {@link makeRecord} made them; and its record. */
  readonly work: Slice;
  readonly record: Slice;
  /** The method's: what a try finds, and leaves to the step from its end; and what all tries share. */
  private readonly memory: Record<"here" | "there" | "cache", Slice>;
  private readonly verdict: Slice;
  /** Of methods whose dense output errs otherwise than their steps: see seen-steps.ts. */
  readonly reach: Slice | undefined;
  private readonly reachBefore: Slice | undefined;

  constructor(
    name: string,
    method: Method,
    readonly of: System,
    readonly saves: number,
    { count: halts, events, timed }: KernelHalts = noHalts,
  ) {
    const programs = stepPrograms(of, method);
    super(name, of, isSmall(of, programs.evaluations.perStep + 1));
    this.programs = programs;
    this.u0 = this.vectorParameter("u0", "input");
    this.p = this.vectorParameter("p", "input", of.np);
    this.settings = this.arrayParameter("settings", SETTINGS, "input");
    this.span = this.arrayParameter("span", SPAN, "input");
    this.saveTimes = this.arrayParameter("saveTimes", saves, "input");
    this.atol = this.vectorParameter("atol", "input");
    this.report = this.arrayParameter("report", REPORTS, "output");
    if (halts > 0) this.halts = this.arrayParameter("halts", halts, "input");
    if (timed && events) this.timed = new TimedEvents(this, events);
    this.here = { u: this.remembered("u"), f: this.remembered("f") };
    this.there = { u: this.vector("uNext"), f: this.vector("fNext") };
    this.work = { array: this.localArray("work", this.programs.workSize), offset: 0 };
    this.record = { array: this.localArray("record", this.programs.recordSize), offset: 0 };
    const { memorySize, cacheSize = 0 } = programs;
    this.memory = {
      here: this.remembered("memory", memorySize),
      there: { array: this.localArray("memoryNext", memorySize), offset: 0 },
      cache: this.remembered("cache", cacheSize),
    };
    this.verdict = { array: this.localArray("verdict", VERDICT_SIZE), offset: 0 };
    if (events?.some(({ when }) => when)) this.stateEvents = new KernelStateEvents(this, events);
    this.reach = programs.between && this.remembered("reach", REACHES);
    if (this.reach && this.stateEvents) this.reachBefore = { array: this.localArray("reachBefore", REACHES), offset: 0 };
    const given = this.atol;
    if (of.parts?.some(({ derivativesOf }) => derivativesOf !== undefined)) {
      this.atol = this.remembered("atolGrown");
      this.copy(this.atol, given);
    }
    this.switches = switchDetection(this, of, this.slice(this.p), (...vector) => this.remembered(...vector));
  }

  /** A local vector that {@link resume} brings back to what it was at the last {@link suspend}. */
  remembered(name: string, size = this.of.n): Slice {
    const here = { array: this.localArray(name, size), offset: 0 };
    if (size > 0) this.acrossRuns.push({ here, kept: this.vectorParameter(`${name}_kept`, "inout", size), size });
    return here;
  }

  /** At the beginning of a run of the kernel that goes on where another one ended. */
  resume(): void {
    for (const { here, kept, size } of this.acrossRuns) this.move(here, kept, size);
  }

  suspend(): void {
    for (const { here, kept, size } of this.acrossRuns) this.move(kept, here, size);
  }

  private move(into: Slice, from: Slice, size: number): void {
    this.range(0, size, (i) => this.set(this.element(into, i), this.get(this.element(from, i))));
  }

  /** The system whose steps these are, without its tangents. */
  get primal(): Pick<System, "n" | "np"> {
    return this.of.primal ?? this.of;
  }

  /** Of kernels that save states. */
  private get saved(): ArrayDeclaration {
    return (this.savedStates ??= this.arrayParameter("saved", this.saves * this.of.n, "output"));
  }

  setting(name: keyof typeof setting | keyof typeof span): Value {
    return name in span
      ? this.load(this.span, this.i32(span[name as keyof typeof span]))
      : this.load(this.settings, this.i32(setting[name as keyof typeof setting]));
  }

  /** The index of a halt as an i32, within those that there are. */
  haltIndex(halt: Value): Value {
    const last = this.f64(this.halts!.size - 1);
    return this.operation("i32.from_f64", this.operation("min", halt, last));
  }

  tell(name: keyof typeof report, value: Value): void {
    this.store(this.report, this.i32(report[name]), value);
  }

  copy(into: Slice, from: Slice): void {
    this.each((at) => this.set(at(into), this.get(at(from))));
  }

  /** The state is here, and the method begins. */
  begin(t: Value): void {
    const { here, memory, programs } = this;
    this.evaluate(programs.slope ?? this.of.rhs, here.f, here.u, this.p, t);
    for (const { array } of [memory.here, memory.cache]) if (array.size > 0) this.fill(array, this.f64(0));
    beginReach(this);
  }

  /** From `here` to `there`; returns the scaled error. The derivative there is known afterwards only of methods that need it. */
  step(t: Value, h: Value, rtol: Value): Value {
    const { here, there, memory } = this;
    const own = [memory.here, memory.there, this.work, memory.cache];
    const arrays = [here.u, there.u, here.f, there.f, ...own, this.p, this.atol, this.verdict];
    return this.call(this.programs.step, [...arrays.map((slice) => this.slice(slice)), t, h, rtol])!;
  }

  /** What the step said of itself. */
  said(what: "status" | "entry" | "factor"): Value {
    return this.load(this.verdict.array, this.i32(verdict[what]));
  }

  finishDerivative(t: Value): void {
    if (!this.programs.fsal) this.evaluate(this.of.rhs, this.there.f, this.there.u, this.p, t);
  }

  /** After a controlled step. */
  advanceControl(): void {
    growTolerances(this, this.of, { atol: this.slice(this.atol), rtol: this.setting("rtol"), u: this.slice(this.there.u) });
    this.switches.accept();
  }

  /** Before a try that may be dropped. */
  remember(): void {
    if (this.reachBefore) this.move(this.reachBefore, this.reach!, REACHES);
  }

  /** What the try changed comes back (see step-loop/retake.ts). */
  drop(): void {
    const { array } = this.memory.cache;
    if (array.size > 0) this.fill(array, this.f64(0));
    if (this.reachBefore) this.move(this.reach!, this.reachBefore, REACHES);
  }

  advanceTo(): void {
    this.copy(this.here.u, this.there.u);
    this.copy(this.here.f, this.there.f);
    this.move(this.memory.here, this.memory.there, this.programs.memorySize);
  }

  /** How many save times are not after t: of those in order, by bisection. */
  due(t: Value): Value {
    const one = this.i32(1);
    return this.while(
      [this.i32(0), this.i32(this.saves)],
      ([from, to]) => this.operation("i32.lt", from, to),
      ([from, to]) => {
        const middle = this.operation("i32.shr", this.operation("i32.add", from, to), one);
        const isDue = this.isDue(middle, t);
        const after = this.operation("i32.add", middle, one);
        return [this.operation("i32.select", isDue, after, from), this.operation("i32.select", isDue, to, middle)];
      },
      [
        [0, this.saves],
        [0, this.saves],
      ],
    )[0];
  }

  /** The save times from the k-th on that are not after t, at which `state` is; returns the next. */
  saveHere(k: Value, state: Slice, t: Value): Value {
    return this.whileDue(k, t, (at) => this.saveState(at, state));
  }

  /** Of the step just taken, that from t to tNext; what is due up to `reach` behind it is of its end. */
  saveWithin(k: Value, t: Value, tNext: Value, reach = tNext): Value {
    const { there, record, of } = this;
    const { recordSize } = this.programs;
    return this.if(
      this.isDue(k, reach),
      () => {
        const length = this.operation("sub", tNext, t);
        this.makeRecord(t, length);
        const next = this.whileDue(k, reach, (at) => {
          const time = this.load(this.saveTimes, at);
          const distance = this.times(this.setting("direction"), this.operation("sub", time, tNext));
          this.when(
            this.operation("ge", distance, this.f64(0)),
            () => this.saveState(at, there.u),
            () => {
              const theta = this.operation("div", this.operation("sub", time, t), length);
              interpolate(this, this.savedAt(at), this.slice(record), theta, of.n, recordSize / of.n);
            },
          );
        });
        return [next];
      },
      () => [k],
    )[0];
  }

  /** Of the step just taken. */
  makeRecord(t: Value, h: Value): void {
    const { here, there, memory, work, p, record } = this;
    const { offset, numbers } = this.programs.history ?? noHistory;
    const past = [offset + numbers, offset].map((at) => ({ array: memory.there.array, offset: at }));
    const arrays = [here.u, there.u, here.f, there.f, ...past, work, p, record].map((slice) => this.slice(slice));
    this.call(this.programs.dense, [...arrays, t, h]);
  }

  /** What dense output errs by in the step just taken, in units of the tolerances. */
  errorBetween(program: Program, t: Value, h: Value): Value {
    const { here, there, memory, work, p, atol, record } = this;
    this.makeRecord(t, h);
    const arrays = [here.u, there.u, memory.here, work, memory.cache, p, atol, record].map((slice) => this.slice(slice));
    return this.call(program, [...arrays, t, h, this.setting("rtol")])!;
  }

  private savedAt(k: Value): ArrayArgument {
    return { array: this.saved, offset: this.operation("i32.mul", k, this.i32(this.of.n)) };
  }

  private saveState(k: Value, state: Slice): void {
    copy(this, this.savedAt(k), this.slice(state), this.of.n);
  }

  private whileDue(from: Value, t: Value, save: (k: Value) => void): Value {
    return this.while(
      [from],
      ([k]) => this.isDue(k, t),
      ([k]) => {
        save(k);
        return [this.operation("i32.add", k, this.i32(1))];
      },
      [[0, this.saves]],
    )[0];
  }

  isDue(k: Value, t: Value): Value {
    const last = this.i32(this.saves - 1);
    const inside = this.operation("i32.select", this.operation("i32.lt", k, last), k, last);
    const distance = this.operation("sub", this.load(this.saveTimes, inside), t);
    const reached = this.operation("le", this.times(this.setting("direction"), distance), this.f64(0));
    return this.operation("bool.and", this.operation("i32.lt", k, this.i32(this.saves)), reached);
  }

  /** Its tangents aside. */
  isFinite(state: Slice): Value {
    // The sum is no finite number where one of them is none.
    return this.operation(
      "finite",
      this.sum((at) => this.operation("abs", at(state)), 0, this.primal.n),
    );
  }
}
