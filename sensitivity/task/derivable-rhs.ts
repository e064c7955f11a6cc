/** Right-hand sides as programs that can be derived. Functions that cannot be read are called by them, with derivatives by their tape. */
import { keptWith, type ProblemCode } from "../../src/problem/code.ts";
import { Builder } from "../../src/ir/builder.ts";
import { hostProgram } from "../../src/operations/host-function.ts";
import type { ArrayArgument, ArrayDeclaration, Program } from "../../src/ir/ir.ts";
import { systemOf } from "../../solvers/systems/problem-system.ts";
import { kept, type Recording } from "../../src/tape/recording.ts";
import { RhsRecorder } from "../../src/tape/rhs.ts";
import { adjointsOf } from "../../src/tape/sweep.ts";
import { isTraceable } from "../../src/tape/traced-program.ts";

/**
 * The program (output du[n], input u[n], input p[np], scalar t).
 *
 * @throws ReadError for a function that can be neither read nor traced.
 */
export function derivableRhs(code: ProblemCode): Program {
  return isTraced(code) ? keptWith(code, "rhs by its tape", () => tracedRhs(code)) : code.rhsProgram();
}

/** Whether the right-hand side runs by itself, and can be traced. */
export function isTraced(code: ProblemCode): boolean {
  if (systemOf(code)) return false;
  try {
    code.rhsProgram();
    return false;
  } catch (error) {
    return isTraceable(error);
  }
}

/** The key by which what is made of a right-hand side is cached: functions that are called are each problem's own. */
export function cacheKeyOf(code: ProblemCode): object {
  return isTraced(code) ? code : code.identityWithEvents;
}

function tracedRhs(code: ProblemCode): Program {
  const { layout, name } = code;
  const [n, np] = [layout.u.size, layout.p.size];
  const recorder = new RhsRecorder(code);
  const latest = new LatestRecording((u, p, t) => recorder.record(u, p, t));
  const traced = hostProgram({
    name,
    inputs: [n, np, 1],
    output: n,
    value: ([u, p, [t]], du) => code.plain(du, u.slice(), p.slice(), t),
    linearize([u, p, [t]]) {
      const recording = latest.at(u, p, t);
      return (bar, gradients) => {
        const adjoints = adjointsOf(recording, bar);
        let from = 0;
        for (const gradient of gradients) for (let i = 0; i < gradient.length; i++) gradient[i] = adjoints[from++];
      };
    },
  });
  const b = new Builder(name);
  const whole = (array: ArrayDeclaration): ArrayArgument => ({ array, offset: b.i32(0) });
  const du = b.arrayParameter("du", n, "output");
  const inputs = [b.arrayParameter("u", n, "input"), b.arrayParameter("p", np, "input")];
  const t = b.scalarParameter("t");
  const time = b.localArray("time", 1);
  b.store(time, b.i32(0), t);
  b.call(traced, [...inputs, time, du].map(whole));
  return b.finish();
}

/** The recording at the latest point, at which several directions are taken. */
class LatestRecording {
  private point: Float64Array | undefined;
  private recording: Recording | undefined;

  constructor(private readonly record: (u: Float64Array, p: Float64Array, t: number) => Recording) {}

  at(u: Float64Array, p: Float64Array, t: number): Recording {
    const point = Float64Array.of(...u, ...p, t);
    if (!this.recording || !this.point!.every((x, i) => Object.is(x, point[i]))) {
      this.recording = kept(this.record(u, p, t));
      this.point = point;
    }
    return this.recording;
  }
}
