/** Right-hand sides as methods: taken from objects and classes, bound, called, and what `this` is in them. */
import { describe, expect, test } from "vitest";
import { ConstantsChanged, gradient, odeProblem, solve, UnboundThis, UnreadableConstruct } from "../../../index.ts";
import { bound } from "../../../src/core/captured.ts";
import { withoutInspector } from "../../without-inspector.ts";

const span = { u0: [1], tspan: [0, 1] as const, p: [1] };
const tight = { rtol: 1e-9, atol: 1e-9 };
const loss = { final: (u: ArrayLike<number>) => u[0] };

type Vector = ArrayLike<number>;
type Rhs = (...args: never[]) => unknown;

class Base {
  inherited(p: Vector): number {
    return 2 * p[0];
  }
}
class Model extends Base {
  k = 2;
  static k = 2;
  rates = { fast: [2] };
  get rate(): number {
    return this.k;
  }
  static twice(x: number): number {
    return this.k * x;
  }
  rhs(u: Vector, p: Vector): number[] {
    return [this.k * p[0] * u[0]];
  }
  inPlace(du: number[], u: Vector, p: Vector): void {
    du[0] = this.rate * p[0] * u[0];
  }
  byOthers(u: Vector, p: Vector): number[] {
    return this.rhs(u, p).map((x) => (x * this.rates.fast[0]) / 2);
  }
  ofBase(u: Vector, p: Vector): number[] {
    return [this.inherited(p) * u[0]];
  }
  static rhs(u: Vector, p: Vector): number[] {
    return [Model.twice(p[0]) * u[0]];
  }
  readonly arrow = (u: Vector, p: Vector): number[] => [this.k * p[0] * u[0]];
  unboundInArrow(u: Vector, p: Vector): number[] {
    return [1].map(() => this.k * p[0] * u[0]);
  }
}
const model = new Model();
const literal = {
  k: 2,
  get rate(): number {
    return this.k;
  },
  rhs(u: Vector, p: Vector): number[] {
    return [this.rate * p[0] * u[0]];
  },
  arrow: (u: Vector, p: Vector): number[] => [literal.k * p[0] * u[0]],
};
function scaled(this: unknown, k: number, u: Vector, p: Vector): number[] {
  return [k * p[0] * u[0]];
}
function withRest(k: number, ...[u, p]: Vector[]): number[] {
  return [k * p[0] * u[0]];
}
const helper = model.rhs.bind(model);
const power = Math.pow.bind(undefined, 2);

const read: Readonly<Record<string, Rhs>> = {
  "a bound method": model.rhs.bind(model),
  "a bound method in place": model.inPlace.bind(model),
  "a bound method that calls others": model.byOthers.bind(model),
  "one that calls its parent's": model.ofBase.bind(model),
  "a bound method of an object literal": literal.rhs.bind(literal),
  "with a number bound": scaled.bind(undefined, 2),
  "with rest parameters": withRest.bind(undefined, 2),
  "bound twice": scaled.bind(model, 2).bind(undefined),
  "a static method": Model.rhs,
  "a bound static method": Model.rhs.bind(Model),
  "a call of a method": (u: Vector, p: Vector) => model.rhs(u, p),
  "a call of a method in place": (du: number[], u: Vector, p: Vector) => model.inPlace(du, u, p),
  "a call of what was bound": (u: Vector, p: Vector) => helper(u, p),
  "a call of a bound function of the engine": (u: Vector, p: Vector) => [power(p[0]) * u[0]],
  "a static method of a captured class": (u: Vector, p: Vector) => [Model.twice(p[0]) * u[0]],
  "a static field": (u: Vector, p: Vector) => [Model.k * p[0] * u[0]],
  "a getter": (u: Vector, p: Vector) => [model.rate * p[0] * u[0]],
  "an arrow in an object literal": literal.arrow,
};

const expectRead = (rhs: Rhs): void => {
  const problem = odeProblem({ ...span, rhs: rhs as never });
  const solution = solve(problem, tight);
  expect(solution.stats.compiled).toBe(true);
  expect((solution.u.at(-1) as never as number[])[0]).toBeCloseTo(Math.exp(2), 6);
  for (const vjp of ["source", "tape"] as const) {
    const result = gradient(problem, { loss, vjp, ...tight });
    const slope = rhs === read["a call of a bound function of the engine"] ? 2 * Math.log(2) : 2;
    expect((result.gradient.p as never as number[])[0]).toBeCloseTo(slope * Math.exp(2), 5);
  }
};

describe.each(Object.entries(read))("%s", (_, rhs) => {
  test("is read", () => expectRead(rhs));
});

test("what a bound method takes of its object is checked for change", () => {
  const own = new Model();
  const problem = odeProblem({ ...span, rhs: own.rhs.bind(own) });
  solve(problem);
  own.k = 3;
  // Objects of classes have a state of their own, which is taken up.
  expect((solve(problem, tight).u.at(-1) as never as number[])[0]).toBeCloseTo(Math.exp(3), 6);
  const plain = { k: 2, rhs: literal.rhs, rate: 2 };
  const ofPlain = odeProblem({ ...span, rhs: plain.rhs.bind(plain as never) });
  solve(ofPlain);
  plain.rate = 3;
  expect(() => solve(ofPlain)).toThrow(ConstantsChanged);
});

test("a static field that changed is taken up, too", () => {
  class Own {
    static k = 2;
  }
  const problem = odeProblem({ ...span, rhs: (u: Vector, p: Vector) => [Own.k * p[0] * u[0]] });
  solve(problem);
  Own.k = 3;
  expect(solve(problem, tight).u.at(-1)![0]).toBeCloseTo(Math.exp(3), 6);
});

describe("refused, with what to do", () => {
  const refused = (rhs: Rhs) => (): unknown => solve(odeProblem({ ...span, rhs: rhs as never }));
  test.each([
    ["a method taken out of its class", model.rhs, /rhs, line \d[^]*model\.rhs\.bind\(model\)/],
    ["one in place", model.inPlace, /inPlace/],
    ["of an object literal", literal.rhs, /rhs/],
    ["with an arrow in it", model.unboundInArrow, /unboundInArrow/],
  ] as const)("%s", (_, rhs, message) => {
    expect(refused(rhs)).toThrow(UnboundThis);
    expect(refused(rhs)).toThrow(message);
  });

  test("the arrow of a class's field solves by itself, and its gradient is refused", () => {
    for (const rhs of [model.arrow, (u: Vector, p: Vector) => model.arrow(u, p)]) {
      const problem = odeProblem({ ...span, rhs });
      const { u, stats } = solve(problem, tight);
      expect([stats.compiled, u.at(-1)![0]]).toEqual([false, expect.closeTo(Math.exp(2), 6)]);
      expect(() => gradient(problem, { loss })).toThrow(UnreadableConstruct);
      expect(() => gradient(problem, { loss })).toThrow(/const model = this.*model\.rhs\.bind\(model\)/);
    }
  });
});

describe("without an inspector", () => {
  withoutInspector();

  test("what was bound is refused", () => {
    expect(() => gradient(odeProblem({ ...span, rhs: scaled.bind(undefined, 2) }), { loss })).toThrow(/gives no text/);
  });

  test("but where the plugin kept what it was made of, which the engine's own bind is asked for", () => {
    expectRead(bound(scaled, "bind", undefined, 2) as Rhs);
    expect(bound({ bind: (x: number) => x + 1 }, "bind", 2)).toBe(3);
  });
});
