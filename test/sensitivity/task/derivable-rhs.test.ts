/** Right-hand sides that run by themselves, differentiated forwards: their tapes give the rows. */
import { describe, expect, it } from "vitest";
import {
  CapturedVariable,
  checkGradient,
  explain,
  gradient,
  MethodRefused,
  odeProblem,
  sensitivities,
  type Loss,
} from "../../../index.ts";
import { adjointsThat, oneOfEachFamily } from "../../tables.ts";
import { withoutInspector } from "../../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

/** x' = -a x, y' = b x - y, with x in an object whose class has a private field, which cannot be read. */
const chain = odeProblem({
  rhs(du: number[], u: readonly number[], p: { a: number; b: number }) {
    class Held {
      #x: number;
      constructor(x: number) {
        this.#x = x;
      }
      get x(): number {
        return this.#x;
      }
    }
    const held = new Held(u[0]);
    du[0] = -p.a * held.x;
    du[1] = p.b * held.x - u[1];
  },
  u0: [1.3, 0.3],
  p: { a: 0.7, b: 0.4 },
  tspan: [0, 4],
});
const [a, b, x0, y0, T] = [0.7, 0.4, 1.3, 0.3, 4];
/** y(T) = y0 e⁻ᵀ + c (e^(-a T) - e⁻ᵀ), c = b x0 / (1 - a). */
const [fast, slow] = [Math.exp(-T), Math.exp(-a * T)];
const c = (b * x0) / (1 - a);
const right = {
  a: (c / (1 - a)) * (slow - fast) - c * T * slow,
  b: (c / b) * (slow - fast),
  x0: (c / x0) * (slow - fast),
  y0: fast,
};
const tight = { rtol: 1e-9, atol: 1e-11 };
const loss: Loss<number[], { a: number; b: number }> = { final: (u) => u[1] };

describe.each(oneOfEachFamily)("by $name", (solver) => {
  it.each(adjointsThat(({ mode }) => mode === "forward"))("gradients by %s", (adjoint) => {
    const { value, flat, plan } = gradient(chain, { loss, adjoint, solver, wrt: ["p", "u0"], ...tight });
    expect(plan.known.compiled).toBe(false);
    expect(value).toBeCloseTo(y0 * fast + c * (slow - fast), 8);
    const found = [...flat.p!, ...flat.u0!];
    [right.a, right.b, right.x0, right.y0].forEach((derivative, i) => expect(found[i]).toBeCloseTo(derivative, 7));
  });

  it("sensitivities", () => {
    const { flat } = sensitivities(chain, { saveat: [T], solver, wrt: ["p", "u0"], ...tight });
    const [x, y] = [0, 1].map((i) => [...flat.p![0].slice(2 * i, 2 * i + 2), ...flat.u0![0].slice(2 * i, 2 * i + 2)]);
    [-T * x0 * slow, 0, slow, 0].forEach((derivative, i) => expect(x[i]).toBeCloseTo(derivative, 7));
    [right.a, right.b, right.x0, right.y0].forEach((derivative, i) => expect(y[i]).toBeCloseTo(derivative, 7));
  });
});

it("an integral, with a threshold on the state, by each method that takes the function", () => {
  const above: typeof loss = { integral: (u) => (u[0] > 0.5 ? 1 : 0) };
  const crossed = Math.log(x0 / 0.5) / a;
  for (const adjoint of [undefined, "dual", "gauss", "interpolating"]) {
    const { value, flat, switches } = gradient(chain, { loss: above, adjoint, wrt: ["p", "u0"], ...tight });
    expect(value).toBeCloseTo(crossed, 6);
    const found = [...flat.p!, ...flat.u0!];
    [-crossed / a, 0, 1 / (a * x0), 0].forEach((derivative, i) => expect(found[i], adjoint).toBeCloseTo(derivative, 6));
    expect(switches).toMatchObject([{ on: "state", differentiated: true }]);
  }
});

it("checks go through the whole solve", () => {
  expect(gradient(chain, { loss, check: true }).check.passed).toBe(true);
  const report = checkGradient(chain, { loss, rtol: 1e-8, atol: 1e-10 });
  expect([report.other, report.passed]).toEqual(["dual", true]);
});

it("they are not taken by default, and what derives steps says what can", () => {
  const plan = explain(chain, { loss });
  expect(plan.adjoint).toBe("gauss");
  const rejected = plan.decisions.find(({ about }) => about === "adjoint")!.rejected;
  expect(rejected.find(({ name }) => name === "dual")!.because).toContain("row by row");
  expect(() => gradient(chain, { loss, adjoint: "discrete" })).toThrow(MethodRefused);
  expect(() => gradient(chain, { loss, adjoint: "discrete" })).toThrow(/[^.]\. The nearest that can is "gauss"\./);
});

it("a function that can be neither read nor traced is refused", () => {
  const rate = { k: 1 };
  const captured = odeProblem({
    rhs: (u: readonly number[], p: readonly number[]) => [-p[0] * u[0] * rate.k],
    u0: [1],
    p: [1],
    tspan: [0, 1],
  });
  rate.k = 2;
  expect(() => sensitivities(captured, { saveat: [1] })).toThrow(CapturedVariable);
});
