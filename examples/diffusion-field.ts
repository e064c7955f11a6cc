/**
 * What a plate is made of, from how heat spreads in it: the conductivity of each of 8 x 8 cells, from temperatures after a heating near each
 * of its corners. First the gradient of one temperature by the whole field, by one solve and one way back; then the field, with errors.
 */
import { gradient, ndarray, odeProblem, remake, solve, type NdArray } from "odegrad";
import { fit, observations } from "odegrad/training";

const n = 8;
const cells = Array.from({ length: n * n }, (_, k) => [Math.floor(k / n), k % n]);
const field = (of: (x: number, y: number) => number): NdArray =>
  ndarray(
    Float64Array.from(cells, ([i, j]) => of((i + 0.5) / n, (j + 0.5) / n)),
    [n, n],
  );
const bump = (x: number, y: number, width: number): number => Math.exp((-x * x - y * y) / width);
const heated = (x0: number, y0: number) => ({ heat: field((x, y) => 100 * bump(x - x0, y - y0, 0.1)) });

const plate = odeProblem({
  // Between cells flows what the mean of both conductivities lets through. The rim, half a cell away, is kept at zero degrees.
  rhs(du, u, p, _t, { n, sides }) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const [own, here] = [Math.exp(p.log.get(i, j)), u.heat.get(i, j)];
        let flow = 0;
        for (const [down, right] of sides) {
          const [a, b] = [i + down, j + right];
          if (a < 0 || a === n || b < 0 || b === n) flow -= 2 * own * here;
          else flow += ((own + Math.exp(p.log.get(a, b))) / 2) * (u.heat.get(a, b) - here);
        }
        du.heat.set(i, j, n * n * flow);
      }
    }
  },
  u0: heated(0.2, 0.2),
  tspan: [0, 0.1],
  p: { log: field(() => 0) },
  constants: { n, sides: [0, 1, 2, 3].map((k) => [(k - 1) % 2, (k - 2) % 2]) },
});
const map = (of: NdArray): string =>
  cells.map(([i, j]) => of.get(i, j).toFixed(2).padStart(6) + (j === n - 1 ? "\n" : "")).join("");
const { p } = gradient(plate, { loss: { final: (u) => u.heat.get(5, 5) } }).gradient;
console.log("the temperature of cell (5, 5) at the end, by the logarithm of each conductivity:\n" + map(p!.log));

// The true plate conducts well in one place and badly in another; thermometers err by 0.1 degrees.
const truth = field((x, y) => 1.4 * bump(x - 0.3, y - 0.3, 0.05) - 1.5 * bump(x - 0.7, y - 0.6, 0.05));
let random = 20260101;
const next = (): number => (random = (16807 * random) % 2147483647) / 2147483647;
const error = (): number => 0.1 * Math.sqrt(-2 * Math.log(next())) * Math.cos(2 * Math.PI * next());
const t = Array.from({ length: 10 }, (_, k) => (k + 1) / 100);
const data = [0, 1, 2, 3].map((corner) => {
  const u0 = heated(corner < 2 ? 0.2 : 0.8, corner % 2 ? 0.2 : 0.8);
  const { u } = solve(remake(plate, { p: { log: truth }, u0 }), { saveat: t });
  const values = cells.map(([i, j]) => [`heat[${i},${j}]`, u.map(({ heat }) => heat.get(i, j) + error())]);
  return observations<typeof u0>({ t, values: Object.fromEntries(values), u0, sigma: 0.1 });
});
const fitted = await fit(plate, data);
console.log("found:\n" + map(fitted.p.log) + "\ntrue:\n" + map(truth));
const errors = fitted.parameters.map(({ standardError }) => standardError);
const near = errors.filter((one, k) => Math.abs(fitted.p.log.data[k] - truth.data[k]) < 1.96 * one).length;
console.log(near, "of", n * n, "within 1.96 standard errors of the truth, the largest of which is", Math.max(...errors));
