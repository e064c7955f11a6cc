/** The parameters of a stage's program, or of several stages': see stage.ts. */
import type { StepBuilder, Slice } from "../step/builder.ts";
import type { Linearization } from "../step/factorized-system.ts";
import type { System } from "../step/system.ts";
import { VERDICT_SIZE } from "../step/verdict.ts";
import type { Coupling } from "./coupling.ts";
import { newtonMemorySize } from "./memory.ts";

export function stageParameters(
  b: StepBuilder,
  { n, np }: System,
  jacobian: Linearization,
  coupling: Coupling,
  result: "input" | "output",
) {
  const own = result === "output" ? "inout" : "input";
  const { stages } = coupling;
  return {
    base: b.vectorParameter("base", "input"),
    p: b.vectorParameter("p", "input", np),
    time: b.vectorParameter("time", "input", stages),
    d: b.vectorParameter("d", "input", 1),
    guess: b.vectorParameter("guess", "input", stages * n),
    u: b.vectorParameter("u", "input"),
    atol: b.vectorParameter("atol", "input"),
    rtol: b.vectorParameter("rtol", "input", 1),
    memory: b.vectorParameter("memory", own, newtonMemorySize(jacobian, coupling)),
    verdict: b.vectorParameter("verdict", own, VERDICT_SIZE),
    z: b.vectorParameter("z", result, stages * n),
  };
}

/** The i-th stage's part of a vector of all stages. */
export function stageOf({ array, offset }: Slice, i: number, n: number): Slice {
  return { array, offset: offset + i * n };
}
