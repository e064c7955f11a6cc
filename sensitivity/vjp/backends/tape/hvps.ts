/** Second derivatives by a recorded tape: forward mode over the vjp of what the function did at a point. */
import type { ProblemCode } from "../../../../src/problem/code.ts";
import type { Arena } from "../../../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../../../src/compile/compile.ts";
import { forward } from "../../../../src/derive/forward.ts";
import { BackendRefused } from "../../errors.ts";
import type { External } from "../../../../src/ir/ir.ts";
import { viewsOf } from "../../../../src/compile/views.ts";
import { externalHvp } from "../../host.ts";
import { vjpProgram } from "../../../../src/tape/program.ts";
import { isSame, kept, type Recording } from "../../../../src/tape/recording.ts";
import { OperatorRecorder, signatureOf } from "../../../../src/tape/operator-recorder.ts";

/** Records at every call, and compiles again where the function does something else than at the call before. */
export function hvps(name: string, code: ProblemCode, arena: Arena, target: Target): Record<"u" | "p", External> {
  const signature = signatureOf(code.operators.rhs);
  const recorder = new OperatorRecorder(code.operators.rhs);
  const at = viewsOf(arena);
  const { u, p } = code.layout;
  const by = (wrt: "u" | "p"): External => {
    let latest: { readonly recording: Recording; readonly run: Compiled } | undefined;
    return externalHvp(name, code, wrt, (...args) => {
      const recording = recorder.record([at(args[0], u.size), at(args[1], p.size), args[2]]);
      if (recording.entries.isLinearised) {
        const reason = `${code.name} calls a function with derivatives of its own, which are not derived again`;
        throw new BackendRefused(name, reason, "source");
      }
      if (!latest || !isSame(latest.recording, recording)) {
        const main = forward(vjpProgram(recording, signature, [wrt]), { wrt: ["u", "p"] });
        latest = { recording: kept(recording), run: compile({ main }, arena, target).link().main };
      }
      latest.run(...args);
    });
  };
  return { u: by("u"), p: by("p") };
}
