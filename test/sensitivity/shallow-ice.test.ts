/**
 * Ice that flows under its own weight (the shallow-ice approximation with Glen's law, n = 3): powers of the thickness, and masks where
 * there is none. Hutter, "Theoretical Glaciology", 1983, chapter 5.
 */
import { expect, test } from "vitest";
import { gradient, odeProblem, solve } from "../../index.ts";

const N = 20;

function overGrid(f: (x: number, y: number) => number): Float64Array {
  return Float64Array.from({ length: N * N }, (_, k) => f((k % N) / (N - 1) - 0.5, Math.floor(k / N) / (N - 1) - 0.5));
}

const ice = odeProblem({
  name: "shallowIce",
  rhs(dH: Float64Array, H: Float64Array, p: { balance: Float64Array }, _t, c: { N: number; dx: number; gamma: number }) {
    const { N, dx, gamma } = c;
    for (let k = 0; k < N * N; k++) {
      const balance = p.balance[k];
      dH[k] = balance > 0 ? balance : H[k] > 0 ? (balance * H[k]) / (H[k] + 0.02) : 0;
    }
    for (let axis = 0; axis < 2; axis++) {
      const along = axis === 0 ? 1 : N;
      const across = axis === 0 ? N : 1;
      for (let j = 0; j < N; j++) {
        for (let i = 0; i < N - 1; i++) {
          const a = j * across + i * along;
          const b = a + along;
          const above = j < N - 1 ? H[a + across] + H[b + across] : H[a] + H[b];
          const below = j > 0 ? H[a - across] + H[b - across] : H[a] + H[b];
          const slope = (H[b] - H[a]) / dx;
          const steepness = Math.sqrt(slope ** 2 + ((above - below) / (4 * dx)) ** 2);
          const thickness = 0.5 * (H[a] + H[b]);
          const flux = thickness > 0 ? gamma * thickness ** 5 * steepness ** 2 * slope : 0;
          dH[a] += flux / dx;
          dH[b] -= flux / dx;
        }
      }
    }
  },
  u0: overGrid((x, y) => Math.sqrt(Math.max(0, 1 - 6 * (x * x + y * y)))),
  p: { balance: overGrid((x, y) => 0.18 - 0.9 * (x * x + y * y)) },
  tspan: [0, 2],
  constants: { N, dx: 1 / N, gamma: 0.02 },
});

const loss = {
  final: (H: Float64Array) => {
    let sum = 0;
    for (let k = 0; k < H.length; k++) sum += H[k] ** 2;
    return sum;
  },
};

test("the gradient by the mass balance is that of differences, with nothing said", () => {
  const found = gradient(ice, { loss });
  expect(found.flat.p!.every(Number.isFinite)).toBe(true);
  for (const turn of [1, 2]) {
    const direction = ice.p.balance.map((_, k) => Math.sin(k * turn + turn));
    const along = found.flat.p!.reduce((sum, slope, k) => sum + slope * direction[k], 0);
    const moved = (h: number): number => {
      const p = { balance: ice.p.balance.map((x, k) => x + h * direction[k]) };
      return loss.final(solve(ice, { p, rtol: 1e-8, atol: 1e-10, saveat: [2] }).u[0] as Float64Array);
    };
    const difference = (moved(1e-4) - moved(-1e-4)) / 2e-4;
    expect(Math.abs(along / difference - 1)).toBeLessThan(1e-2);
  }
});
