import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { checkAgreement } from "../../src/problem/agreement.ts";
import { add, concat, matmul, mul, outer, sigmoid, slice, sum, tanh } from "../../src/operations/plain-operations.ts";
import { pack } from "../../src/arrays/pack.ts";
import { Operator } from "../../src/problem/operator.ts";
import type { Inputs } from "../../src/problem/plain-operator.ts";
import { codeBy } from "../operator-code.ts";
import type { Target } from "../../src/compile/compile.ts";
import { ConstantsChanged } from "../../src/problem/errors.ts";
import { MisreadFunction } from "../../src/read/syntax/errors.ts";
import { ReadError } from "../../src/core/errors.ts";
import { odeProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { withoutInspector } from "../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

const targets: readonly Target[] = ["javascript", "wasm"];

function check({ code }: OdeProblem, u0: number[], p: number[], target: Target): void {
  checkAgreement(code, { u0: new Float64Array(u0), p: new Float64Array(p), tspan: [0, 2] }, target);
}

describe.each(targets)("%s", (target) => {
  it("passes a function that is read as it runs", () => {
    const pendulum = odeProblem({
      rhs(du, u, p, t) {
        du.angle = u.speed;
        du.speed = -p.g * Math.sin(u.angle) + Math.cos(t) * Math.exp(-u.speed);
      },
      u0: { angle: 1, speed: 0 },
      p: { g: 9.81 },
      tspan: [0, 2],
    });
    expect(() => check(pendulum, [1, 0], [9.81], target)).not.toThrow();
  });

  it("passes array code over named parameters, out of place", () => {
    const W = ndarray(
      Float64Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      [4, 3],
    );
    const network = odeProblem({
      rhs: (u, { first, bias, last }) => {
        const hidden = tanh(add(matmul(first, mul(u, u)), bias));
        return concat([matmul(last, hidden), slice(outer(hidden, hidden), 0, 1).pick(0, null), [sum(sigmoid(u))]]).hi(3);
      },
      u0: [1, -2, 0.5],
      p: { first: W, bias: [0.1, 0.2, 0.3, 0.4], last: ndarray(new Float64Array([1, 2, 3, 4]), [1, 4]) },
      tspan: [0, 2],
    });
    const { code, layout, u0, p, tspan } = network;
    expect(() => checkAgreement(code, { u0: pack(layout.u, u0, "u0"), p: pack(layout.p, p, "p"), tspan }, target)).not.toThrow();
  });

  it("takes NaN for NaN and infinities for infinities", () => {
    const domain = odeProblem({ rhs: (u) => [Math.sqrt(u[0]), 1 / (u[1] - u[1])], u0: [-1, 1], tspan: [0, 2] });
    expect(() => check(domain, [-1, 1], [], target)).not.toThrow();
  });

  it("finds constants changed since the program was made", () => {
    const constants = { k: { value: 2 } };
    const problem = odeProblem({
      rhs: (u, _p, _t, { k }) => ({ x: u.x, y: k.value * u.y }),
      u0: { x: 1, y: 1 },
      tspan: [0, 2],
      constants,
    });
    problem.code.rhsProgram();
    constants.k.value = 3;
    expect(() => check(problem, [1, 1], [], target)).toThrow(ConstantsChanged);
    expect(() => check(problem, [1, 1], [], target)).toThrow(/value was 2 and is 3/);
  });

  it("finds state kept between calls", () => {
    class Drifting extends Operator {
      private calls = 0;
      override evaluate(du: Float64Array): void {
        du[0] = ++this.calls;
      }
    }
    const problem = odeProblem({ rhs: (u) => [2 * u[0]], u0: [1], tspan: [0, 2], name: "drift" });
    const { code } = codeBy(problem, Drifting);
    const at = { u0: new Float64Array([1]), p: new Float64Array(0), tspan: [0, 2] } as const;
    expect(() => checkAgreement(code, at, target)).toThrow(/^drift: at t = 0 .* in component du\[0\].*keeps state between calls/);
  });

  it("looks at perturbed points and other times too", () => {
    const problem = odeProblem({ rhs: (u) => [2 * u[0]], u0: [1], tspan: [0, 2] });
    const codeWrong = (wrong: (u: Float64Array, t: number) => boolean) => {
      class WrongAwayFromStart extends Operator {
        override evaluate(du: Float64Array, inputs: Inputs): void {
          super.evaluate(du, inputs);
          const [u, , t] = inputs as [Float64Array, Float64Array, number];
          if (wrong(u, t)) du[0] += 1e-6;
        }
      }
      return codeBy(problem, WrongAwayFromStart, { name: `wrong ${String(wrong)}` }).code;
    };
    const at = { u0: new Float64Array([1]), p: new Float64Array(0), tspan: [0, 2] } as const;
    for (const wrong of [
      (u: Float64Array) => u[0] > 1,
      (u: Float64Array) => u[0] < 1,
      (_u: Float64Array, t: number) => t > 1.5,
    ]) {
      const code = codeWrong(wrong);
      expect(() => checkAgreement(code, at, target)).toThrow(/in du\[0\] where the function gives .*, at t = /);
      expect(() => code.rhsProgram()).toThrow(MisreadFunction);
    }
    expect(() =>
      checkAgreement(
        codeWrong(() => false),
        at,
        target,
      ),
    ).not.toThrow();
  });

  it("runs once", () => {
    let calls = 0;
    class Counting extends Operator {
      override evaluate(du: Float64Array, inputs: Inputs): void {
        calls++;
        super.evaluate(du, inputs);
      }
    }
    const { code } = codeBy(odeProblem({ rhs: (u) => [2 * u[0]], u0: [1], tspan: [0, 2] }), Counting, { name: "counted" });
    const at = { u0: new Float64Array([1]), p: new Float64Array(0), tspan: [0, 2] } as const;
    checkAgreement(code, at, target);
    const first = calls;
    checkAgreement(code, at, target);
    expect([first > 0, calls]).toEqual([true, first]);
  });

  it("throws what the reader throws", () => {
    const outside = 3;
    const captured = odeProblem({ rhs: (u) => [outside * u[0]], u0: [1], tspan: [0, 2] });
    expect(() => check(captured, [1], [], target)).toThrow(ReadError);
  });
});
