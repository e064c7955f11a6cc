/** Transforms, filters and sequences of samples. */
import { rows } from "./algorithm.ts";

const eight = [1, 0.5, -0.3, 0.8, 1.2, -0.7, 0.1, 0.4];

interface Complex {
  re: number;
  im: number;
}

export const series = rows(
  {
    name: "FFT, recursive, with objects",
    x: eight,
    f: (x) => {
      const fft = (a: Complex[]): Complex[] => {
        const n = a.length;
        if (n === 1) return a;
        const even = fft(a.filter((_, i) => i % 2 === 0));
        const odd = fft(a.filter((_, i) => i % 2 === 1));
        const out: Complex[] = new Array(n);
        for (let k = 0; k < n / 2; k++) {
          const angle = (-2 * Math.PI * k) / n;
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const re = c * odd[k].re - s * odd[k].im;
          const im = c * odd[k].im + s * odd[k].re;
          out[k] = { re: even[k].re + re, im: even[k].im + im };
          out[k + n / 2] = { re: even[k].re - re, im: even[k].im - im };
        }
        return out;
      };
      return fft(Array.from(x, (re) => ({ re, im: 0 }))).reduce((s, { re, im }, k) => s + (k + 1) * (re * re + im * im), 0);
    },
  },
  {
    name: "FFT, iterative, bits reversed",
    x: eight,
    f: (x) => {
      const n = 8;
      const re = new Float64Array(n);
      const im = new Float64Array(n);
      for (let i = 0; i < n; i++) {
        let r = 0;
        for (let b = 0; b < 3; b++) if (i & (1 << b)) r |= 1 << (2 - b);
        re[r] = x[i];
      }
      for (let size = 2; size <= n; size *= 2) {
        const half = size >> 1;
        for (let start = 0; start < n; start += size) {
          for (let k = 0; k < half; k++) {
            const angle = (-2 * Math.PI * k) / size;
            const i = start + k;
            const j = i + half;
            const tr = re[j] * Math.cos(angle) - im[j] * Math.sin(angle);
            const ti = re[j] * Math.sin(angle) + im[j] * Math.cos(angle);
            re[j] = re[i] - tr;
            im[j] = im[i] - ti;
            re[i] += tr;
            im[i] += ti;
          }
        }
      }
      let s = 0;
      for (let k = 0; k < n; k++) s += (k + 1) * (re[k] ** 2 + im[k] ** 2);
      return s;
    },
  },
  {
    name: "discrete cosine transform",
    x: eight,
    f: (x) => {
      const N = x.length;
      return Array.from({ length: N }, (_, k) =>
        x.reduce((s, v, n) => s + v * Math.cos((Math.PI / N) * (n + 0.5) * k), 0),
      ).reduce((s, c, k) => s + c * c * (k + 1), 0);
    },
  },
  {
    name: "Goertzel",
    x: eight,
    f: (x) => {
      const w = (2 * Math.PI * 2) / x.length;
      const c = 2 * Math.cos(w);
      let s1 = 0;
      let s2 = 0;
      for (const v of x) {
        const s0 = v + c * s1 - s2;
        s2 = s1;
        s1 = s0;
      }
      return s1 * s1 + s2 * s2 - c * s1 * s2;
    },
    value: (1 - -0.3 + 1.2 - 0.1) ** 2 + (-0.5 + 0.8 + 0.7 + 0.4) ** 2,
  },
  {
    name: "Haar's wavelets",
    x: eight,
    f: (x) => {
      let a = Array.from(x);
      const details: number[] = [];
      while (a.length > 1) {
        const next: number[] = [];
        for (let i = 0; i < a.length; i += 2) {
          next.push((a[i] + a[i + 1]) / Math.SQRT2);
          details.push((a[i] - a[i + 1]) / Math.SQRT2);
        }
        a = next;
      }
      return a[0] + details.reduce((s, d, i) => s + d * d * (i + 1), 0);
    },
  },
  {
    name: "convolution",
    x: eight,
    f: (x) => {
      const h = [0.5, 0.3, 0.2];
      const y = new Float64Array(x.length + h.length - 1);
      for (let i = 0; i < x.length; i++) for (let j = 0; j < h.length; j++) y[i + j] += x[i] * h[j];
      return y.reduce((s, v, i) => s + v * v * (i + 1), 0);
    },
  },
  {
    name: "a periodic correlation",
    x: eight,
    f: (x) => {
      const n = x.length;
      let best = -Infinity;
      for (let lag = 1; lag < n; lag++) {
        let s = 0;
        for (let i = 0; i < n; i++) s += x[i] * x[(i + lag) % n];
        best = Math.max(best, s);
      }
      return best;
    },
  },
  {
    name: "Savitzky and Golay",
    x: eight,
    f: (x) => {
      const w = [-3, 12, 17, 12, -3];
      let s = 0;
      for (let i = 2; i < x.length - 2; i++) {
        let v = 0;
        for (let k = -2; k <= 2; k++) v += (w[k + 2] * x[i + k]) / 35;
        s += v ** 2;
      }
      return s;
    },
  },
  {
    name: "moving average with a queue",
    x: eight,
    f: (x) => {
      const queue: number[] = [];
      let total = 0;
      let s = 0;
      for (const v of x) {
        queue.push(v);
        total += v;
        if (queue.length > 3) total -= queue.shift()!;
        s += (total / queue.length) ** 2;
      }
      return s;
    },
  },
  {
    name: "moving average in a ring",
    x: eight,
    f: (x) => {
      const ring = new Float64Array(3);
      let at = 0,
        total = 0,
        s = 0;
      for (let i = 0; i < x.length; i++) {
        total += x[i] - ring[at];
        ring[at] = x[i];
        at = (at + 1) % 3;
        s += total * total;
      }
      return s;
    },
  },
  {
    name: "exponential smoothing",
    x: [...eight, 0.3],
    f: (x) => {
      const alpha = x[8];
      let level: number | undefined;
      let s = 0;
      for (let i = 0; i < 8; i++) {
        level = level === undefined ? x[i] : alpha * x[i] + (1 - alpha) * level;
        s += level * level;
      }
      return s;
    },
  },
  {
    name: "running median",
    x: eight,
    f: (x) => {
      let s = 0;
      for (let i = 1; i < x.length - 1; i++) {
        const window = [x[i - 1], x[i], x[i + 1]].sort((a, b) => a - b);
        s += window[1] * (i + 1);
      }
      return s;
    },
  },
  {
    name: "a Kalman filter",
    x: [...eight, 0.1, 0.5],
    f: (x) => {
      const { q, r } = { q: x[8], r: x[9] };
      const state = { mean: 0, variance: 1, logLikelihood: 0 };
      for (let i = 0; i < 8; i++) {
        state.variance += q;
        const total = state.variance + r;
        const innovation = x[i] - state.mean;
        state.logLikelihood -= 0.5 * (Math.log(2 * Math.PI * total) + innovation ** 2 / total);
        const gain = state.variance / total;
        state.mean += gain * innovation;
        state.variance *= 1 - gain;
      }
      return state.logLikelihood;
    },
  },
  {
    name: "an IIR filter with a closure for its memory",
    x: eight,
    f: (x) => {
      const makeFilter = (b: number, a: number): ((v: number) => number) => {
        let [before, out] = [0, 0];
        return (v) => {
          out = b * (v + before) + a * out;
          before = v;
          return out;
        };
      };
      const filter = makeFilter(0.3, 0.4);
      let s = 0;
      for (const v of x) s += filter(v) ** 2;
      return s;
    },
  },
  {
    name: "differences of differences",
    x: eight,
    f: (x) => {
      let d = [...x];
      for (let k = 0; k < 3; k++) d = d.slice(1).map((v, i) => v - d[i]);
      return d.reduce((s, v) => s + v * v, 0);
    },
  },
  {
    name: "a cumulative sum in place, and trapezoids of it",
    x: eight,
    f: (x) => {
      const c = x.slice();
      for (let i = 1; i < c.length; i++) c[i] += c[i - 1];
      let area = 0;
      for (let i = 0; i + 1 < c.length; i++) area += 0.5 * (c[i] + c[i + 1]);
      return area;
    },
  },
);
