/**
 * A wave in a periodic medium that damps it, looked at through the packages around `ndarray`: results are arrays as theirs are, and theirs are
 * taken as states. Run it by `npx tsx examples/spectrum.ts`, with `npm install ndarray ndarray-fft ndarray-ops`.
 */
import { createRequire } from "node:module";
import packaged, { type NdArray } from "ndarray";
import ops from "ndarray-ops";
import { odeProblem, solve } from "odegrad";

// It comes without declarations.
const fft = createRequire(import.meta.url)("ndarray-fft") as (direction: 1 | -1, re: NdArray, im: NdArray) => void;

const n = 32;
const angle = (i: number): number => (2 * Math.PI * i) / n;

const medium = odeProblem({
  // u is carried along at speed 1 and spreads: advection by central differences, and diffusion.
  rhs(du, u, p, _t, { n }) {
    const h = (2 * Math.PI) / n;
    for (let i = 0; i < n; i++) {
      const [left, right] = [u.get((i + n - 1) % n), u.get((i + 1) % n)];
      du.set(i, (left - right) / (2 * h) + (p.D * (left - 2 * u.get(i) + right)) / (h * h));
    }
  },
  u0: packaged(Float64Array.from({ length: n }, (_, i) => Math.cos(angle(i)) + 0.5 * Math.cos(4 * angle(i)))),
  p: { D: 0.1 },
  tspan: [0, 2],
  constants: { n },
});

const { t, u } = solve(medium, { saveat: 0.5, rtol: 1e-9, atol: 1e-9 });

/** The sizes of some modes. */
function modes(field: NdArray, which: readonly number[]): number[] {
  const [re, im] = [packaged(new Float64Array(n)), packaged(new Float64Array(n))];
  ops.assign(re, field);
  fft(1, re, im);
  return which.map((k) => (2 / n) * Math.hypot(re.get(k), im.get(k)));
}

for (const [i, field] of u.entries()) {
  const [first, fourth] = modes(field, [1, 4]);
  console.log(`t = ${t[i].toFixed(1)}: mode 1 ${first.toFixed(4)}, mode 4 ${fourth.toFixed(4)}`);
}
const change = packaged(u.at(-1)!.data.slice());
ops.subeq(change, u[0]);
console.log(`the field moved by ${ops.norm2(change).toFixed(4)}`);
