/** Layers, held to the same written by hand, to the bit, and their gradients to differences. */
import { describe, expect, it } from "vitest";
import { odeProblem } from "../../../src/problem/problem.ts";
import { add, matmul, mul, pow, relu, tanh } from "../../../src/operations/plain-operations.ts";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { differentiable } from "../../../sensitivity/index.ts";
import { checkGradient } from "../../../sensitivity/check-gradient.ts";
import { gradient } from "../../../sensitivity/gradient.ts";
import { solve } from "../../../solvers/solve/solve.ts";
import { BadLayer, chain, dense, gelu, layerNorm, rbf, skip, swish } from "../../../training/index.ts";

const x = [0.3, -0.7];

describe("a layer, called plainly", () => {
  it("is activation(W x + b)", () => {
    const layer = dense(2, 3, tanh);
    const p = { W: ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]), b: Float64Array.of(0.1, 0.2, 0.3) };
    const byHand = [0, 1, 2].map((i) => Math.tanh((2 * i + 1) * x[0] + (2 * i + 2) * x[1] + p.b[i]));
    expect([...layer(x, p).data]).toEqual(byHand);
    expect([...dense(2, 3, undefined, { bias: false })(x, p).data]).toEqual([...matmul(p.W, x).data]);
  });

  it("goes through a chain with its functions, and around a skip", () => {
    const [first, second] = [dense(2, 2, tanh), dense(2, 1)];
    const net = chain((y) => pow(y, 3), skip(first), second);
    const p = net.initial(3);
    expect(Object.keys(p)).toEqual(["layer1", "layer2"]);
    const cubes = pow(x, 3);
    expect([...net(x, p).data]).toEqual([...second(add(first(cubes, p.layer1), cubes), p.layer2).data]);
  });

  it("of layer normalisation has mean 0 and variance 1, scaled and shifted", () => {
    const layer = layerNorm(4, { epsilon: 1e-12 });
    const plain = [...layer([1, 2, 3, 6], layer.initial()).data];
    expect(plain.reduce((sum, y) => sum + y)).toBeCloseTo(0, 12);
    expect(plain.reduce((sum, y) => sum + y ** 2, 0) / 4).toBeCloseTo(1, 10);
    const p = { scale: Float64Array.of(2, 2, 2, 2), shift: Float64Array.of(1, 1, 1, 1) };
    expect([...layer([1, 2, 3, 6], p).data]).toEqual(plain.map((y) => 2 * y + 1));
  });

  it.each([
    ["swish", swish, 1 / (1 + Math.exp(-1))],
    // Φ(1) = 0.841344746…; the tanh form differs by less than 1e-3.
    ["gelu", gelu, 0.8413447],
    ["rbf", rbf, Math.exp(-1)],
  ] as const)("%s at 1", (_, activation, value) => {
    expect(activation([1]).get(0)).toBeCloseTo(value, 3);
    expect(activation([0]).get(0)).toBe(activation === rbf ? 1 : 0);
  });
});

describe("initial parameters", () => {
  it("are the same of a seed, and others of another, also between layers", () => {
    const net = chain(dense(4, 4, tanh), dense(4, 4, tanh));
    expect(net.initial(5)).toEqual(net.initial(5));
    expect(net.initial(5)).not.toEqual(net.initial(6));
    const { layer0, layer1 } = net.initial(5);
    expect(layer0.W).not.toEqual(layer1.W);
    expect(net.initial()).toEqual(net.initial(1));
    expect(net.parameterCount).toBe(40);
  });

  // Glorot and Bengio 2010, equations 12 and 16; He et al. 2015, equation 10.
  it.each([
    ["glorotUniform", 2 / 500, Math.sqrt(6 / 500)],
    ["glorotNormal", 2 / 500, Infinity],
    ["kaimingUniform", 2 / 300, Math.sqrt(6 / 300)],
    ["kaimingNormal", 2 / 300, Infinity],
  ] as const)("%s have the variance of the paper", (weights, variance, bound) => {
    const { W, b } = dense(300, 200, relu, { weights }).initial(2);
    const mean = W.data.reduce((sum, w) => sum + w, 0) / W.size;
    const square = W.data.reduce((sum, w) => sum + w ** 2, 0) / W.size;
    expect(Math.abs(mean)).toBeLessThan((4 * Math.sqrt(variance)) / Math.sqrt(W.size));
    expect(square / variance).toBeCloseTo(1, 1);
    expect(Math.max(...W.data.map(Math.abs))).toBeLessThanOrEqual(bound);
    expect([...b]).toEqual(new Array(200).fill(0));
  });

  it("of `zeros` are no change at all", () => {
    const last = dense(3, 2, undefined, { weights: "zeros" });
    expect([...last([1, 2, 3], last.initial()).data]).toEqual([0, 0]);
  });
});

describe("a network in a right-hand side", () => {
  const net = chain(dense(2, 5, tanh), dense(5, 2));
  const p = { rate: 0.5, net: net.initial(4) };
  const options = { u0: { x: 1, y: 0.5 }, tspan: [0, 1] as [number, number], p };
  const withLayers = odeProblem({
    ...options,
    rhs(du, u, { rate, net: weights }, _t, constants) {
      const y = constants.net([u.x, u.y], weights);
      du.x = y.get(0) - rate * u.x;
      du.y = y.get(1);
    },
    constants: { net },
  });
  const byHand = odeProblem({
    ...options,
    rhs(du, u, { rate, net: { layer0, layer1 } }) {
      const y = add(matmul(layer1.W, tanh(add(matmul(layer0.W, [u.x, u.y]), layer0.b))), layer1.b);
      du.x = y.get(0) - rate * u.x;
      du.y = y.get(1);
    },
  });

  it("is the same written by hand, to the bit, solution and gradient", () => {
    const [a, b] = [solve(withLayers), solve(byHand)];
    expect(a.stats.compiled).toBe(true);
    expect([...a.t]).toEqual([...b.t]);
    expect(a.u.at(-1)).toEqual(b.u.at(-1));
    const of = { loss: { final: (u: { x: number; y: number }) => u.x + u.y ** 2 } };
    expect(gradient(withLayers, of).gradient).toEqual(gradient(byHand, of).gradient);
  });

  it("has a gradient that differences confirm, in loops, with every kind of layer", () => {
    const deep = chain(
      (y) => pow(y, 2),
      dense(2, 4, gelu),
      skip(chain(layerNorm(4), dense(4, 4, swish, { bias: false }))),
      dense(4, 4, rbf),
      dense(4, 2, relu),
      (y) => mul(y, 2),
    );
    const cells = odeProblem({
      rhs(du, u, weights, _t, constants) {
        for (let i = 0; i < 3; i++) {
          const y = constants.deep([u[i], u[(i + 1) % 3]], weights);
          du[i] = y.get(0) - y.get(1) - u[i];
        }
      },
      u0: [0.5, 0.2, 0.9],
      tspan: [0, 1],
      p: deep.initial(2),
      constants: { deep },
    });
    expect(solve(cells).stats.compiled).toBe(true);
    const report = checkGradient(cells, { loss: { final: (u) => u[0] + u[1] * u[2] }, wrt: ["p", "u0"], rtol: 1e-8, atol: 1e-8 });
    expect(String(report)).toContain("agree");
  });

  it("may be chains in chains, and layers of one's own", () => {
    const own = differentiable((y: readonly number[], { a }: { a: number }) => [a * y[0], y[1]]);
    const nested = chain(chain(chain(dense(2, 3, tanh), dense(3, 2)), dense(2, 2)), (y) => own([y.get(0), y.get(1)], { a: 2 }));
    const problem = odeProblem({
      rhs: (u, weights, _t, { nested: f }) => f(u, weights),
      u0: Float64Array.of(1, 2),
      tspan: [0, 1],
      p: nested.initial(),
      constants: { nested },
    });
    const { u, stats } = solve(problem);
    expect(stats.reason).toBeUndefined();
    expect(u.at(-1)).toHaveLength(2);
  });
});

describe("what is no layer is refused by name", () => {
  it.each([
    [() => dense(0, 2), "dense: `inputs` is 0, but must be a whole number from 1 to 2147483647."],
    [() => dense(2, 1.5), "`outputs` is 1.5"],
    [() => dense(2, 2, tanh, { weights: "he" as never }), 'weights are "he". They may be glorotUniform'],
    [() => dense(2, 2, { bias: false } as never), "options come after it"],
    [() => dense(2, 2).initial(0.5), "The seed is 0.5"],
    [() => chain(), "there is no layer"],
    [() => chain(dense(2, 2), 3 as never), "layer 1 is 3"],
    [() => skip(tanh as never), "takes a layer"],
    [() => layerNorm(-1), "layerNorm: `size` is -1"],
  ])("%s", (make, message) => {
    expect(make).toThrow(BadLayer);
    expect(make).toThrow(message);
  });

  it("so are unknown options, and inputs of another length", () => {
    expect(() => dense(2, 2, tanh, { biases: false } as never)).toThrow("biases");
    expect(() => layerNorm(2, { eps: 1 } as never)).toThrow("eps");
    const net = dense(2, 2);
    expect(() => net([1, 2, 3], net.initial())).toThrow("matmul");
  });
});
