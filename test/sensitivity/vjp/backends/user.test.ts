import { withoutInspector } from "../../../without-inspector.ts";
import { describe, expect, test } from "vitest";
import { source } from "../../../../sensitivity/vjp/backends/source.ts";
import { user } from "../../../../sensitivity/vjp/backends/user.ts";
import type { Derivatives } from "../../../../src/derive/derivatives.ts";
import { BackendRefused } from "../../../../sensitivity/vjp/errors.ts";
import { DerivativeMismatch } from "../../../../src/core/errors.ts";
import { odeProblem, remake, type OdeProblem } from "../../../../src/problem/problem.ts";
import { expectClose, prepareVjp, start, vjp } from "../harness.ts";

interface State {
  prey: number;
  predator: number;
}
interface Rates {
  a: number;
  b: number;
}
type Own = Derivatives<State, Rates, { c: number }>;

const correct = {
  jac(J, u, p, _t, { c }) {
    J.set(0, 0, p.a - p.b * u.predator);
    J.set(0, 1, -p.b * u.prey);
    J.set(1, 0, u.predator);
    J.set(1, 1, u.prey - c);
  },
  paramJac(J, u) {
    J.set(0, 0, u.prey);
    J.set(0, 1, -u.prey * u.predator);
    J.set(1, 0, 0);
    J.set(1, 1, 0);
  },
  vjp(uBar, pBar, v, u, p, _t, { c }) {
    uBar.prey = (p.a - p.b * u.predator) * v.prey + u.predator * v.predator;
    uBar.predator = -p.b * u.prey * v.prey + (u.prey - c) * v.predator;
    pBar.a = u.prey * v.prey;
    pBar.b = -u.prey * u.predator * v.prey;
  },
  jvp(duDot, uDot, pDot, u, p, _t, { c }) {
    duDot.prey =
      (p.a - p.b * u.predator) * uDot.prey - p.b * u.prey * uDot.predator + u.prey * pDot.a - u.prey * u.predator * pDot.b;
    duDot.predator = u.predator * uDot.prey + (u.prey - c) * uDot.predator;
  },
} satisfies Own;

function model(derivatives?: Own): OdeProblem {
  return odeProblem({
    name: "model",
    rhs(du: State, u: State, p: Rates, _t: number, { c }: { c: number }) {
      du.prey = p.a * u.prey - p.b * u.prey * u.predator;
      du.predator = u.prey * u.predator - c * u.predator;
    },
    u0: { prey: 2, predator: 3 },
    p: { a: 1.5, b: 0.7 },
    tspan: [0, 1],
    constants: { c: 4 },
    derivatives,
  }) as OdeProblem;
}

describe("user backend", () => {
  test.each(["jac", "paramJac", "vjp", "jvp"] as const)("takes %s, and derives what is not given", (name) => {
    const problem = model({ [name]: correct[name] });
    const point = start(problem);
    const expected = vjp(source, problem, point);
    const actual = vjp(user, problem, point);
    expectClose(actual.u, expected.u, 1e-14);
    expectClose(actual.p, expected.p, 1e-14);
  });

  test("what is given is what is used", () => {
    let calls = 0;
    const problem = model({
      vjp(...args) {
        calls++;
        correct.vjp(...args);
      },
    });
    const run = prepareVjp(user, problem);
    run.u(start(problem));
    const atFirst = calls;
    run.u(start(problem));
    expect(calls).toBe(atFirst + 1);
    expect(atFirst).toBeGreaterThan(1);
  });

  test("a wrong entry is named, with both values", () => {
    const wrong = model({
      jac(J, ...rest) {
        correct.jac(J, ...rest);
        J.set(1, 0, 4);
      },
    });
    expect(() => vjp(user, wrong, start(wrong))).toThrow(DerivativeMismatch);
    expect(() => vjp(user, wrong, start(wrong))).toThrow(
      "model, derivatives.jac: ∂(predator)/∂(prey) is 4, but the derivative of the function (source) is 3",
    );
  });

  test("an entry that is never written is found", () => {
    const forgetful = model({ vjp: (uBar, pBar, ...rest) => (correct.vjp(uBar, pBar, ...rest), void (pBar.b = NaN)) });
    expect(() => vjp(user, forgetful, start(forgetful))).toThrow(/derivatives\.vjp: ∂\(prey\)\/∂\(b\) is NaN/);
  });

  describe("where nothing shows what bound functions are made of", () => {
    withoutInspector();

    test("a function without text is checked by finite differences", () => {
      const rhs = ((du: Float64Array, u: Float64Array, p: number[]) => {
        du[0] = p[0] * Math.exp(u[0]);
      }).bind(null);
      const make = (factor: number): OdeProblem =>
        odeProblem({
          name: "growth",
          rhs,
          u0: new Float64Array([0.3]),
          p: [2],
          tspan: [0, 1],
          derivatives: {
            vjp(uBar, pBar, v, u, p) {
              uBar[0] = v[0] * p[0] * Math.exp(u[0]);
              pBar[0] = factor * v[0] * Math.exp(u[0]);
            },
          },
        }) as OdeProblem;
      const right = make(1);
      const { u, p } = vjp(user, right, { ...start(right), v: Float64Array.of(1) });
      expectClose([...u, ...p], [2 * Math.exp(0.3), Math.exp(0.3)], 1e-15);
      const wrong = make(1.0001);
      expect(() => vjp(user, wrong, start(wrong))).toThrow(/\(finite\)/);
    });
  });

  test("numbers at the root are written as arrays of one", () => {
    const problem = odeProblem({
      rhs: (u: number, p: number) => -p * u * u,
      u0: 3,
      p: 5,
      tspan: [0, 1],
      derivatives: {
        vjp(uBar, pBar, v, u, p) {
          uBar[0] = -2 * p * u * v;
          pBar[0] = -u * u * v;
        },
      },
    }) as OdeProblem;
    const { u, p } = vjp(user, problem, { ...start(problem), v: Float64Array.of(1) });
    expect([...u, ...p]).toEqual([-30, -9]);
  });

  test("a problem without derivatives is refused", () => {
    const bare = model();
    expect(() => vjp(user, bare, start(bare))).toThrow(BackendRefused);
    expect(() => vjp(user, bare, start(bare))).toThrow(/model comes with no derivatives.*The nearest that can is "source"/);
  });

  test("remade problems keep them", () => {
    const problem = remake(model({ vjp: correct.vjp }), { p: { a: 2, b: 1 }, constants: { c: 1 } }) as OdeProblem;
    expectClose(vjp(user, problem, start(problem)).u, vjp(source, problem, start(problem)).u, 1e-14);
  });
});
