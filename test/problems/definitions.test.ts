/** The plain right-hand sides against independent statements of the same equations. */
import { ndarray } from "../../src/arrays/ndarray.ts";
import { describe, expect, it } from "vitest";
import { normals } from "../../src/core/random.ts";
import {
  brusselator,
  brusselatorCells,
  heat,
  kuramotoSivashinsky,
  lotkaVolterra,
  lotkaVolterraUDE,
  pkpd,
  pollution,
  robertson,
  spiralNeuralODE,
} from "../../problems/index.ts";
import type { ProblemCode } from "../../src/problem/code.ts";

/** u' by the user's plain function, flat. */
function derivative({ code }: { code: ProblemCode }, u: ArrayLike<number>, p: ArrayLike<number>, t = 0): Float64Array {
  const du = new Float64Array(u.length);
  code.plain(du, Float64Array.from(u), Float64Array.from(p), t);
  return du;
}

function positive(n: number, seed: number): Float64Array {
  const normal = normals(seed);
  return Float64Array.from({ length: n }, () => 0.5 + Math.abs(normal()));
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i] - expected[i]), `component ${i}`).toBeLessThanOrEqual(1e-13 * scale);
}

/** Both Brusselators on flat arrays, indices wrapped by remainders; a, b, alpha by cell. */
function wrapped(
  n: number,
  u: Float64Array,
  t: number,
  p: (k: number) => { a: number; b: number; alphaU: number; alphaV: number },
): Float64Array {
  const cells = n * n;
  const du = new Float64Array(2 * cells);
  const around = (offset: number, k: number): number => {
    const [i, j] = [k % n, Math.floor(k / n)];
    const at = (x: number, y: number): number => u[offset + ((y + n) % n) * n + ((x + n) % n)];
    return (at(i - 1, j) + at(i + 1, j) + at(i, j - 1) + at(i, j + 1) - 4 * at(i, j)) * (n - 1) * (n - 1);
  };
  for (let k = 0; k < cells; k++) {
    const [x, y] = [(k % n) / (n - 1), Math.floor(k / n) / (n - 1)];
    const { a, b, alphaU, alphaV } = p(k);
    const force = t >= 1.1 && Math.hypot(x - 0.3, y - 0.6) <= 0.1 + 1e-10 ? 5 : 0;
    du[k] = b + u[k] ** 2 * u[cells + k] - (a + 1) * u[k] + alphaU * around(0, k) + force;
    du[cells + k] = a * u[k] - u[k] ** 2 * u[cells + k] + alphaV * around(cells, k);
  }
  return du;
}

/** So many steps of the classical Runge-Kutta method. */
function rungeKutta(
  slope: (x: number, y: number) => [number, number],
  [x, y]: readonly [number, number],
  h: number,
  steps: number,
): [number, number] {
  for (let s = 0; s < steps; s++) {
    const [a, b] = slope(x, y);
    const [c, d] = slope(x + (h / 2) * a, y + (h / 2) * b);
    const [e, f] = slope(x + (h / 2) * c, y + (h / 2) * d);
    const [g, i] = slope(x + h * e, y + h * f);
    x += (h / 6) * (a + 2 * c + 2 * e + g);
    y += (h / 6) * (b + 2 * d + 2 * f + i);
  }
  return [x, y];
}

describe("lotkaVolterra", () => {
  it("is eat and be eaten", () => {
    expectClose(derivative(lotkaVolterra().problem, [2, 3], [1.5, 0.5, 3, 0.25]), [1.5 * 2 - 0.5 * 6, 0.25 * 6 - 3 * 3]);
  });
});

describe.each(["loops", "arrays", "mixed"] as const)("brusselator, %s", (form) => {
  it.each([2, 3, 8, 11])("is the five-point stencil with reactions, n = %i", (n) => {
    const { problem } = brusselator({ n, form });
    const u = positive(2 * n * n, 7);
    for (const t of [0, 1.0999, 1.1, 5]) {
      const expected = wrapped(n, u, t, () => ({ a: 3.1, b: 1.2, alphaU: 9, alphaV: 9 }));
      expectClose(derivative(problem, u, [3.1, 1.2, 9], t), expected);
    }
  });
});

describe("brusselator", () => {
  it("forces cells from t = 1.1 on", () => {
    const { problem } = brusselator({ n: 11 });
    const u = positive(2 * 121, 3);
    const before = derivative(problem, u, [3.4, 1, 10], 1);
    const after = derivative(problem, u, [3.4, 1, 10], 2);
    const forced = [...after].flatMap((x, k) => (Math.abs(x - before[k]) > 1 ? [k] : []));
    // (0.3, 0.6), and its four neighbours at the distance 0.1, exactly on the circle.
    expect(forced).toEqual([5 * 11 + 3, 6 * 11 + 2, 6 * 11 + 3, 6 * 11 + 4, 7 * 11 + 3]);
  });

  it("starts as published", () => {
    const { u0 } = brusselator({ n: 5 }).problem;
    expect(u0.shape).toEqual([2, 5, 5]);
    expect(u0.get(0, 2, 0)).toBeCloseTo(22 * 0.25 ** 1.5, 14);
    expect(u0.get(1, 0, 1)).toBeCloseTo(27 * 0.1875 ** 1.5, 14);
    expect(u0.get(0, 4, 3)).toBe(0);
  });
});

describe("brusselatorCells", () => {
  it("has parameters of its own in every cell", () => {
    const n = 6;
    const u = positive(2 * n * n, 11);
    const p = positive(4 * n * n, 12);
    const cell = (k: number) => ({ a: p[k], b: p[n * n + k], alphaU: p[2 * n * n + k], alphaV: p[3 * n * n + k] });
    expectClose(derivative(brusselatorCells({ n }).problem, u, p, 3), wrapped(n, u, 3, cell));
  });
});

/** POLLU by its reactions: what each consumes and produces, by number of the species. */
const reactions: readonly (readonly [consumed: readonly number[], produced: readonly number[]])[] = [
  [[1], [2, 3]],
  [[2, 4], [1]],
  [
    [5, 2],
    [1, 6],
  ],
  [[7], [5, 5, 8]],
  [[7], [8]],
  [
    [7, 6],
    [5, 8],
  ],
  [[9], [5, 8, 10]],
  [[9, 6], [11]],
  [
    [11, 2],
    [1, 10, 12],
  ],
  [[11, 1], [13]],
  [[13], [1, 11]],
  [
    [10, 2],
    [1, 14],
  ],
  [[14], [5, 7]],
  [[1, 6], [15]],
  [[3], [4]],
  [[4], [16]],
  [[4], [3]],
  [[16], [6, 6]],
  [[16], [3]],
  [
    [17, 6],
    [5, 18],
  ],
  [[19], [2]],
  [[19], [1, 3]],
  [[1, 4], [19]],
  [[19, 1], [20]],
  [[20], [1, 19]],
];

describe("pollution", () => {
  it("is its 25 reactions", () => {
    const { problem } = pollution();
    const u = positive(20, 5);
    const expected = new Float64Array(20);
    reactions.forEach(([consumed, produced], r) => {
      const rate = consumed.reduce((product, species) => product * u[species - 1], problem.p[r]);
      for (const species of consumed) expected[species - 1] -= rate;
      for (const species of produced) expected[species - 1] += rate;
    });
    const du = derivative(problem, u, problem.p);
    // Rates differ by fifteen decades: each species against its own largest rate.
    expected.forEach((value, i) => expect(Math.abs(du[i] - value)).toBeLessThanOrEqual(1e-12 * Math.max(Math.abs(value), 1e-3)));
  });
});

describe("pkpd", () => {
  const { problem } = pkpd();

  it("moves the drug between its compartments, and inhibits by Hill's equation", () => {
    const [gut, central, peripheral, peripheral2, response] = [31, 17, 5, 70, 3];
    const p = {
      Ka1: 1.1,
      CL: 0.9,
      Vc: 18,
      Q: 2.5,
      Vp: 11,
      Kin: 9,
      Kout: 2.2,
      IC50: 1.7,
      IMAX: 0.8,
      gamma: 1.4,
      Vmax: 3,
      Km: 1.9,
    };
    const [Q2, Vp2] = [0.6, 90];
    // What flows between compartments, by concentrations.
    const [c, c1, c2] = [central / p.Vc, peripheral / p.Vp, peripheral2 / Vp2];
    const [in1, in2] = [p.Q * (c - c1), Q2 * (c - c2)];
    const inhibition = p.IMAX / (1 + (p.IC50 / c) ** p.gamma);
    expectClose(derivative(problem, [gut, central, peripheral, peripheral2, response], [...Object.values(p), Q2, Vp2]), [
      -p.Ka1 * gut,
      p.Ka1 * gut - p.CL * c - (p.Vmax * c) / (p.Km + c) - in1 - in2,
      in1,
      in2,
      p.Kin * (1 - inhibition) - p.Kout * response,
    ]);
  });

  it("doses every 24 hours, and samples the first 50", () => {
    expect(problem.events![0].at).toEqual(Float64Array.of(24, 48, 72, 96, 120, 144, 168, 192, 216, 240));
    const u = Float64Array.of(1, 2, 3, 4, 5);
    problem.code.events[0].apply!.evaluate(u, [u, Float64Array.from(Object.values(problem.p)), 24]);
    expect([...u]).toEqual([101, 2, 3, 4, 5]);
    expect(Object.keys(problem.p).slice(-2)).toEqual(["Q2", "Vp2"]);
  });
});

describe("robertson", () => {
  it("conserves mass, and its reactions are those published", () => {
    const [y1, y2, y3] = [0.7, 2e-5, 0.3];
    const du = derivative(robertson().problem, [y1, y2, y3], [0.04, 3e7, 1e4]);
    expect(Math.abs(du[0] + du[1] + du[2])).toBeLessThan(1e-12);
    expect(du[0]).toBeCloseTo(-0.04 * y1 + 1e4 * y2 * y3, 14);
    expect(du[2]).toBeCloseTo(3e7 * y2 * y2, 10);
  });
});

describe("kuramotoSivashinsky", () => {
  it("is its waves' dispersion, and what two of them do to each other", () => {
    const n = 48;
    const { problem } = kuramotoSivashinsky({ n });
    const dx = (32 * Math.PI) / n;
    const [k, nu, amplitude] = [5, 1.3, 0.7];
    const angle = (2 * Math.PI * k) / n;
    const u = Float64Array.from({ length: n }, (_, i) => amplitude * Math.cos(angle * i));
    // Of a cosine: second differences have -4 sin²(θ/2)/dx², and half the square's central difference -½ a² sin(2θ)/(2 dx) sin(2θ i).
    const second = (-4 * Math.sin(angle / 2) ** 2) / dx ** 2;
    const expected = u.map(
      (x, i) => -(second + nu * second ** 2) * x + ((amplitude ** 2 * Math.sin(2 * angle)) / (4 * dx)) * Math.sin(2 * angle * i),
    );
    expectClose(derivative(problem, u, [nu]), expected);
  });

  it("starts as published", () => {
    const { u0 } = kuramotoSivashinsky().problem;
    expect(u0.length).toBe(256);
    // x = 8π, a quarter around: cos(π/2)(1 + sin(π/2)); and x = 16π.
    expect(u0[64]).toBeCloseTo(0, 14);
    expect(u0[128]).toBeCloseTo(-1, 14);
    expect(u0[32]).toBeCloseTo(Math.SQRT1_2 * (1 + Math.SQRT1_2), 14);
  });
});

describe("heat", () => {
  it("takes every eigenvector to its multiple", () => {
    const n = 30;
    const { problem } = heat({ n });
    for (const k of [0, 1, 7, 29]) {
      const u = Float64Array.from({ length: n }, (_, i) => Math.cos((k * Math.PI * (i + 0.5)) / n));
      const eigenvalue = -4 * n ** 2 * Math.sin((k * Math.PI) / (2 * n)) ** 2;
      const du = derivative(problem, u, [1.7]);
      u.forEach((x, i) => expect(Math.abs(du[i] - 1.7 * eigenvalue * x)).toBeLessThan(1e-11 * n ** 2));
    }
  });

  it("has the exponential's column as gradient by the initial state: it composes, and conserves heat", () => {
    const [whole, half] = [0.02, 0.01].map((tEnd) => heat({ n: 20, tEnd }).reference!.gradientByInitialState!);
    expect(whole.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 13);
    // exp(2A)_ss = Σ exp(A)_sj exp(A)_js, and exp(A) is symmetric.
    expect(half.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(whole[5], 13);
  });
});

describe("lotkaVolterraUDE", () => {
  const { problem, loss } = lotkaVolterraUDE({ noise: 0 });

  it("is growth, death and a network of three layers", () => {
    const p = {
      ...problem.p,
      W3: ndarray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [2, 5]),
      b3: [0.1, 0.2],
      b1: [1, 2, 3, 4, 5],
      b2: [5, 4, 3, 2, 1],
    };
    const u = [1.2, 0.7];
    const layer = (W: { get(i: number, j: number): number }, x: readonly number[], b: ArrayLike<number>): number[] =>
      Array.from(b, (bias, i) => x.reduce((sum, value, j) => sum + W.get(i, j) * value, bias));
    const hidden = layer(p.W2, layer(p.W1, u, p.b1).map(Math.tanh), p.b2).map(Math.tanh);
    const [first, second] = layer(p.W3, hidden, p.b3);
    const flat = [p.W1.data, p.b1, p.W2.data, p.b2, p.W3.data, p.b3].flatMap((part) => [...part]);
    expect(flat).toHaveLength(57);
    expectClose(derivative(problem, u, flat), [1.3 * u[0] + first, second - 1.8 * u[1]]);
  });

  it("is to be fitted to the true solution, with noise of half a per cent of the mean", () => {
    const data = loss.constants!.data;
    const noisy = lotkaVolterraUDE().loss.constants!.data;
    expect(lotkaVolterraUDE().loss.constants!.data).toEqual(noisy);
    const steps = 400;
    const h = 0.1 / steps;
    const slope = (x: number, y: number): [number, number] => [1.3 * x - 0.9 * x * y, 0.8 * x * y - 1.8 * y];
    let [x, y] = [0.44249296, 4.6280594];
    let [square, mean] = [0, 0];
    for (let k = 0; k < 31; k++) {
      expect(Math.hypot(data.get(k, 0) - x, data.get(k, 1) - y)).toBeLessThan(1e-11);
      square += (noisy.get(k, 1) - data.get(k, 1)) ** 2 / 31;
      mean += data.get(k, 1) / 31;
      [x, y] = rungeKutta(slope, [x, y], h, steps);
    }
    expect(Math.sqrt(square) / mean).toBeGreaterThan(0.0035);
    expect(Math.sqrt(square) / mean).toBeLessThan(0.0065);
  });
});

describe("spiralNeuralODE", () => {
  const { problem, loss } = spiralNeuralODE();

  it("is a layer of 50 and a layer of 2", () => {
    const { W1, W2, b1, b2 } = problem.p;
    const u = [1.2, -0.7];
    const hidden = Array.from(b1, (bias, j) => Math.tanh(W1.get(j, 0) * u[0] ** 3 + W1.get(j, 1) * u[1] ** 3 + bias));
    const expected = Array.from(b2, (bias, i) => hidden.reduce((sum, h, j) => sum + W2.get(i, j) * h, bias));
    const flat = [...W1.data, ...b1, ...W2.data, ...b2];
    expect(flat.length).toBe(252);
    expectClose(derivative(problem, u, flat), expected);
  });

  it("has the same weights each time, of deviation 0.1", () => {
    const [first, again] = [problem, spiralNeuralODE().problem].map(({ p }) => [...p.W1.data, ...p.W2.data]);
    expect(again).toEqual(first);
    const deviation = Math.sqrt(first.reduce((sum, w) => sum + w * w, 0) / first.length);
    expect(deviation).toBeGreaterThan(0.085);
    expect(deviation).toBeLessThan(0.115);
  });

  it("is to be fitted to the true spiral", () => {
    const { data } = loss.constants!;
    let [x, y] = [2, 0];
    const steps = 400;
    const h = 1.5 / 29 / steps;
    const slope = (x: number, y: number): [number, number] => [-0.1 * x ** 3 - 2 * y ** 3, 2 * x ** 3 - 0.1 * y ** 3];
    for (let k = 0; k < 30; k++) {
      expect(Math.hypot(data.get(k, 0) - x, data.get(k, 1) - y)).toBeLessThan(1e-11);
      [x, y] = rungeKutta(slope, [x, y], h, steps);
    }
  });
});
