import { describe, expect, test } from "vitest";
import { odeProblem } from "../../src/problem/problem.ts";
import { checkGradient } from "../../sensitivity/check-gradient.ts";
import { explain } from "../../sensitivity/explain.ts";
import { gradient } from "../../sensitivity/gradient.ts";
import { solveWithPullback } from "../../sensitivity/pullback.ts";
import { sensitivities } from "../../sensitivity/sensitivities.ts";
import { adjointsThat, eachWay } from "../tables.ts";

/** An input that is on for half a unit of time in a hundred, at times that solve sin(t) > sin(20) twice; both ways of closing. */
const pulse = (tspan: readonly [number, number], closedLeft: boolean) =>
  odeProblem({
    rhs: (u: { x: number }, p: { a: number; k: number }, t: number, { closedLeft }: { closedLeft: boolean }) => ({
      x: ((closedLeft ? t >= 20 && t < 20.5 : t > 20 && t <= 20.5) ? p.a : 0) - p.k * u.x,
    }),
    u0: { x: 0.5 },
    p: { a: 3, k: 0.1 },
    tspan,
    constants: { closedLeft },
  });
const stops = [20, 20.5];
const tight = { rtol: 1e-9, atol: 1e-9 };

/** x(22) from x(0) = 0.5, and its derivatives by a, k and x(0). */
const [on, off, end] = [20, 20.5, 22];
const inputAt = (k: number): number => (Math.exp(k * (off - end)) - Math.exp(k * (on - end))) / k;
const right = { x: 0.5 * Math.exp(-2.2) + 3 * inputAt(0.1) };
const byK = (f: (k: number) => number): number => (f(0.1 + 1e-4) - f(0.1 - 1e-4)) / 2e-4;
const byP = [inputAt(0.1), byK((k) => 0.5 * Math.exp(-22 * k) + 3 * inputAt(k))];

describe("stops in gradients", () => {
  for (const [adjoint, , solver] of eachWay) {
    test.each([true, false])(`${adjoint}, ${solver.name}: a short input, closed on the left: %s`, (closedLeft) => {
      const { value, flat } = gradient(pulse([0, 30], closedLeft), {
        loss: { at: [20, 20.5, 22], of: (u, _p, _t, i) => (i === 2 ? u.x : 0) },
        wrt: ["p", "u0"],
        adjoint,
        solver,
        stops,
        ...tight,
      });
      expect(value).toBeCloseTo(right.x, 7);
      byP.forEach((x, j) => expect(flat.p![j]).toBeCloseTo(x, 5));
      expect(flat.u0![0]).toBeCloseTo(Math.exp(-2.2), 7);
    });

    test(`${adjoint}, ${solver.name}: backward in time, and at the ends of tspan`, () => {
      const run = (tspan: readonly [number, number]): number[] => {
        const { flat } = gradient(pulse(tspan, true), { loss: { final: (u) => u.x }, adjoint, solver, stops, ...tight });
        return [...flat.p!];
      };
      const back = run([22, 19]);
      const x = (k: number): number => 0.5 * Math.exp(3 * k) - (3 * (Math.exp(k * (off - 19)) - Math.exp(k * (on - 19)))) / k;
      expect(back[0]).toBeCloseTo(-(Math.exp(0.1 * (off - 19)) - Math.exp(0.1 * (on - 19))) / 0.1, 6);
      expect(back[1]).toBeCloseTo(byK(x), 5);
      expect(run([20, 20.5])[0]).toBeCloseTo((1 - Math.exp(-0.05)) / 0.1, 7);
      expect(run([20.5, 20])[0]).toBeCloseTo((1 - Math.exp(0.05)) / 0.1, 7);
    });
  }

  test("pullbacks, sensitivities and checks take them too", () => {
    const problem = pulse([0, 30], true);
    for (const adjoint of adjointsThat()) {
      const { solution, pullback } = solveWithPullback(problem, { saveat: [22], stops, adjoint, ...tight });
      expect(solution.u[0].x).toBeCloseTo(right.x, 7);
      expect(pullback([{ x: 1 }]).p!.a).toBeCloseTo(byP[0], 6);
    }
    expect(sensitivities(problem, { saveat: [22], stops, ...tight }).p[0].x.a).toBeCloseTo(byP[0], 6);
    const loss = { at: [22], of: (u: { x: number }) => u.x };
    expect(checkGradient(problem, { loss, stops, ...tight }).passed).toBe(true);
    expect(explain(problem, { loss, stops }).known.steps.expected).toBeGreaterThan(0);
  });

  test("maxStep holds on the backward pass too", () => {
    const problem = pulse([0, 30], true);
    const { flat, stats } = gradient(problem, { loss: { at: [22], of: (u) => u.x }, maxStep: 0.2, adjoint: "gauss" });
    expect(flat.p![0]).toBeCloseTo(byP[0], 4);
    expect(stats.backward!.steps).toBeGreaterThanOrEqual(109);
    expect(stats.forward.steps).toBeGreaterThanOrEqual(109);
  });

  test("what is no step option is refused by name", () => {
    const problem = pulse([0, 30], true);
    const options = { loss: { final: (u: { x: number }) => u.x }, maxStep: -1 };
    expect(() => gradient(problem, options)).toThrow(expect.objectContaining({ name: "BadOption" }));
    expect(() => explain(problem, options)).toThrow(expect.objectContaining({ name: "BadOption" }));
  });
});
