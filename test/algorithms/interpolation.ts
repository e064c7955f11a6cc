/** Interpolation, polynomials, quadrature and roots. */
import { rows } from "./algorithm.ts";

const table = { xs: [0, 1, 2, 3, 4], ys: [1, 2, 0.5, -1, 0.7] };
type Table = typeof table;

export const interpolation = rows(
  {
    name: "binary search in a table, linear between",
    x: [2.3],
    constants: table,
    value: 0.5 - 1.5 * 0.3,
    f: ([at], _p, { xs, ys }: Table) => {
      let lo = 0;
      let hi = xs.length - 1;
      while (hi - lo > 1) {
        const mid = (lo + hi) >> 1;
        if (xs[mid] <= at) lo = mid;
        else hi = mid;
      }
      const w = (at - xs[lo]) / (xs[hi] - xs[lo]);
      return ys[lo] + w * (ys[hi] - ys[lo]);
    },
  },
  {
    name: "a table by findIndex",
    x: [2.3],
    constants: table,
    f: ([at], _p, { xs, ys }: Table) => {
      const i = xs.findIndex((v) => v > at);
      if (i <= 0) return ys[0];
      const [a, b] = [xs[i - 1], xs[i]];
      return (ys[i - 1] * (b - at) + ys[i] * (at - a)) / (b - a);
    },
  },
  {
    name: "a natural cubic spline",
    x: [1, 2, 0.5, -1, 0.7, 2.3],
    f: (x) => {
      const n = 4;
      const h = 1;
      const M = new Float64Array(n + 1);
      const c = new Float64Array(n + 1);
      for (let i = 1; i < n; i++) {
        const rhs = (6 * (x[i + 1] - 2 * x[i] + x[i - 1])) / (h * h);
        const m = 4 - c[i - 1];
        c[i] = 1 / m;
        M[i] = (rhs - M[i - 1]) / m;
      }
      for (let i = n - 1; i > 0; i--) M[i] -= c[i] * M[i + 1];
      const at = x[5];
      const k = Math.min(Math.floor(at), n - 1);
      const [a, b] = [k + 1 - at, at - k];
      return a * x[k] + b * x[k + 1] + (((a ** 3 - a) * M[k] + (b ** 3 - b) * M[k + 1]) * h * h) / 6;
    },
  },
  {
    name: "Hermite's cubic",
    x: [1, 2, 0.5, -1, 0.3],
    f: ([y0, y1, m0, m1, s]) => {
      const h00 = 2 * s ** 3 - 3 * s ** 2 + 1;
      const h10 = s ** 3 - 2 * s ** 2 + s;
      return h00 * y0 + h10 * m0 + (1 - h00) * y1 + (s ** 3 - s ** 2) * m1;
    },
  },
  {
    name: "Catmull and Rom, over a path of objects",
    x: [0, 0, 1, 2, 3, 1, 4, 3, 0.4],
    f: (x) => {
      const points = [0, 2, 4, 6].map((i) => ({ x: x[i], y: x[i + 1] }));
      const at = (key: "x" | "y", s: number): number => {
        const [a, b, c, d] = points.map((q) => q[key]);
        return 0.5 * (2 * b + (c - a) * s + (2 * a - 5 * b + 4 * c - d) * s * s + (3 * b - a - 3 * c + d) * s ** 3);
      };
      return at("x", x[8]) + 2 * at("y", x[8]);
    },
  },
  {
    name: "Lagrange",
    x: [1, 2, 0.5, -1, 1.7],
    f: (x) => {
      let sum = 0;
      for (let i = 0; i < 4; i++) {
        let term = x[i];
        for (let j = 0; j < 4; j++) if (j !== i) term *= (x[4] - j) / (i - j);
        sum += term;
      }
      return sum;
    },
  },
  {
    name: "Newton's divided differences",
    x: [1, 2, 0.5, -1, 1.7],
    f: (x) => {
      const c = Array.from(x.slice(0, 4));
      for (let j = 1; j < 4; j++) for (let i = 3; i >= j; i--) c[i] = (c[i] - c[i - 1]) / j;
      return c.reduceRight((acc, v, i) => acc * (x[4] - i) + v, 0);
    },
  },
  {
    name: "barycentric",
    x: [1, 2, 0.5, -1, 1.7],
    f: (x) => {
      const w = [-1, 3, -3, 1];
      let [top, bottom] = [0, 0];
      w.forEach((v, i) => {
        const q = v / (x[4] - i);
        top += q * x[i];
        bottom += q;
      });
      return top / bottom;
    },
  },
  {
    name: "Neville",
    x: [1, 2, 0.5, -1, 1.7],
    f: (x) => {
      const q = [x[0], x[1], x[2], x[3]];
      for (let k = 1; k < 4; k++) {
        for (let i = 0; i < 4 - k; i++) q[i] = ((x[4] - (i + k)) * q[i] + (i - x[4]) * q[i + 1]) / -k;
      }
      return q[0];
    },
  },
  {
    name: "Aitken's delta squared",
    x: [0.8],
    f: ([a]) => {
      let x0 = 1;
      for (let k = 0; k < 4; k++) {
        const x1 = Math.cos(a * x0);
        const x2 = Math.cos(a * x1);
        const d = x2 - 2 * x1 + x0;
        if (Math.abs(d) < 1e-12) break;
        x0 -= (x1 - x0) ** 2 / d;
      }
      return x0;
    },
  },
  {
    name: "bilinear",
    x: [1, 2, 3, 5, 0.3, 0.6],
    value: 1 * 0.7 * 0.4 + 2 * 0.3 * 0.4 + 3 * 0.7 * 0.6 + 5 * 0.3 * 0.6,
    f: (v) => {
      const grid = [
        [v[0], v[1]],
        [v[2], v[3]],
      ];
      const lerp = (a: number, b: number, w: number): number => a + (b - a) * w;
      const [bottom, top] = grid.map(([l, r]) => lerp(l, r, v[4]));
      return lerp(bottom, top, v[5]);
    },
  },
  {
    name: "Horner",
    x: [1, -2, 0.5, 3, 1.1],
    f: (x) => {
      let y = 0;
      for (let i = 3; i >= 0; i--) y = y * x[4] + x[i];
      return y;
    },
  },
  {
    name: "Clenshaw",
    x: [1, -2, 0.5, 3, 0.4],
    value: 1 - 2 * 0.4 + 0.5 * (2 * 0.16 - 1) + 3 * (4 * 0.064 - 1.2),
    f: (c) => {
      let [b1, b2] = [0, 0];
      for (let k = 3; k >= 1; k--) [b1, b2] = [2 * c[4] * b1 - b2 + c[k], b1];
      return c[4] * b1 - b2 + c[0];
    },
  },
  {
    name: "Legendre's polynomials by recurrence",
    x: [0.3],
    value: (35 * 0.3 ** 4 - 30 * 0.3 ** 2 + 3) / 8,
    f: ([x]) => {
      const P = [1, x];
      for (let n = 1; n < 4; n++) P.push(((2 * n + 1) * x * P[n] - n * P[n - 1]) / (n + 1));
      return P[4];
    },
  },
  {
    name: "Hermite's polynomials, recursive",
    x: [0.3],
    value: 16 * 0.3 ** 4 - 48 * 0.3 ** 2 + 12,
    f: ([x]) => {
      function H(n: number): number {
        if (n === 0) return 1;
        if (n === 1) return 2 * x;
        return 2 * x * H(n - 1) - 2 * (n - 1) * H(n - 2);
      }
      return H(4);
    },
  },
  {
    name: "roots by Durand and Kerner",
    x: [-6, 11, -6.5],
    f: ([c, b, a]) => {
      const mul = (p: Z, q: Z): Z => ({ re: p.re * q.re - p.im * q.im, im: p.re * q.im + p.im * q.re });
      const div = (p: Z, q: Z): Z => {
        const d = q.re * q.re + q.im * q.im;
        return { re: (p.re * q.re + p.im * q.im) / d, im: (p.im * q.re - p.re * q.im) / d };
      };
      type Z = { re: number; im: number };
      let roots: Z[] = [
        { re: 1, im: 0 },
        { re: 0.4, im: 0.9 },
        { re: -0.65, im: 0.72 },
      ];
      for (let k = 0; k < 40; k++) {
        roots = roots.map((r, i) => {
          let value = { re: r.re + a, im: r.im };
          value = mul(value, r);
          value.re += b;
          value = mul(value, r);
          value.re += c;
          let q = { re: 1, im: 0 };
          roots.forEach((s, j) => {
            if (i !== j) q = mul(q, { re: r.re - s.re, im: r.im - s.im });
          });
          const step = div(value, q);
          return { re: r.re - step.re, im: r.im - step.im };
        });
      }
      return roots.reduce((s, r) => s + r.re ** 3, 0);
    },
  },
  {
    name: "Simpson",
    x: [1.3, 0.4],
    f: ([a, k]) => {
      const g = (s: number): number => Math.exp(-k * s) * Math.sin(a * s);
      const n = 20;
      let sum = g(0) + g(2);
      for (let i = 1; i < n; i++) sum += (i % 2 ? 4 : 2) * g((2 * i) / n);
      return (sum * 2) / n / 3;
    },
  },
  {
    name: "trapezoids to a bound that varies",
    x: [1.3, 0.4],
    f: ([b, k]) => {
      let s = 0;
      const h = b / 50;
      for (let i = 0; i <= 50; i++) s += (i === 0 || i === 50 ? 0.5 : 1) * Math.cos(k * i * h);
      return s * h;
    },
  },
  {
    name: "Gauss and Legendre",
    x: [1.3, 0.4],
    f: ([a, k]) => {
      const nodes: [number, number][] = [
        [-Math.sqrt(0.6), 5 / 9],
        [0, 8 / 9],
        [Math.sqrt(0.6), 5 / 9],
      ];
      return nodes.reduce((s, [x, w]) => s + w * Math.exp(k * x) * Math.cos(a * x), 0);
    },
  },
  {
    name: "Romberg",
    x: [1.3],
    f: ([a]) => {
      const g = (s: number): number => Math.exp(a * s);
      const R: number[][] = [[0.5 * (g(0) + g(1))]];
      for (let n = 1; n < 6; n++) {
        const h = 1 / 2 ** n;
        let sum = 0;
        for (let k = 1; k <= 2 ** (n - 1); k++) sum += g((2 * k - 1) * h);
        R.push([0.5 * R[n - 1][0] + h * sum]);
        for (let m = 1; m <= n; m++) R[n].push(R[n][m - 1] + (R[n][m - 1] - R[n - 1][m - 1]) / (4 ** m - 1));
      }
      return R[5][5];
    },
  },
  {
    name: "adaptive Simpson, recursive",
    x: [1.3, 0.2],
    f: ([a, w]) => {
      const g = (s: number): number => a / (s * s + w);
      const rule = (l: number, r: number): number => ((r - l) / 6) * (g(l) + 4 * g((l + r) / 2) + g(r));
      const go = (l: number, r: number, whole: number, eps: number): number => {
        const m = (l + r) / 2;
        const [left, right] = [rule(l, m), rule(m, r)];
        if (Math.abs(left + right - whole) < 15 * eps) return left + right + (left + right - whole) / 15;
        return go(l, m, left, eps / 2) + go(m, r, right, eps / 2);
      };
      return go(0, 2, rule(0, 2), 1e-9);
    },
  },
  {
    name: "Newton until it rests",
    x: [2.5],
    value: Math.sqrt(2.5),
    f: ([a]) => {
      let y = 1;
      for (let k = 0; k < 50; k++) {
        const step = (y * y - a) / (2 * y);
        y -= step;
        if (Math.abs(step) < 1e-14) break;
      }
      return y;
    },
  },
  {
    name: "secant",
    x: [2.5, 0.3],
    f: ([a, b]) => {
      const g = (y: number): number => y ** 3 + b * y - a;
      let [y0, y1] = [1, 2];
      while (Math.abs(y1 - y0) > 1e-10) [y0, y1] = [y1, y1 - (g(y1) * (y1 - y0)) / (g(y1) - g(y0))];
      return y1;
    },
  },
  {
    name: "bisection, then Newton once",
    x: [2.5],
    f: ([a]) => {
      let lo = 0,
        hi = 3;
      while (hi - lo > 1e-6) {
        const mid = (lo + hi) / 2;
        if (mid ** 3 > a) hi = mid;
        else lo = mid;
      }
      const y = (lo + hi) / 2;
      return y - (y ** 3 - a) / (3 * y * y);
    },
  },
  {
    name: "fixed point",
    x: [0.7],
    f: ([a]) => {
      let y = 0.5,
        before;
      do {
        before = y;
        y = Math.cos(a * y);
      } while (Math.abs(y - before) > 1e-14);
      return y;
    },
  },
  {
    name: "golden section, and the value there",
    x: [1.3, 0.4],
    f: ([a, b]) => {
      const phi = (Math.sqrt(5) - 1) / 2;
      const g = (s: number): number => (s - a) ** 2 + b;
      let [l, r] = [0, 3];
      for (let k = 0; k < 60; k++) {
        const [m1, m2] = [r - phi * (r - l), l + phi * (r - l)];
        if (g(m1) < g(m2)) r = m2;
        else l = m1;
      }
      return g((l + r) / 2);
    },
  },
  {
    name: "one step of Nelder and Mead",
    x: [1.3, 0.4],
    f: ([a, b]) => {
      const g = ([s, r]: number[]): number => (s - a) ** 2 + 2 * (r - b) ** 2 + a * b;
      const simplex = [
        [0, 0],
        [1, 0.1],
        [0.2, 1.1],
      ].map((at) => ({ at, value: g(at) }));
      simplex.sort((l, r) => l.value - r.value);
      const [best, middle, worst] = simplex;
      const centre = best.at.map((v, i) => (v + middle.at[i]) / 2);
      const reflected = centre.map((v, i) => 2 * v - worst.at[i]);
      return Math.min(g(reflected), worst.value) + best.value;
    },
  },
  {
    name: "Brent",
    x: [2.5],
    f: ([a]) => {
      const g = (s: number): number => Math.exp(s) - a - s * s;
      let l = 0,
        r = 2,
        fl = g(l),
        fr = g(r),
        c = l,
        fc = fl,
        flag = true,
        d = 0;
      for (let k = 0; k < 60 && fr !== 0 && Math.abs(r - l) > 1e-13; k++) {
        let s =
          fl !== fc && fr !== fc
            ? (l * fr * fc) / ((fl - fr) * (fl - fc)) +
              (r * fl * fc) / ((fr - fl) * (fr - fc)) +
              (c * fl * fr) / ((fc - fl) * (fc - fr))
            : r - (fr * (r - l)) / (fr - fl);
        const q = (3 * l + r) / 4;
        if (
          (s < q && s < r) ||
          (s > q && s > r) ||
          (flag ? Math.abs(s - r) >= Math.abs(r - c) / 2 : Math.abs(s - r) >= Math.abs(c - d) / 2)
        ) {
          s = (l + r) / 2;
          flag = true;
        } else flag = false;
        const fs = g(s);
        d = c;
        c = r;
        fc = fr;
        if (fl * fs < 0) [r, fr] = [s, fs];
        else [l, fl] = [s, fs];
        if (Math.abs(fl) < Math.abs(fr)) [l, r, fl, fr] = [r, l, fr, fl];
      }
      const slope = Math.exp(r) - 2 * r;
      return r - g(r) / slope;
    },
  },
);
