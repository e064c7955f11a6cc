import { ndarray, odeProblem } from "odegrad";

// Heat that spreads over a plate of 32 x 32 cells from two warm spots, and is lost.
const n = 32;
const spot = (i, j, row, column) => Math.exp(-((i - row) ** 2 + (j - column) ** 2) / 8);
const warm = Float64Array.from({ length: n * n }, (_, k) => {
  const [i, j] = [Math.floor(k / n), k % n];
  return spot(i, j, 10, 10) + 0.7 * spot(i, j, 21, 22);
});

export default odeProblem({
  name: "Diffusion",
  rhs(du, u, p) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        const here = u.get(i, j);
        const above = i > 0 ? u.get(i - 1, j) : here;
        const below = i < n - 1 ? u.get(i + 1, j) : here;
        const left = j > 0 ? u.get(i, j - 1) : here;
        const right = j < n - 1 ? u.get(i, j + 1) : here;
        du.set(i, j, p.spread * (above + below + left + right - 4 * here) - p.loss * here);
      }
    }
  },
  u0: ndarray(warm, [n, n]),
  tspan: [0, 10],
  p: { spread: 1, loss: 0.05 },
});
