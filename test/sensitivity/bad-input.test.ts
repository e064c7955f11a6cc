/** Every mistake has a name, and a message that says what happened, where, and what to try. */
import { describe, expect, it } from "vitest";
import {
  BadGradientOption,
  BadLoss,
  BadSaveTimes,
  DerivativeMismatch,
  gradient,
  gradientBatch,
  type Gradient,
  IndexOutOfRange,
  type NdArray,
  NotDifferentiable,
  odeProblem,
  type OdeProblem,
  ReadBeforeWrite,
  remake,
  NoInfluence,
  NonFiniteLoss,
  NonFiniteDerivative,
  solve,
  solveWithPullback,
  WriteToInput,
} from "../../index.ts";
import { adjointMethods, type AdjointName } from "../../sensitivity/adjoints/index.ts";
import { withoutInspector } from "../without-inspector.ts";

// What is captured stands for what cannot be read.
withoutInspector();

const adjoints = Object.keys(adjointMethods);
const first = { final: (u: ArrayLike<number>) => u[0] };

/** A function of this text, which names what follows `captured` from outside: it cannot be read. */
type Rhs = (du: number[], u: number[], p: number[], t: number) => void;

function problem(rhs: Rhs, p = [0.5, 2]): OdeProblem<number[], number[]> {
  return odeProblem({ name: "model", rhs, u0: [1, 0], p, tspan: [0, 1] });
}

const captured = 1;
const readAndNot: [string, boolean][] = [
  ["readable", true],
  ["unreadable", false],
];

describe.each(readAndNot)("a right-hand side, %s,", (_, isReadable) => {
  const make = (readable: Rhs, unreadable: Rhs): OdeProblem<number[], number[]> => problem(isReadable ? readable : unreadable);

  it("that writes to its state", () => {
    const wrong = make(
      (du, u) => {
        u[0] = 3;
        du[0] = du[1] = -u[0];
      },
      (du, u) => {
        u[0] = 3 * captured;
        du[0] = du[1] = -u[0];
      },
    );
    for (const run of [() => solve(wrong), () => gradient(wrong, { loss: first, vjp: "finite" })]) {
      expect(run).toThrow(WriteToInput);
      expect(run).toThrow(/model.*`u` is written, but it is an input of this function/);
    }
  });

  it("that writes to its parameters", () => {
    const wrong = make(
      (du, u, p) => {
        p[1] += 1;
        du[0] = du[1] = -p[1] * u[0];
      },
      (du, u, p) => {
        p[1] += captured;
        du[0] = du[1] = -p[1] * u[0];
      },
    );
    expect(() => solve(wrong)).toThrow(WriteToInput);
    expect(() => solve(wrong)).toThrow(/model.*`p` is written/);
  });

  it("that reads du before it is written", () => {
    const wrong = make(
      (du, u) => {
        du[0] += u[0];
        du[1] = 0;
      },
      (du, u) => {
        const rate = captured;
        du[0] += rate * u[0];
        du[1] = 0;
      },
    );
    expect(() => solve(wrong)).toThrow(ReadBeforeWrite);
    expect(() => solve(wrong)).toThrow(
      isReadable ? /`du\[0\]` is read before this call has written it/ : /du\[0\] depends on what du held/,
    );
  });
});

describe("an array used out of bounds", () => {
  it("in a loop that goes one too far: the line, the index and the array", () => {
    const wrong = problem((du, u, p) => {
      for (let i = 0; i <= 2; i++) du[i] = -p[0] * u[i];
    });
    for (const run of [() => solve(wrong), ...adjoints.map((adjoint) => () => gradient(wrong, { loss: first, adjoint }))]) {
      expect(run).toThrow(IndexOutOfRange);
      expect(run).toThrow(/^model, line \d+, column \d+: index 2 is outside `(u|du)`, which has 2 elements\.\n.*u\[i\]/);
    }
  });

  it("at an index computed from a parameter", () => {
    const wrong = problem(
      (du, u, p) => {
        du[0] = -u[Math.floor(p[0])];
        du[1] = 0;
      },
      [7],
    );
    expect(() => solve(wrong)).toThrow(/index 7 is outside `u`, which has 2 elements/);
    for (const adjoint of adjoints) expect(() => gradient(wrong, { loss: first, adjoint })).toThrow(IndexOutOfRange);
  });

  it("later in the solve is no number, and stops it", () => {
    const late = odeProblem({
      rhs: (_u: number, [rate]: number[], t, { table }: { table: number[] }) => rate * table[Math.floor(t)],
      u0: 1,
      p: [1],
      tspan: [0, 3],
      constants: { table: [1, 2] },
    });
    expect(() => solve(late)).toThrow(NonFiniteDerivative);
    expect(() => solve(late)).toThrow(
      /the derivative of u is not finite there\.\nrhs, line 1.*: index 2 is outside `table`, which has 2 elements/,
    );
  });

  it("of one component among several", () => {
    const make = (far: (i: number, t: number) => number) =>
      odeProblem({
        name: "model",
        rhs(du, u, p, t, { far }) {
          for (let i = 0; i < 2; i++) {
            du.a[i] = -p[0] * u.a[far(i, t)];
            du.b[i] = u.b[i];
          }
        },
        u0: { a: [1, 2], b: [3, 4] },
        p: [0.5],
        tspan: [0, 1],
        constants: { far },
      });
    const next = make((i) => i + 1);
    for (const run of [() => solve(next), () => gradient(next, { loss: { final: (u) => u.a[0] } })]) {
      expect(run).toThrow(IndexOutOfRange);
      expect(run).toThrow(/^model, line \d+.*: an index is outside a component of `u`\.\n.*u\.a\[far\(i, t\)\]/);
    }
    expect(() => solve(make((i, t) => i + Math.floor(1.7 * t)))).toThrow(/an index is outside a component of `u`/);
  });

  it("of data that are fewer than the times of the loss", () => {
    const fine = problem((du, u, p) => {
      du[0] = -p[0] * u[0];
      du[1] = 0;
    });
    const loss = {
      at: [0.2, 0.4, 0.6],
      of: (u: number[], _p: unknown, _t: number, i: number, { data }: { data: number[] }) => (u[0] - data[i]) ** 2,
      constants: { data: [1, 2] },
    };
    for (const adjoint of adjoints) {
      const run = (): unknown => gradient(fine, { loss, adjoint });
      expect(run).toThrow(BadLoss);
      expect(run).toThrow(/its value at t = 0\.6 is NaN[^]*index 2 is outside `data`, which has 2 elements/);
    }
  });
});

describe("a derivative that is not finite", () => {
  it.each(adjoints)("%s: at the start, with the line of the function", (adjoint) => {
    const kink = problem((du, u, p) => {
      du[0] = -p[0] * u[0];
      du[1] = 1 + Math.sqrt(u[1]);
    });
    const run = (): unknown => gradient(kink, { loss: first, adjoint });
    expect(run).toThrow(NotDifferentiable);
    expect(run).toThrow(
      /^model, line \d+, column \d+: the derivative of `sqrt` at 0 is Infinity, at the start, t = 0\.\n.*Math\.sqrt\(u\[1\]\).*\n\s+\^\n/,
    );
  });

  it.each(adjoints)("%s: on the way", (adjoint) => {
    const kink = problem((du, u, p, t) => {
      du[0] = -p[0] * u[0];
      du[1] = t > 0.5 ? Math.sqrt(0 * u[0]) : p[0];
    });
    const run = (): unknown => gradient(kink, { loss: { final: (u) => u[0] + u[1] }, adjoint });
    expect(run).toThrow(NotDifferentiable);
    expect(run).toThrow(/^model, line \d+, column \d+: the derivative of `sqrt` at 0 is Infinity, at t = 0\.[5-9]/);
  });

  it.each(adjoints)("%s: in the loss", (adjoint) => {
    const fine = problem((du, u, p) => {
      du[0] = -p[0] * u[0];
      du[1] = -p[0] * u[1];
    });
    const run = (loss: object) => (): unknown => gradient(fine, { loss, adjoint });
    expect(run({ final: (u: number[]) => Math.sqrt(u[1]) })).toThrow(/^loss\.final, line 1.*`sqrt` at 0 is Infinity, at t = 1/);
    expect(run({ at: [0.5], of: (u: number[]) => u[1] ** 0.5 })).toThrow(/^loss\.of, line 1.*is Infinity, at t = 0\.5/);
    const integral = run({ integral: (u: number[]) => Math.sqrt(u[1]) });
    // Whatever p, u[1] is zero: derivatives that are carried along never meet the root's slope.
    if (adjointMethods[adjoint as AdjointName].traits.mode === "forward")
      expect(new Set((integral() as Gradient).flat.p)).toEqual(new Set([0]));
    else expect(integral).toThrow(/^loss\.integral, line 1.*is Infinity, at t = 0/);
  });

  it("in a helper: the line of the helper", () => {
    const root = (x: number): number => Math.sqrt(x);
    const kink = odeProblem({
      name: "model",
      rhs: (u: number, p: number[], _t, { root }) => p[0] * root(u),
      u0: 0,
      p: [1],
      tspan: [0, 1],
      constants: { root },
    });
    expect(() => gradient(kink, { loss: { final: (u) => u } })).toThrow(/^root, line 1.*`sqrt` at 0/);
  });

  it("that nothing asks for does no harm", () => {
    const kink = problem((du, u, p, t) => {
      du[0] = -p[0] * u[0] + Math.sqrt(t);
      du[1] = 0;
    });
    expect(gradient(kink, { loss: first, rtol: 1e-8, atol: 1e-8 }).gradient.p![0]).toBeLessThan(0);
  });
});

describe("a loss", () => {
  const fine = problem((du, u, p) => {
    du[0] = -p[0] * u[0];
    du[1] = 0;
  });

  it.each(adjoints)("%s: that is not finite", (adjoint) => {
    const run = (loss: object) => (): unknown => gradient(fine, { loss, adjoint });
    expect(run({ final: (u: number[]) => 1 / u[1] })).toThrow(BadLoss);
    expect(run({ final: (u: number[]) => 1 / u[1] })).toThrow(/at the end is Infinity/);
    expect(run({ at: [0.5, 1], of: (u: number[]) => Math.log(u[1] - 1) })).toThrow(/its value at t = (0\.5|1) is NaN/);
    expect(run({ integral: (u: number[]) => Math.log(u[1] - 1) })).toThrow(BadLoss);
    expect(run({ integral: (u: number[]) => Math.log(u[1] - 1) })).toThrow(/ is NaN/);
  });

  it("with times outside the solution", () => {
    const of = (u: number[]): number => u[0];
    expect(() => gradient(fine, { loss: { at: [0.5, 1.5], of } })).toThrow(/at\[1\] = 1\.5 is outside of tspan \[0, 1\]/);
    expect(() => gradient(fine, { loss: { at: [-0.1], of } })).toThrow(BadLoss);
    expect(() => gradient(fine, { loss: { at: [NaN], of } })).toThrow(BadLoss);
    expect(() => solveWithPullback(fine, { saveat: [0.5, 1.5] })).toThrow(BadSaveTimes);
  });
});

describe("derivatives of the user's own", () => {
  it("that disagree with the function", () => {
    const wrong = odeProblem({
      name: "model",
      rhs: (u: number, p: number[]) => -p[0] * u,
      u0: 1,
      p: [0.5],
      tspan: [0, 1],
      derivatives: {
        vjp(uBar, pBar, v, u, p) {
          uBar[0] = -p[0] * v;
          pBar[0] = u * v;
        },
      },
    });
    for (const adjoint of ["gauss", "quadrature", "interpolating", "backsolve", "discrete"]) {
      const run = (): unknown => gradient(wrong, { loss: { final: (u) => u }, vjp: "user", adjoint });
      expect(run).toThrow(DerivativeMismatch);
      expect(run).toThrow(/derivatives\.vjp: ∂\(.*\)\/∂\(p\[0\]\) is 1, but the derivative of the function \(source\) is -1/);
    }
  });
});

describe("with respect to", () => {
  it("what there is not", () => {
    const fine = odeProblem({ rhs: (u: number, { k }: { k: number }) => -k * u, u0: 1, p: { k: 1 }, tspan: [0, 1] });
    const loss = { final: (u: number) => u };
    expect(() => gradient(fine, { loss, wrt: ["q" as "p"] })).toThrow(BadGradientOption);
    expect(() => gradient(fine, { loss, wrt: ["q" as "p"] })).toThrow('wrt: there is no "q". Give some of p, u0, t0, t1, at.');
    expect(() => gradient(fine, { loss, wrt: ["k" as "p"] })).toThrow('"k" is a component of p: give "p", and read gradient.p.k');
    const bare = odeProblem({ rhs: (u: number) => -u, u0: 1, tspan: [0, 1] });
    expect(() => gradient(bare, { loss })).toThrow(BadGradientOption);
    expect(() => gradient(bare, { loss })).toThrow(/the problem has no parameters/);
  });

  it("what cannot influence the loss", () => {
    const chain = odeProblem({
      name: "chain",
      rhs(du, u, p) {
        du.x = -p.a * u.x;
        du.y = p.b * u.x - p.c * u.y;
        du.z = p.d * u.y;
      },
      u0: { x: 1, y: 0, z: 0 },
      p: { a: 0.5, b: 1, c: 2, d: 3, unused: 4 },
      tspan: [0, 1],
    });
    const loss = { at: [0.5, 1], of: (u: { y: number }) => u.y ** 2 };
    for (const adjoint of adjoints) {
      const result = gradient(chain, { loss, wrt: ["p", "u0", "t1"], adjoint });
      expect(result.structuralZeros).toEqual(["p.d", "p.unused", "u0.z", "t1"]);
      expect(result.gradient.p).toMatchObject({ d: 0, unused: 0 });
      expect(String(result.plan)).toContain("zero by structure, as they cannot influence the loss: p.d, p.unused, u0.z, t1");
    }
    // y starts at 0 and x too: zeros, but not by structure.
    const still = gradient(remake(chain, { u0: { x: 0, y: 0, z: 0 } }), { loss, wrt: ["p"] });
    expect(still.gradient.p).toEqual({ a: 0, b: 0, c: 0, d: 0, unused: 0 });
    expect(still.structuralZeros).toEqual(["p.d", "p.unused"]);
    const none = (): unknown => gradient(chain, { loss: { final: (u: { x: number }) => 0 * u.x }, wrt: ["u0"] });
    expect(none).toThrow(NoInfluence);
    expect(none).toThrow("chain: nothing of u0 can influence the loss, so all its derivatives are zero by structure");
  });

  it("what influences it through an event, or directly, or at a loss of the parameters alone", () => {
    const dosed = odeProblem({
      rhs(du, u, p) {
        du.x = -p.a * u.x;
        du.y = -u.y;
      },
      u0: { x: 1, y: 2 },
      p: { a: 0.5, dose: 3, prior: 4 },
      tspan: [0, 2],
      events: { at: [1], apply: (u, p) => void (u.x += p.dose * u.y) },
    });
    const loss = { final: (u: { x: number }, p: { prior: number }) => u.x + p.prior ** 2 };
    expect(gradient(dosed, { loss, wrt: ["p", "u0"] }).structuralZeros).toEqual([]);
    const prior = gradient(dosed, { loss: { final: (_u: unknown, p: { prior: number }) => p.prior ** 2 } });
    expect(prior.structuralZeros).toEqual(["p.a", "p.dose"]);
    expect(prior.gradient.p!.prior).toBe(8);
  });
});

describe("what a loss is, and what compares it", () => {
  const decay = odeProblem({
    rhs: (du, u, p, _t, { k }) => {
      du[0] = -p[0] * u[0] * k;
    },
    u0: [1],
    p: [0.5],
    tspan: [0, 1],
    constants: { k: 2 },
  });

  it.each<[string, object]>([
    ["final", { final: (u: number[], _p: number[], { k }: { k: number }) => u[0] * k }],
    ["integral", { integral: (u: number[], _p: number[], _t: number, c: { k: number }) => u[0] * c.k }],
    ["final", { final: (u: number[], _p: number[], c: { k: number }) => new Map([["x", u[0]]]).get("x")! * c.k }],
  ])("loss.%s that takes constants of the problem", (name, loss) => {
    const taken = (): unknown => gradient(decay, { loss: loss as never, wrt: ["p"] });
    expect(taken).toThrow(BadLoss);
    expect(taken).toThrow(new RegExp(`loss\\.${name}: its argument \\d is undefined.*problem\\.constants`));
    expect(gradient(decay, { loss: { ...loss, constants: decay.constants } as never, wrt: ["p"] }).value).toBeGreaterThan(0);
  });

  it.each<[string, object]>([
    [
      "3 is undefined: it is called with \\(u, p, constants\\).* the time",
      { final: (u: number[], _p: number[], t: number) => t * u[0] },
    ],
    [
      "3 is undefined: it is called with \\(u, p, constants\\)",
      { at: [1], all: (u: NdArray, _p: unknown, t: number) => u.get(0, 0) * t },
    ],
    [
      "4 is undefined: it is called with \\(u, p, t, constants\\)",
      { integral: (u: number[], _p: unknown, t: number, k: number) => u[0] * t * k },
    ],
    [
      "4 is undefined: it is called with \\(u, p, constants\\)\\.",
      { final: (u: number[], _p: number[], c: { k: number }, t: number) => c.k * t * u[0], constants: { k: 2 } },
    ],
  ])("a loss that is not finite for want of an argument: its argument %s", (what, loss) => {
    const taken = (): unknown => gradient(decay, { loss: loss as never, wrt: ["p"] });
    expect(taken).toThrow(NonFiniteLoss);
    expect(taken).toThrow(new RegExp(`is NaN.*\\nloss\\.\\w+: its argument ${what}`));
  });

  it("a loss that is not finite though it has all of its arguments", () => {
    const loss = { final: (u: number[], _p: number[], c: { k: number }) => Math.log(-u[0]) * c.k, constants: { k: 2 } };
    expect(() => gradient(decay, { loss: loss as never, wrt: ["p"] })).toThrow(/is NaN(?![^]*undefined)/);
  });

  it.each([
    { of: (u: number[]) => u[0] },
    { all: (u: NdArray) => u.get(0, 0) },
    { of: (u: number[]) => u[0], integral: () => 1 },
  ])("no times in at: %o", (loss) => {
    const taken = (): unknown => gradient(decay, { loss: { at: [], ...loss } as never, wrt: ["p"] });
    expect(taken).toThrow(BadLoss);
    expect(taken).toThrow("loss: `at` is empty. Give the times");
  });

  it("several losses in a list", () => {
    const list = [first, first] as never;
    expect(() => gradient(decay, { loss: list, wrt: ["p"] })).toThrow(
      /array of length 2\..*To add several, give these keys together/,
    );
  });

  it("wrt of a batch", async () => {
    const batch = { loss: first, wrt: ["p"] } as never;
    await expect(gradientBatch(decay, batch)).rejects.toThrow(/"wrt"\. It gives the derivatives by u0 and by p, both/);
  });
});
