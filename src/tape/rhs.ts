/** Right-hand sides on the tape. */
import type { ProblemCode } from "../problem/code.ts";
import type { Signature } from "./program.ts";
import { Recorder, type Recording } from "./recording.ts";

/** The right-hand side, recorded at points of flat numbers. */
export class RhsRecorder {
  private readonly recorder: Recorder;
  private readonly time = new Float64Array(1);

  constructor(code: ProblemCode) {
    const { layout, inPlace, name, constants } = code;
    this.recorder = new Recorder({
      fn: code.functions.rhs,
      name,
      constants,
      inputs: [
        { name: "u", layout: layout.u },
        { name: "p", layout: layout.p },
        { name: "t", layout: { kind: "scalar", offset: 0, size: 1 } },
      ],
      output: code.output,
      argumentsOf: ([u, p, t], constants) => code.argumentsOf(u, p, t, constants),
      writes: inPlace ? "du" : "nothing",
      samples: code.samples,
      plain: (du, [u, p, [t]]) => code.plain(du, u, p, t),
    });
  }

  record(u: Float64Array, p: Float64Array, t: number): Recording {
    this.time[0] = t;
    return this.recorder.record([u, p, this.time]);
  }
}

export function signatureOf({ layout, output }: ProblemCode): Signature {
  return {
    inputs: [
      { name: "u", size: layout.u.size },
      { name: "p", size: layout.p.size },
      { name: "t", size: 1, isScalar: true },
    ],
    output: { name: "du", size: output.size },
  };
}
