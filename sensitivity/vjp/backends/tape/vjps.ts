/** Vector-Jacobian products of a right-hand side by a recorded tape, which is swept, or compiled and kept. */
import type { ProblemCode } from "../../../../src/problem/code.ts";
import type { Arena } from "../../../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../../../src/compile/compile.ts";
import { inPieces } from "../../../../src/passes/in-pieces.ts";
import type { External, Program } from "../../../../src/ir/ir.ts";
import type { PreparedVjp } from "../../backend.ts";
import { viewsOf } from "../../../../src/compile/views.ts";
import { external, type HostVjps } from "../../host.ts";
import { CompiledRecordings, type Product } from "./compiled.ts";
import { guardedVjpProgram } from "../../../../src/tape/program.ts";
import { OperatorRecorder, signatureOf } from "../../../../src/tape/operator-recorder.ts";
import { adjointsOf } from "../../../../src/tape/sweep.ts";

/** The largest number of recordings: a function that decides otherwise nearly everywhere is better swept than compiled time and again. */
const MOST_RECORDINGS = 32;
/** The longest recording that is compiled: engines compile longer functions badly, and take long over it. */
const LONGEST_COMPILED = 50_000;
/** The room for numbers between the pieces of a long program, which is reserved before there is one. */
const ROOM = 2 * LONGEST_COMPILED;

/** Products that record and sweep at every call. */
export function sweptVjps(code: ProblemCode): HostVjps {
  const recorder = new OperatorRecorder(code.operators.rhs);
  const n = code.layout.u.size;
  return {
    wrtU: (out, u, p, t, v) => copy(adjointsOf(recorder.record([u, p, t]), v), 0, out),
    wrtP: (out, u, p, t, v) => copy(adjointsOf(recorder.record([u, p, t]), v), n, out),
    wrtBoth(outU, outP, u, p, t, v) {
      const adjoints = adjointsOf(recorder.record([u, p, t]), v);
      copy(adjoints, 0, outU);
      copy(adjoints, n, outP);
    },
  };
}

function copy(from: Float64Array, start: number, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] = from[start + i];
}

/** Products that record where the function decides as it never did before. Compiled code works in the arena, where its arguments are. */
export function compiledVjps(name: string, code: ProblemCode, arena: Arena, target: Target): PreparedVjp {
  const sizes = { u: code.layout.u.size, p: code.layout.p.size };
  const signature = signatureOf(code.operators.rhs);
  const recorder = new OperatorRecorder(code.operators.rhs);
  const recordings = new CompiledRecordings();
  let { generation } = code;
  const at = viewsOf(arena);
  const between = arena.reserve(ROOM);
  const link = (program: Program): Compiled => {
    const pieces = inPieces(program);
    if (!pieces || pieces.between > ROOM) return compile({ main: program }, arena, target).link().main;
    const { main } = compile({ main: pieces.program }, arena, target).link();
    return (...args) => main(...args, between);
  };
  const by = (...wrt: ("u" | "p")[]): External => {
    const product: Product = {
      program: (recording) => guardedVjpProgram(recording, signature, wrt),
      link,
    };
    const record = (u: number, p: number, t: number, v: number, ...outs: number[]): void => {
      const before = code.content();
      const recording = recorder.record([at(u, sizes.u), at(p, sizes.p), t]);
      const adjoints = adjointsOf(recording, at(v, code.output.size));
      wrt.forEach((input, k) => copy(adjoints, input === "u" ? 0 : sizes.u, at(outs[k], sizes[input])));
      const { count, isLinearised } = recording.entries;
      // A recording with derivatives in it holds at its own point only.
      if (recordings.count < MOST_RECORDINGS && count <= LONGEST_COMPILED && !isLinearised) {
        recordings.add(recording);
        code.keepRecorded(before);
      }
    };
    return external(name, code, wrt, (...args) => {
      if (generation !== code.generation) {
        recordings.clear();
        generation = code.generation;
      }
      if (!recordings.run(product, args)) record(...(args as [number, number, number, number, ...number[]]));
    });
  };
  return { wrtU: by("u"), wrtP: by("p"), wrtBoth: by("u", "p") };
}
