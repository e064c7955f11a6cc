/** Written functions for many states at once, and as shaders. */
import { cpuDevice } from "../../src/devices/cpu.ts";
import { kernelOf } from "../../src/devices/kernel.ts";
import { emitWgsl } from "../../src/compile/wgsl/emit.ts";
import { CannotBatch } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import { close, constants, functionOf, plainly, points } from "./judge.ts";
import type { Form } from "./writer.ts";

/** What is wrong with the lanes of the CPU, each at a point of its own, which part at branches. */
export async function byLanes(form: Form, body: string, program: Program): Promise<string | undefined> {
  const fn = functionOf({ form, body });
  const expected = points.map((point) => plainly(form, fn, point, constants()));
  if (program.result || expected.some((plain) => !plain)) return undefined;
  try {
    const kernel = kernelOf(program, []);
    // A shader is made of every kernel; whether drivers take them is asked where there is a GPU.
    emitWgsl(kernel.program, new Set());
    const output = form === "event" ? "u_after" : "du";
    const joined = (part: "u" | "p"): Float64Array => Float64Array.from(points.flatMap((point) => [...point[part]]));
    const arrays = {
      u: joined("u"),
      p: joined("p"),
      t: Float64Array.from(points, ({ t }) => t),
      [output]: new Float64Array(3 * points.length),
    };
    await cpuDevice.run(kernel, { count: points.length, arrays });
    for (const [k, plain] of expected.entries()) {
      const found = arrays[output].subarray(3 * k, 3 * k + 3);
      if (!close(found, plain!)) return `lane ${k}: ${found.join(", ")}, plainly ${plain!.join(", ")}`;
    }
  } catch (error) {
    if (!(error instanceof CannotBatch)) throw error;
  }
  return undefined;
}
