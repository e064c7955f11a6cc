/** Runs a right-hand side on traced numbers, on a tape. */
import type { ProblemCode } from "../../../src/code.ts";
import { componentName } from "../../../src/arrays/layout.ts";
import { Disagreement } from "../../../src/errors.ts";
import { rewrite, traceable, type Callable } from "./functions.ts";
import { gather, present } from "./present.ts";
import { Tape, type Numeric, type Traced } from "./tape.ts";

/** What was recorded at one point. The inputs are the tape's first entries: u, p, t. */
export interface Recording {
  readonly tape: Tape;
  /** The derivative's components. */
  readonly outputs: readonly Numeric[];
}

/** Above what functions of numbers in another order differ by. */
const TOLERANCE = 1e-9;

export class Recorder {
  private readonly rhs: Callable;
  private tape: Tape | undefined;
  private checked = false;

  /** Throws ReadError where the function's text cannot be traced. */
  constructor(private readonly code: ProblemCode) {
    this.rhs = rewrite(code.functions.rhs, code.name);
    traceable(code.constants, "constants");
  }

  /** Takes over the memory of the recording before. The first is checked against the plain function: throws Disagreement. */
  record(u: Float64Array, p: Float64Array, t: number): Recording {
    const { code } = this;
    const { layout, inPlace } = code;
    const tape = (this.tape = new Tape(this.tape));
    const trace = (values: Float64Array): Traced[] => Array.from(values, (x) => tape.input(x));
    const [state, parameters, time] = [trace(u), trace(p), tape.input(t)];
    const args = [
      present(layout.u, state, "u"),
      present(layout.p, parameters, "p"),
      time,
      traceable(code.constants, "constants"),
    ];
    // Nothing is written yet.
    const du = inPlace ? present(layout.u, new Array<unknown>(u.length).fill(undefined), "du") : undefined;
    const returned = inPlace ? void this.rhs(du, ...args) : this.rhs(...args);
    const recording = {
      tape,
      outputs: inPlace ? gather(layout.u, du, "du") : gather(layout.u, returned, `what ${code.name} returns`),
    };
    if (!this.checked) this.check(recording, u, p, t);
    return recording;
  }

  private check({ outputs }: Recording, u: Float64Array, p: Float64Array, t: number): void {
    const expected = new Float64Array(u.length);
    this.code.plain(expected, u.slice(), p.slice(), t);
    const size = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 0);
    outputs.forEach((output, i) => {
      const value = typeof output === "number" ? output : output.value;
      if (Object.is(value, expected[i]) || Math.abs(value - expected[i]) <= TOLERANCE * size) return;
      throw new Disagreement(
        `${this.code.name}: the function and its traced form disagree at t = ${t} in component ${componentName(this.code.layout.u, i, "du")}: ` +
          `the function gives ${expected[i]}, the traced form ${value}. A right-hand side must depend on u, p and t alone; ` +
          `if it draws no random numbers and keeps nothing between calls, please report this.`,
      );
    });
    this.checked = true;
  }
}
