/** Compiled and plain functions compute the same. */
import { expect } from "vitest";
import type { Program } from "../../src/ir/ir.ts";
import { callPlainly, readRightHandSide, run, type AnyFunction, type Setting } from "./harness.ts";

/** Expects the compiled function to compute what the plain one does. */
export function agree(fn: AnyFunction, setting: Setting = {}): Program {
  const program = readRightHandSide(fn, setting);
  const plain = callPlainly(fn, setting);
  for (const target of setting.targets ?? (["javascript", "wasm"] as const)) {
    const compiled = run(program, setting, target);
    const context = `${target}: ${[...compiled].join(", ")}\nplain: ${[...plain].join(", ")}\n${String(fn)}`;
    plain.forEach((expected, i) => {
      if (Number.isNaN(expected)) expect(compiled[i], context).toBeNaN();
      else if (!Number.isFinite(expected)) expect(compiled[i], context).toBe(expected);
      else
        expect(Math.abs(compiled[i] - expected), context).toBeLessThanOrEqual(
          (setting.tolerance ?? 1e-12) * Math.max(1, Math.abs(expected)),
        );
    });
  }
  return program;
}
