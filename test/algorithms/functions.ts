/** Special functions and summation. */
import { rows } from "./algorithm.ts";

export const functions = rows(
  {
    name: "gamma, by Lanczos",
    x: [3.7],
    value: 4.170651783796603,
    f: ([z]) => {
      const g = 7;
      const c = [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
      ];
      const gamma = (v: number): number => {
        if (v < 0.5) return Math.PI / (Math.sin(Math.PI * v) * gamma(1 - v));
        v -= 1;
        let a = c[0];
        for (let i = 1; i < g + 2; i++) a += c[i] / (v + i);
        const t = v + g + 0.5;
        return Math.sqrt(2 * Math.PI) * Math.pow(t, v + 0.5) * Math.exp(-t) * a;
      };
      return gamma(z);
    },
  },
  {
    name: "erf, by its series",
    x: [0.7],
    value: 0.6778011938374185,
    f: ([x]) => {
      let term = x;
      let sum = x;
      for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
        term *= (-x * x) / n;
        sum += term / (2 * n + 1);
      }
      return (2 / Math.sqrt(Math.PI)) * sum;
    },
  },
  {
    name: "Bessel's J0, by its series",
    x: [1.5],
    value: 0.5118276717359181,
    f: ([x]) => {
      let [sum, term] = [0, 1];
      for (let k = 1; k < 25; k++) {
        sum += term;
        term *= -(x * x) / (4 * k * k);
      }
      return sum;
    },
  },
  {
    name: "the incomplete gamma function",
    x: [2.5, 1.2],
    f: ([a, x]) => {
      let sum = 1 / a;
      let term = sum;
      let n = a;
      while (term > 1e-16 * sum) {
        n++;
        term *= x / n;
        sum += term;
      }
      return sum * Math.exp(-x + a * Math.log(x));
    },
  },
  {
    name: "a continued fraction, by Lentz",
    x: [1.2],
    f: ([x]) => {
      const tiny = 1e-30;
      let f = tiny,
        C = f,
        D = 0;
      for (let k = 1; k < 60; k++) {
        const [a, b] = [k === 1 ? x : -((k - 1) ** 2) * x * x * -1, 2 * k - 1];
        D = b + a * D || tiny;
        C = b + a / C || tiny;
        D = 1 / D;
        const delta = C * D;
        f *= delta;
        if (Math.abs(delta - 1) < 1e-15) break;
      }
      return f;
    },
    value: Math.atan(1.2),
  },
  {
    name: "a continued fraction, recursive",
    x: [0.5],
    value: Math.tan(0.5),
    f: ([x]) => {
      const tail = (k: number): number => (k > 20 ? 0 : (x * x) / (2 * k + 1 - tail(k + 1)));
      return x / (1 - tail(1));
    },
  },
  {
    name: "Bernoulli's numbers, and zeta by Euler and Maclaurin",
    x: [3],
    value: 1.2020569031595942,
    f: ([s]) => {
      const B = [1];
      for (let m = 1; m <= 8; m++) {
        B[m] = 0;
        let c = 1;
        let sum = 0;
        for (let k = 0; k < m; k++) {
          sum += c * B[k];
          c = (c * (m + 1 - k)) / (k + 1);
        }
        B[m] = -sum / (m + 1);
      }
      const N = 12;
      let zeta = 0;
      for (let n = 1; n < N; n++) zeta += n ** -s;
      zeta += N ** (1 - s) / (s - 1) + 0.5 * N ** -s;
      let product = s;
      let factorial = 2;
      for (let k = 1; k <= 4; k++) {
        zeta += (B[2 * k] * product * N ** (1 - s - 2 * k)) / factorial;
        product *= (s + 2 * k - 1) * (s + 2 * k);
        factorial *= (2 * k + 1) * (2 * k + 2);
      }
      return zeta;
    },
  },
  {
    name: "the arithmetic-geometric mean",
    x: [1, 0.4],
    f: (x) => {
      let [a, b] = x;
      for (let k = 0; k < 6; k++) [a, b] = [(a + b) / 2, Math.sqrt(a * b)];
      return Math.PI / (2 * a);
    },
  },
  {
    name: "Lambert's W, by Halley",
    x: [1.5],
    value: 0.7258613577662263,
    f: ([x]) => {
      let w = Math.log1p(x);
      for (let k = 0; k < 10; k++) {
        const e = Math.exp(w);
        const g = w * e - x;
        w -= g / (e * (w + 1) - ((w + 2) * g) / (2 * w + 2));
      }
      return w;
    },
  },
  {
    name: "Kahan's sum",
    x: [1, 1e-9, 0.3, -0.7],
    value: 0.600000001,
    f: (x) => {
      let sum = 0;
      let c = 0;
      for (const v of x) {
        const y = v - c;
        const t = sum + y;
        c = t - sum - y;
        sum = t;
      }
      return sum;
    },
  },
  {
    name: "pairwise sum, recursive",
    x: [1, 2, 3, 4, 5, 6, 7],
    value: 140,
    f: (x) => {
      const sum = (from: number, to: number): number => {
        if (to - from === 1) return x[from] ** 2;
        const mid = (from + to) >> 1;
        return sum(from, mid) + sum(mid, to);
      };
      return sum(0, x.length);
    },
  },
  {
    name: "log of a sum of exponentials",
    x: [1, 2, 0.5],
    value: Math.log(Math.E + Math.E ** 2 + Math.E ** 0.5),
    f: (x) => {
      const m = Math.max(...x);
      return m + Math.log(x.reduce((s, v) => s + Math.exp(v - m), 0));
    },
  },
  {
    name: "complex arithmetic by a class",
    x: [0.3, 0.5],
    f: ([re, im]) => {
      class Complex {
        constructor(re: number, im: number) {
          this.re = re;
          this.im = im;
        }
        re: number;
        im: number;
        add(o: Complex): Complex {
          return new Complex(this.re + o.re, this.im + o.im);
        }
        mul(o: Complex): Complex {
          return new Complex(this.re * o.re - this.im * o.im, this.re * o.im + this.im * o.re);
        }
        abs(): number {
          return Math.hypot(this.re, this.im);
        }
      }
      const c = new Complex(re, im);
      let z = new Complex(0, 0);
      for (let k = 0; k < 8 && z.abs() < 4; k++) z = z.mul(z).add(c);
      return z.abs();
    },
  },
  {
    name: "quaternions, destructured",
    x: [0.5, 0.5, 0.5, 0.7, 1, 2, 3],
    f: (x) => {
      type Q = { w: number; x: number; y: number; z: number };
      const mul = (a: Q, b: Q): Q => ({
        w: a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
        x: a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
        y: a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
        z: a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w,
      });
      const n = Math.hypot(x[0], x[1], x[2], x[3]);
      const [w, i, j, k] = [0, 1, 2, 3].map((c) => x[c] / n);
      const q = { w, x: i, y: j, z: k };
      const conjugate = { ...q, x: -q.x, y: -q.y, z: -q.z };
      const { x: rx, y: ry, z: rz } = mul(mul(q, { w: 0, x: x[4], y: x[5], z: x[6] }), conjugate);
      return rx + 2 * ry + 3 * rz;
    },
  },
  {
    name: "Rodrigues' rotation",
    x: [1, 2, 3, 0.4],
    f: (x) => {
      const cross = (a: number[], b: number[]): number[] => [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
      ];
      const axis = [1, 2, 2].map((v) => v / 3);
      const v = [x[0], x[1], x[2]];
      const [c, s] = [Math.cos(x[3]), Math.sin(x[3])];
      const kv = cross(axis, v);
      const d = axis.reduce((sum, a, i) => sum + a * v[i], 0);
      return v.map((w, i) => w * c + kv[i] * s + axis[i] * d * (1 - c)).reduce((sum, w, i) => sum + (i + 1) * w, 0);
    },
  },
  {
    name: "unit conversion by keys of text",
    x: [2, 30],
    value: 2000 / 30 / 60,
    constants: { units: { km: 1000, m: 1, min: 60, s: 1 } },
    f: ([distance, time], _p, { units }: { units: Record<string, number> }) => {
      const convert = (v: number, unit: string): number => v * units[unit];
      return convert(distance, "km") / convert(time, "min");
    },
  },
);
