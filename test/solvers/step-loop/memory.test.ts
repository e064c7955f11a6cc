/** An integration sets all that it reads: whatever lies in its memory where it begins, the same numbers come of it. */
import { describe, expect, it } from "vitest";
import { integrate } from "../../../solvers/step-loop/integrate.ts";
import { prepare, type Prepared } from "../../../solvers/step-loop/prepare.ts";
import type { IntegrationRequest } from "../../../solvers/step-loop/request.ts";
import type { Trajectory } from "../../../solvers/step-loop/trajectory.ts";
import type { System } from "../../../solvers/step/system.ts";
import { everyMethod } from "../../tables.ts";
import { hires, lotkaVolterra } from "../systems.ts";

const SAVED = [0.3, 1.7, 2, 4.9, 5];
const request = { t0: 0, t1: 5, rtol: 1e-8, atol: 1e-8, saveat: SAVED };
const cases: readonly (readonly [string, System, IntegrationRequest])[] = [
  ["a stiff system", hires, { ...request, t1: 20, u0: Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0.0057), p: new Float64Array(0) }],
  ["one that is not stiff", lotkaVolterra, { ...request, u0: Float64Array.of(1, 1), p: Float64Array.of(1.5, 1, 3) }],
];

/** Numbers of which registers may make something, and one that goes through everything. */
const REMAINS = [1000, -1, NaN];

const numbersOf = ({ times, savedStates, final, statistics, result }: Trajectory) => ({
  times,
  saved: savedStates.data.slice(0, savedStates.length),
  final,
  statistics,
  result,
});

function fillMemory({ code }: Prepared, value: number): void {
  for (const array of Object.values(code.view)) array.fill(value);
}

describe.each(everyMethod(2 ** -6))("$name", (method) => {
  it.each(cases)("%s, whatever its memory holds before", (_name, system, request) => {
    const prepared = prepare(system, method, { target: "wasm" });
    for (const dense of [false, true]) {
      const first = numbersOf(integrate(prepared, { ...request, dense }));
      expect(first.result.kind).toBe("success");
      for (const value of REMAINS) {
        fillMemory(prepared, value);
        expect(numbersOf(integrate(prepared, { ...request, dense }))).toStrictEqual(first);
      }
    }
  });
});
