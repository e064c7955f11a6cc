/**
 * The loop over steps as a program: propose, step, judge, control, save, until the next stop or until what was taken has to be
 * looked at. It runs where the steps run, so that small systems do not pay for going in and out of compiled code at every step.
 *
 * Steps lie one after the other in `slots`: u, f and work of each; the end of a step is the u and f of the next slot. A march
 * begins in slot 0.
 */
import type { ArrayArgument, ArrayDeclaration, External, Program, Value } from "../src/program/ir.ts";
import { controllerOf } from "./controller.ts";
import { interpolate } from "./interpolant.ts";
import type { Method } from "./method.ts";
import { numbered, Registers } from "./registers.ts";
import { StepBuilder, type StepPrograms } from "./step.ts";
import { LOOK_INTERVAL, lookProgram, STIFF_LOOKS } from "./stiffness.ts";
import type { System } from "./system.ts";

/** Numbers that all slots together have room for, and the states of a chunk of saved times. */
const SLOT_NUMBERS = 2 ** 14;
const SAVED_NUMBERS = 2 ** 12;
const MOST = 256;

/** A step that would leave less than this part of itself to the next stop goes to the stop. */
const STRETCH = 1.01;
/** The same for steps of fixed length: rounding only. */
const FIXED_STRETCH = 1 + 1e-9;
/** Relative to t; a shorter step does not move it. */
const LEAST_STEP = 2 ** -51;
const NOT_FINITE_FACTOR = 0.2;
const SINGULAR_FACTOR = 0.25;

/** What a march is told, and tells, in f64s. */
export const real = numbered([
  /** Where it is, what it proposes, and where it must stop. */
  "t",
  "h",
  "stop",
  "rtol",
  /** 1 or -1. */
  "direction",
  /** Of the last accepted step: see controller.ts. */
  "logarithm",
  "length",
  /** The length of the last try that was rejected. */
  "tried",
]);

/** And in i32s. */
export const integer = numbered([
  /** Told: steps of one length, not judged; keep every record; look for stiffness; tries at most; save times at most, then pause. */
  "fixed",
  "records",
  "detects",
  "mostTries",
  "pauseAtSave",
  /** Kept from march to march. */
  "rejected",
  "linearized",
  "failure",
  "nextSave",
  "looks",
  "stiffLooks",
  /** Told by this march: how it ended, tries, steps accepted, Jacobians, records made. */
  "outcome",
  "tries",
  "slot",
  "jacobians",
  "recorded",
]);

/** How a march ended: for the caller to look, at the stop, because it could not go on, or because stability holds it back. */
export const outcome = { paused: 0, stopped: 1, failed: 2, stiff: 3 } as const;

/** Why the last try failed. */
export const failure = { stepUnderflow: 0, nonFiniteDerivative: 1, singularMatrix: 2 } as const;

export interface MarchPrograms {
  /** (inout slots, inout ends, inout records, output saved, inout direction, inout reals, inout integers, input saveTimes, input p, input atol) */
  readonly march: Program;
  /** The same parameters: goes on saving within the last step. */
  readonly save: Program;
  /** How many fit; a march ends where there is no slot for the next step's end. */
  readonly slots: number;
  readonly saves: number;
  /** Numbers in a slot. */
  readonly stride: number;
  /** The controller's memory before the first step. */
  readonly leastLogarithm: number;
}

export function marchPrograms(system: System, method: Method, step: StepPrograms): MarchPrograms {
  const stride = 2 * system.n + step.workSize;
  const slots = Math.min(MOST, Math.max(2, Math.floor(SLOT_NUMBERS / stride)));
  const saves = Math.min(MOST, Math.max(1, Math.floor(SAVED_NUMBERS / system.n)));
  const sizes = { stride, slots, saves };
  const save = saveProgram(system, step, sizes);
  const march = marchProgram(system, method, step, save, sizes);
  return { march, save, ...sizes, leastLogarithm: controllerOf(method).leastLogarithm };
}

type Sizes = Pick<MarchPrograms, "stride" | "slots" | "saves">;

/** A builder that knows the parameters of a march. */
class MarchBuilder extends StepBuilder {
  readonly slots: ArrayDeclaration;
  readonly ends: ArrayDeclaration;
  readonly records: ArrayDeclaration;
  readonly saved: ArrayDeclaration;
  readonly direction: ArrayDeclaration;
  readonly reals: Registers<keyof typeof real>;
  readonly integers: Registers<keyof typeof integer>;
  readonly saveTimes: ArrayDeclaration;
  readonly p: ArrayDeclaration;
  readonly atol: ArrayDeclaration;

  constructor(
    name: string,
    private readonly of: System,
    private readonly programs: StepPrograms,
    private readonly sizes: Sizes,
  ) {
    super(name, of, false);
    const { slots, stride, saves } = sizes;
    this.slots = this.arrayParameter("slots", slots * stride, "inout");
    this.ends = this.arrayParameter("ends", slots, "inout");
    this.records = this.arrayParameter("records", slots * programs.recordSize, "inout");
    this.saved = this.arrayParameter("saved", saves * of.n, "inout");
    this.direction = this.arrayParameter("direction", of.n, "inout");
    this.reals = new Registers(this, "reals", real, "f64");
    this.integers = new Registers(this, "integers", integer, "i32");
    this.saveTimes = this.arrayParameter("saveTimes", saves + 1, "input");
    this.p = this.arrayParameter("p", of.np, "input");
    this.atol = this.arrayParameter("atol", of.n, "input");
  }

  next(i: Value): Value {
    return this.operation("i32.add", i, this.i32(1));
  }

  /** u, f and work of a slot. */
  slot(index: Value): Record<"u" | "f" | "work", ArrayArgument> {
    const start = this.operation("i32.mul", index, this.i32(this.sizes.stride));
    const at = (offset: number): ArrayArgument => ({
      array: this.slots,
      offset: this.operation("i32.add", start, this.i32(offset)),
    });
    return { u: at(0), f: at(this.of.n), work: at(2 * this.of.n) };
  }

  record(index: Value): ArrayArgument {
    return { array: this.records, offset: this.operation("i32.mul", index, this.i32(this.programs.recordSize)) };
  }

  end(index: Value): Value {
    return this.load(this.ends, index);
  }

  whole(array: ArrayDeclaration): ArrayArgument {
    return { array, offset: this.i32(0) };
  }

  /** Is a time to save not after t? */
  isDue(index: Value, t: Value): Value {
    const ahead = this.operation("sub", this.load(this.saveTimes, index), t);
    return this.operation("le", this.times(this.reals.get("direction"), ahead), this.f64(0));
  }

  rhs(into: ArrayArgument, u: ArrayArgument, t: Value): void {
    this.call(this.of.rhs as Program | External, [into, u, this.whole(this.p), t]);
  }
}

/** Saves what is due within the step that ends in the present slot, as far as there is room. */
function saveProgram(system: System, programs: StepPrograms, sizes: Sizes): Program {
  const { n } = system;
  const { dense, recordSize } = programs;
  const b = new MarchBuilder("save", system, programs, sizes);
  const nextSlot = b.integers.get("slot");
  const here = b.operation("i32.sub", nextSlot, b.i32(1));
  const [start, stop] = [b.slot(here), b.slot(nextSlot)];
  const [t, tNext] = [b.end(here), b.end(nextSlot)];
  const length = b.operation("sub", tNext, t);
  const makeRecord = (): void => {
    b.call(dense, [start.u, stop.u, start.f, stop.f, start.work, b.whole(b.p), b.record(here), t, length]);
    b.integers.increment("recorded");
  };
  const all = b.integers.isSet("records");
  b.when(all, makeRecord);
  const [k] = b.while(
    [b.integers.get("nextSave"), all],
    ([at]) => b.isDue(at, tNext),
    ([at, made]) => {
      const time = b.load(b.saveTimes, at);
      const into = { array: b.saved, offset: b.operation("i32.mul", at, b.i32(n)) };
      const [makes] = b.if(
        b.operation("eq", time, tNext),
        () => {
          copy(b, into, stop.u, n);
          return [made];
        },
        () => {
          b.when(made, () => {}, makeRecord);
          interpolate(b, into, b.record(here), b.operation("div", b.operation("sub", time, t), length), n, recordSize / n);
          return [b.bool(true)];
        },
      );
      return [b.next(at), makes];
    },
    [[0, sizes.saves]],
  );
  b.integers.set("nextSave", k);
  return b.finish();
}

export function copy(b: StepBuilder, into: ArrayArgument, from: ArrayArgument, n: number): void {
  b.for(b.i32(0), b.i32(n), 1, [], (i) => {
    b.store(into.array, b.operation("i32.add", into.offset, i), b.load(from.array, b.operation("i32.add", from.offset, i)));
    return [];
  });
}

function marchProgram(system: System, method: Method, programs: StepPrograms, save: Program, sizes: Sizes): Program {
  const { step, linearize, fsal } = programs;
  const b = new MarchBuilder(`${method.name}_march`, system, programs, sizes);
  const controller = controllerOf(method);
  const boundary = method.family === "explicit" ? method.tableau.stability : undefined;
  const look = boundary === undefined ? undefined : lookProgram(system, boundary);
  const fixed = b.integers.isSet("fixed");
  const largestError = b.operation("select", fixed, b.f64(Number.MAX_VALUE), b.f64(1));
  const stretch = b.operation("select", fixed, b.f64(FIXED_STRETCH), b.f64(STRETCH));
  const [stop, rtol] = [b.reals.get("stop"), b.reals.get("rtol")];
  b.integers.set("outcome", outcome.paused);
  for (const name of ["tries", "slot", "jacobians", "recorded"] as const) b.integers.set(name, 0);
  b.store(b.ends, b.i32(0), b.reals.get("t"));

  const accept = (error: Value, h: Value, length: Value, t: Value, toStop: Value, index: Value): void => {
    const tNext = b.operation("select", toStop, stop, b.plus(t, length));
    const next = b.next(index);
    const { u, f } = b.slot(next);
    if (!fsal) b.rhs(f, u, tNext);
    b.store(b.ends, next, tNext);
    b.integers.set("slot", next);
    b.when(b.operation("bool.or", b.isDue(b.integers.get("nextSave"), tNext), b.integers.isSet("records")), () => {
      const shared = [
        b.slots,
        b.ends,
        b.records,
        b.saved,
        b.direction,
        b.reals.array,
        b.integers.array,
        b.saveTimes,
        b.p,
        b.atol,
      ];
      b.call(
        save,
        shared.map((x) => b.whole(x)),
      );
    });
    b.when(
      fixed,
      () => {},
      () => {
        const memory = {
          logarithm: b.reals.get("logarithm"),
          length: b.reals.get("length"),
          rejected: b.integers.isSet("rejected"),
        };
        const { factor, logarithm } = controller.accept(b, error, length, memory);
        const proposed = b.times(length, factor);
        // A step cut short says little of how long the next may be.
        const longer = b.operation("gt", b.operation("abs", proposed), b.operation("abs", h));
        const taken = b.operation("bool.or", b.operation("bool.not", toStop), longer);
        b.reals.set("h", b.operation("select", taken, proposed, h));
        b.reals.set("logarithm", logarithm);
        b.reals.set("length", length);
        b.integers.set("rejected", 0);
      },
    );
    b.reals.set("t", tNext);
    b.integers.set("linearized", 0);
    b.integers.set("failure", failure.stepUnderflow);
    b.when(
      toStop,
      () => b.integers.set("outcome", outcome.stopped),
      () => {
        if (!look) return;
        b.when(b.integers.isSet("detects"), () => {
          const steps = b.integers.increment("looks");
          b.when(b.operation("i32.eq", b.operation("i32.rem", steps, b.i32(LOOK_INTERVAL)), b.i32(0)), () => {
            const first = b.operation("i32.eq", steps, b.i32(LOOK_INTERVAL));
            const near = b.call(look, [u, f, b.whole(b.p), b.whole(b.direction), tNext, length, first])!;
            const inARow = b.operation("i32.mul", near, b.next(b.integers.get("stiffLooks")));
            b.integers.set("stiffLooks", inARow);
            b.when(b.operation("i32.ge", inARow, b.i32(STIFF_LOOKS)), () => b.integers.set("outcome", outcome.stiff));
          });
        });
      },
    );
  };

  const reject = (error: Value, h: Value, length: Value): void => {
    const singular = b.operation("lt", error, b.f64(0));
    const finite = b.operation("lt", error, b.f64(Infinity));
    const kind = b.operation("i32.select", finite, b.i32(failure.stepUnderflow), b.i32(failure.nonFiniteDerivative));
    b.integers.set("failure", b.operation("i32.select", singular, b.i32(failure.singularMatrix), kind));
    b.when(
      fixed,
      () => {
        b.reals.set("tried", h);
        b.integers.set("outcome", outcome.failed);
      },
      () => {
        const [factor] = b.if(
          b.operation("bool.and", b.operation("bool.not", singular), finite),
          () => {
            b.integers.set("rejected", 1);
            return [controller.reject(b, error)];
          },
          () => [b.operation("select", singular, b.f64(SINGULAR_FACTOR), b.f64(NOT_FINITE_FACTOR))],
        );
        b.reals.set("tried", length);
        b.reals.set("h", b.times(length, factor));
      },
    );
  };

  b.while(
    [],
    () => {
      const goesOn = [
        b.operation("i32.eq", b.integers.get("outcome"), b.i32(outcome.paused)),
        b.operation("i32.lt", b.integers.get("slot"), b.i32(sizes.slots - 1)),
        b.operation("i32.lt", b.integers.get("tries"), b.integers.get("mostTries")),
        b.operation("i32.lt", b.integers.get("nextSave"), b.integers.get("pauseAtSave")),
      ];
      return goesOn.reduce((x, y) => b.operation("bool.and", x, y));
    },
    () => {
      const [t, h, index] = [b.reals.get("t"), b.reals.get("h"), b.integers.get("slot")];
      const remaining = b.operation("sub", stop, t);
      const toStop = b.operation("le", b.operation("abs", remaining), b.times(stretch, b.operation("abs", h)));
      const length = b.operation("select", toStop, remaining, h);
      const moves = b.operation("gt", b.operation("abs", length), b.times(b.operation("abs", t), LEAST_STEP));
      b.when(
        b.operation("bool.or", toStop, moves),
        () => {
          const [here, there] = [b.slot(index), b.slot(b.next(index))];
          if (linearize) {
            b.when(
              b.integers.isSet("linearized"),
              () => {},
              () => {
                b.call(linearize, [here.u, here.work, b.whole(b.p), t]);
                b.integers.increment("jacobians");
                b.integers.set("linearized", 1);
              },
            );
          }
          const arrays = [here.u, there.u, here.f, there.f, here.work, b.whole(b.p), b.whole(b.atol)];
          const error = b.call(step, [...arrays, t, length, rtol])!;
          b.integers.increment("tries");
          const accepted = b.operation("bool.and", b.operation("ge", error, b.f64(0)), b.operation("le", error, largestError));
          b.when(
            accepted,
            () => accept(error, h, length, t, toStop, index),
            () => reject(error, h, length),
          );
        },
        () => b.integers.set("outcome", outcome.failed),
      );
      return [];
    },
  );
  return b.finish();
}
