/** Vector-Jacobian products by a recorded tape: swept, or compiled and kept. */
import type { ProblemCode } from "../../../src/code.ts";
import type { Target } from "../../../src/compile/compile.ts";
import type { HostVjps } from "../host.ts";
import { CompiledRecording, CompiledRecordings, type Input } from "./compiled.ts";
import { Recorder, type Recording } from "./recording.ts";
import { sweep } from "./sweep.ts";

/** A function that decides otherwise nearly everywhere is better swept than compiled time and again. */
const MOST_RECORDINGS = 32;
/** Engines compile longer functions badly, and take long over it. */
const LONGEST_COMPILED = 50_000;

/** Hands cotangents of the outputs back to the inputs of a recording. */
class Sweeper {
  private adjoint = new Float64Array(0);

  constructor(
    private readonly n: number,
    private readonly np: number,
  ) {}

  vjp(out: Float64Array, input: Input, { tape, outputs }: Recording, v: Float64Array): void {
    if (this.adjoint.length < tape.count) this.adjoint = new Float64Array(tape.code.length);
    const { adjoint, n, np } = this;
    adjoint.fill(0, 0, tape.count);
    outputs.forEach((output, i) => {
      if (typeof output !== "number") adjoint[output.index] += v[i];
    });
    sweep(tape.count, tape, adjoint);
    const [from, to] = input === "u" ? [0, n] : [n, n + np];
    for (let k = from; k < to; k++) out[k - from] = adjoint[k];
  }
}

function sizesOf({ layout }: ProblemCode): { n: number; np: number } {
  return { n: layout.u.size, np: layout.p.size };
}

/** Records at every call. */
export function sweptVjps(code: ProblemCode): HostVjps {
  const { n, np } = sizesOf(code);
  const recorder = new Recorder(code);
  const sweeper = new Sweeper(n, np);
  return {
    wrtU: (out, u, p, t, v) => sweeper.vjp(out, "u", recorder.record(u, p, t), v),
    wrtP: (out, u, p, t, v) => sweeper.vjp(out, "p", recorder.record(u, p, t), v),
  };
}

/** Records where the function decides as it never did before. */
export function compiledVjps(code: ProblemCode, target: Target): HostVjps {
  const sizes = sizesOf(code);
  const recorder = new Recorder(code);
  const recordings = new CompiledRecordings();
  const sweeper = new Sweeper(sizes.n, sizes.np);
  const vjp = (out: Float64Array, input: Input, u: Float64Array, p: Float64Array, t: number, v: Float64Array): void => {
    const place = recordings.find(u, p, t);
    if ("found" in place) return place.found.vjp(out, input, t, v);
    const recording = recorder.record(u, p, t);
    sweeper.vjp(out, input, recording, v);
    if (recordings.count < MOST_RECORDINGS && recording.tape.count <= LONGEST_COMPILED)
      place.put(new CompiledRecording(recording, sizes, target));
  };
  return {
    wrtU: (out, u, p, t, v) => vjp(out, "u", u, p, t, v),
    wrtP: (out, u, p, t, v) => vjp(out, "p", u, p, t, v),
  };
}
