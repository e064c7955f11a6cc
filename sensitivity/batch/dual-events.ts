/**
 * Events in kernels that carry derivatives along directions: each changes the state and its tangents at once, and those of an integral where its
 * time moves, by the equations of adjoints/shared/event-derivatives.ts. An event whose time has no derivative makes the tangents NaN.
 */
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { forward } from "../../src/derive/forward.ts";
import { withoutTape } from "../../src/devices/kernel.ts";
import { StepBuilder } from "../../solvers/step/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Value } from "../../src/ir/ir.ts";
import type { KernelEvent, KernelEvents } from "../../solvers/batch/kernel-events.ts";
import { integralOffset, type DualSizes } from "../adjoints/forward/dual-system.ts";
import { AHEAD, MET, OFF } from "../adjoints/shared/event-derivatives.ts";
import { GAP, LEAST } from "../../solvers/step-loop/stops.ts";
import type { LossPart } from "../losses/part.ts";

/** Behind the parameters and their tangents: the span, the relative tolerance, and the absolute ones of the state. */
export const TAIL = 2;

/** What the events are made for. */
export interface DualOf extends DualSizes {
  readonly rhs: Program;
  readonly integral: LossPart | undefined;
}

/** `times`: of each event at times that the parameters give, the program that gives them. */
export function dualEvents(events: KernelEvents, times: readonly (Program | undefined)[], of: DualOf): KernelEvents {
  return events.map((event, k) => ({ ...event, apply: new DualEvent(event, times[k], of).program() }));
}

class DualEvent {
  private readonly b: StepBuilder;
  private readonly u: ArrayDeclaration;
  private readonly p: ArrayDeclaration;
  private readonly after: ArrayDeclaration;
  private readonly t: Value;
  private readonly index: Value;
  private readonly tangents: ArrayDeclaration;
  private readonly next: ArrayDeclaration;
  private readonly later: ArrayDeclaration;
  private readonly state: ArrayDeclaration;

  constructor(
    private readonly event: KernelEvent,
    private readonly times: Program | undefined,
    private readonly of: DualOf,
  ) {
    const { n, np, k, integral } = of;
    const size = n * (1 + k) + (integral ? 1 + k : 0);
    const b = (this.b = new StepBuilder("dual_event", { n }, false));
    this.after = b.arrayParameter("u_after", size, "output");
    this.u = b.arrayParameter("u", size, "input");
    this.p = b.arrayParameter("p", np * (1 + k) + TAIL + n, "input");
    this.t = b.scalarParameter("t");
    this.index = b.scalarParameter("index", "i32");
    [this.tangents, this.next] = ["tangents", "next"].map((name) => b.localArray(name, n * k));
    this.later = b.localArray("later", k);
    this.state = b.localArray("state", n);
  }

  program(): Program {
    const { b, event, of, u, p, t, after, later, next, state, tangents } = this;
    const { n, k, integral, rhs } = of;
    const { apply, when, terminal } = event;
    const moves = (this.times ?? when) !== undefined && (terminal === true || apply !== undefined);
    b.range(0, n * k, (i) => b.store(tangents, i, b.load(u, b.operation("i32.add", i, b.i32(n)))));
    const velocity = b.localArray("velocity", n);
    if (moves) {
      b.call(rhs, [at(b, velocity), at(b, u), at(b, p), t]);
      if (when) this.movesBy(when, velocity);
      else this.movesAsGiven(this.times!);
      this.eachTangent((d, i, place) => this.add(tangents, place, b.times(b.load(velocity, i), b.load(later, d))));
    }
    if (apply) this.carry(apply, moves);
    else {
      b.range(0, n, (i) => b.store(state, i, b.load(u, i)));
      b.range(0, n * k, (i) => b.store(next, i, b.load(tangents, i)));
    }
    if (moves && !terminal) {
      b.call(rhs, [at(b, velocity), at(b, state), at(b, p), t]);
      this.eachTangent((d, i, place) =>
        this.add(next, place, b.operation("neg", b.times(b.load(velocity, i), b.load(later, d)))),
      );
    }
    b.range(0, n, (i) => b.store(after, i, b.load(state, i)));
    b.range(0, n * k, (i) => b.store(after, b.operation("i32.add", i, b.i32(n)), b.load(next, i)));
    if (integral) this.carryIntegral(integral, moves, terminal === true);
    return b.finish();
  }

  private eachTangent(body: (d: Value, i: Value, place: Value) => void): void {
    const { b, of } = this;
    b.for(b.i32(0), b.i32(of.k), 1, [], (d) => {
      b.range(0, of.n, (i) => body(d, i, b.operation("i32.add", b.operation("i32.mul", d, b.i32(of.n)), i)));
      return [];
    });
  }

  private add(array: ArrayDeclaration, place: Value, value: Value): void {
    const { b } = this;
    b.store(array, place, b.plus(b.load(array, place), value));
  }

  /** The tangents' own parameters, from those of the state on. */
  private parametersAlong(d: Value): ArrayArgument {
    const { b, of, p } = this;
    const first = b.operation("i32.add", b.operation("i32.mul", d, b.i32(of.np)), b.i32(of.np));
    return { array: p, offset: first };
  }

  private dot(x: ArrayArgument, y: ArrayArgument, size: number): Value {
    const { b } = this;
    const of = (a: ArrayArgument, i: Value): Value => b.load(a.array, b.operation("i32.add", a.offset, i));
    return b.for(b.i32(0), b.i32(size), 1, [b.f64(0)], (i, [sum]) => [b.plus(sum, b.times(of(x, i), of(y, i)))])[0];
  }

  /** The change of the time at which a condition is zero, along each direction. */
  private movesBy(when: Program, velocity: ArrayDeclaration): void {
    const { b, of, u, p, t, tangents, later } = this;
    const { n, np, k, rhs } = of;
    const vjp = withoutTape(derivativesOf(when).vjp(["u", "p", "t"]));
    const [uBar, pBar, tBar] = [b.localArray("u_bar", n), b.localArray("p_bar", np), b.localArray("t_bar", 1)];
    const rateAt = (state: ArrayDeclaration, f: ArrayDeclaration, time: Value): Value => {
      this.callBy(
        vjp,
        { u: at(b, state), p: at(b, p), u_bar: at(b, uBar), p_bar: at(b, pBar), t_bar: at(b, tBar) },
        { t: time },
        b.f64(1),
      );
      return b.plus(this.dot(at(b, uBar), at(b, f), n), b.load(tBar, b.i32(0)));
    };
    const tail = (i: number): Value => b.load(p, b.i32(np * (1 + k) + i));
    const [span, rtol] = [tail(0), tail(1)];
    const size = (x: Value): Value => b.operation("abs", x);
    // Where it goes: a condition that turns back before it is farther from zero than the state is known only touches zero.
    const [ahead, there] = [b.times(span, AHEAD), b.localArray("there", n)];
    b.range(0, n, (i) => b.store(there, i, b.plus(b.load(u, i), b.times(ahead, b.load(velocity, i)))));
    const thereF = b.localArray("there_f", n);
    b.call(rhs, [at(b, thereF), at(b, there), at(b, p), b.plus(t, ahead)]);
    const rateThere = rateAt(there, thereF, b.plus(t, ahead));
    const rate = rateAt(u, velocity, t);
    const bend = b.operation("div", b.operation("sub", rateThere, rate), ahead);
    const turns = b.operation("lt", b.times(b.times(bend, b.operation("sign", span)), rate), b.f64(0));
    const depth = b.operation("div", b.times(rate, rate), b.times(size(bend), 2));
    const [known] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (i, [sum]) => {
      const atol = b.load(p, b.operation("i32.add", i, b.i32(np * (1 + k) + TAIL)));
      const tolerance = b.plus(b.times(rtol, size(b.load(u, i))), atol);
      return [b.plus(sum, b.times(size(b.load(uBar, i)), tolerance))];
    });
    const touches = b.operation("bool.and", turns, b.operation("le", depth, known));
    const gap = b.times(b.operation("max", size(t), b.times(size(span), LEAST)), OFF * GAP);
    const near = b.times(b.plus(known, b.times(size(b.load(tBar, b.i32(0))), gap)), MET);
    const value = this.callBy(when, { u: at(b, u), p: at(b, p) }, { t })!;
    const isMet = b.operation("le", size(value), near);
    const isCrossing = b.operation("bool.and", b.operation("ne", rate, b.f64(0)), b.operation("bool.not", touches));
    const isGood = b.operation("bool.and", isCrossing, isMet);
    b.for(b.i32(0), b.i32(k), 1, [], (d) => {
      const along = { array: tangents, offset: b.operation("i32.mul", d, b.i32(n)) };
      const change = b.plus(this.dot(at(b, uBar), along, n), this.dot(at(b, pBar), this.parametersAlong(d), np));
      const moved = b.operation("neg", b.operation("div", change, rate));
      b.store(later, d, b.operation("select", isGood, moved, b.f64(NaN)));
      return [];
    });
  }

  /** The change of a time that the parameters give. */
  private movesAsGiven(times: Program): void {
    const { b, of, p, index, later } = this;
    const along = forward(times, { wrt: ["p"], chunk: 1 });
    const [output] = times.parameters;
    const count = output.kind === "array" ? output.array.size : 0;
    const [values, slopes] = ["times", "times_dot"].map((name) => b.localArray(name, count));
    const name = output.kind === "array" ? output.array.name : "";
    b.for(b.i32(0), b.i32(of.k), 1, [], (d) => {
      const arrays = { [name]: at(b, values), p: at(b, p), p_dot: this.parametersAlong(d), [`${name}_dot`]: at(b, slopes) };
      this.callBy(along, arrays, {});
      b.store(later, d, b.load(slopes, index));
      return [];
    });
  }

  /** The state and the tangents behind the event. */
  private carry(apply: Program, moves: boolean): void {
    const { b, of, u, p, t, index, state, tangents, next, later } = this;
    const along = forward(apply, { wrt: moves ? ["u", "p", "t"] : ["u", "p"], chunk: 1 });
    b.for(b.i32(0), b.i32(of.k), 1, [], (d) => {
      const place = b.operation("i32.mul", d, b.i32(of.n));
      const arrays = {
        u_after: at(b, state),
        u: at(b, u),
        p: at(b, p),
        u_dot: { array: tangents, offset: place },
        p_dot: this.parametersAlong(d),
        t_dot: { array: later, offset: d },
        u_after_dot: { array: next, offset: place },
      };
      this.callBy(along, arrays, { t, index });
      return [];
    });
  }

  private carryIntegral({ value }: LossPart, moves: boolean, ends: boolean): void {
    const { b, of, u, p, t, after, later, state } = this;
    const first = integralOffset(of);
    b.range(first, first + 1 + of.k, (i) => b.store(after, i, b.load(u, i)));
    if (!moves) return;
    const of_ = (array: ArrayDeclaration): Value => this.callBy(value, { u: at(b, array), p: at(b, p) }, { t })!;
    const fall = ends ? of_(u) : b.operation("sub", of_(u), of_(state));
    b.range(0, of.k, (d) => this.add(after, b.operation("i32.add", d, b.i32(first + 1)), b.times(fall, b.load(later, d))));
  }

  /** Calls a program with arguments by their names; a scalar that has none is `rest`. */
  private callBy(
    program: Program,
    arrays: Readonly<Record<string, ArrayArgument>>,
    scalars: Readonly<Record<string, Value>>,
    rest?: Value,
  ): Value | undefined {
    const args = program.parameters.map((parameter) =>
      parameter.kind === "array" ? arrays[parameter.array.name] : (scalars[parameter.name] ?? rest!),
    );
    return this.b.call(program, args);
  }
}

function at(b: StepBuilder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
