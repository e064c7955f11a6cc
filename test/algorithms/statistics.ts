/** Statistics and learning. */
import { rows } from "./algorithm.ts";

const eight = [1, 0.5, -0.3, 0.8, 1.2, -0.7, 0.1, 0.4];

export const statistics = rows(
  {
    name: "Welford",
    x: eight,
    f: (x) => {
      let [n, mean, m2] = [0, 0, 0];
      for (const v of x) {
        n++;
        const d = v - mean;
        mean += d / n;
        m2 += d * (v - mean);
      }
      return m2 / (n - 1) + mean;
    },
  },
  {
    name: "quantiles by sorting",
    x: eight,
    value: 0.5 + 0.75 * 0.3,
    f: (x) => {
      const sorted = Array.from(x).sort((a, b) => a - b);
      const at = 0.625 * (sorted.length - 1) + 0.375;
      const lo = Math.floor(at);
      return sorted[lo] + (at - lo) * (sorted[lo + 1] - sorted[lo]);
    },
  },
  {
    name: "a histogram by floors, weighed",
    x: eight,
    f: (x) => {
      const bins = new Array(4).fill(0);
      for (const v of x) bins[Math.min(3, Math.max(0, Math.floor((v + 1) * 1.9)))] += v;
      return bins.reduce((s, b, i) => s + b * b * (i + 1), 0);
    },
  },
  {
    name: "groups by keys of text",
    x: eight,
    constants: { labels: ["a", "b", "a", "c", "b", "a", "c", "c"] },
    f: (x, _p, { labels }: { labels: string[] }) => {
      const groups: Record<string, { sum: number; count: number }> = {};
      for (let i = 0; i < x.length; i++) {
        const key = labels[i];
        groups[key] ??= { sum: 0, count: 0 };
        groups[key].sum += x[i];
        groups[key].count++;
      }
      return Object.values(groups).reduce((s, { sum, count }) => s + (sum / count) ** 2, 0);
    },
  },
  {
    name: "groups in a Map",
    x: eight,
    constants: { labels: ["a", "b", "a", "c", "b", "a", "c", "c"] },
    f: (x, _p, { labels }: { labels: string[] }) => {
      const groups = new Map<string, number[]>();
      labels.forEach((label, i) => {
        const list = groups.get(label);
        if (list) list.push(x[i]);
        else groups.set(label, [x[i]]);
      });
      let s = 0;
      for (const [, list] of groups) s += list.reduce((a, b) => a + b, 0) ** 2 / list.length;
      return s;
    },
  },
  {
    name: "correlation",
    x: eight,
    f: (x) => {
      const [a, b] = [x.slice(0, 4), x.slice(4)];
      const mean = (v: Float64Array): number => v.reduce((s, w) => s + w) / v.length;
      const [ma, mb] = [mean(a), mean(b)];
      let ab = 0,
        aa = 0,
        bb = 0;
      for (let i = 0; i < 4; i++) {
        ab += (a[i] - ma) * (b[i] - mb);
        aa += (a[i] - ma) ** 2;
        bb += (b[i] - mb) ** 2;
      }
      return ab / Math.sqrt(aa * bb);
    },
  },
  {
    name: "softmax and cross entropy",
    x: [1, 2, 0.5],
    value: -(2 - Math.log(Math.E + Math.E ** 2 + Math.E ** 0.5)),
    constants: { target: 1 },
    f: (x, _p, { target }: { target: number }) => {
      const m = Math.max(...x);
      const e = x.map((v) => Math.exp(v - m));
      const total = e.reduce((a, b) => a + b, 0);
      return -Math.log(e[target] / total);
    },
  },
  {
    name: "logistic regression",
    x: [0.5, -0.2],
    constants: {
      data: [
        { x: 1, y: 1 },
        { x: -1, y: 0 },
        { x: 0.5, y: 1 },
      ],
    },
    f: ([w, b], _p, { data }: { data: { x: number; y: number }[] }) => {
      const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
      let loss = 0;
      for (const { x, y } of data) {
        const q = sigmoid(w * x + b);
        loss -= y ? Math.log(q) : Math.log(1 - q);
      }
      return loss / data.length;
    },
  },
  {
    name: "a layer of a convolution",
    x: [0.1, 0.2, -0.3, 0.4, 0.5, -0.1, 0.2, 0.3, -0.2],
    f: (k) => {
      const image = Array.from({ length: 5 }, (_, i) => Array.from({ length: 5 }, (_, j) => Math.sin(i + 2 * j)));
      let s = 0;
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j < 3; j++) {
          let v = 0;
          for (let a = 0; a < 3; a++) for (let b = 0; b < 3; b++) v += k[3 * a + b] * image[i + a][j + b];
          s += Math.max(0, v) ** 2;
        }
      }
      return s;
    },
  },
  {
    name: "a cell of an LSTM",
    x: [0.1, 0.2, -0.3, 0.4, 0.5, -0.1, 0.2, 0.3],
    f: (w) => {
      const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));
      let { h, c } = { h: 0, c: 0 };
      for (const input of [0.5, -0.2, 0.9]) {
        const [i, f, o, g] = [0, 2, 4, 6].map((k) => w[k] * input + w[k + 1] * h);
        c = sigmoid(f) * c + sigmoid(i) * Math.tanh(g);
        h = sigmoid(o) * Math.tanh(c);
      }
      return h;
    },
  },
  {
    name: "attention",
    x: [0.1, 0.2, -0.3, 0.4, 0.5, -0.1],
    f: (x) => {
      const tokens = [0, 1, 2].map((i) => [x[2 * i], x[2 * i + 1]]);
      const dot = (a: number[], b: number[]): number => a.reduce((s, v, i) => s + v * b[i], 0);
      const out = tokens.map((q) => {
        const scores = tokens.map((k) => Math.exp(dot(q, k) / Math.SQRT2));
        const total = scores.reduce((a, b) => a + b);
        return tokens[0].map((_, d) => tokens.reduce((s, v, i) => s + (scores[i] / total) * v[d], 0));
      });
      return out.flat().reduce((s, v, i) => s + v * (i + 1), 0);
    },
  },
  {
    name: "two layers by hand",
    x: [0.1, 0.2, -0.3, 0.4, 0.5, -0.1, 0.7],
    f: (w) => {
      let at = 0;
      const take = (): number => w[at++];
      const hidden = [];
      for (let i = 0; i < 2; i++) hidden.push(Math.tanh(take() * 0.5 + take()));
      return hidden.reduce((s, h) => s + take() * h, take());
    },
  },
  {
    name: "k means, two turns",
    x: eight,
    f: (x) => {
      let centres = [-0.5, 1];
      for (let k = 0; k < 2; k++) {
        const sums = centres.map(() => ({ total: 0, count: 0 }));
        x.forEach((v) => {
          const nearest = Math.abs(v - centres[0]) < Math.abs(v - centres[1]) ? 0 : 1;
          sums[nearest].total += v;
          sums[nearest].count += 1;
        });
        centres = sums.map(({ total, count }, i) => (count ? total / count : centres[i]));
      }
      return centres[0] + 2 * centres[1];
    },
  },
  {
    name: "gradient descent with momentum",
    x: [0.3, 1.2],
    f: ([rate, start]) => {
      let { at, velocity } = { at: start, velocity: 0 };
      for (let k = 0; k < 10; k++) {
        const slope = 4 * at ** 3 - 2 * at;
        velocity = 0.5 * velocity - 0.1 * rate * slope;
        at += velocity;
      }
      return at;
    },
  },
  {
    name: "kernel density",
    x: eight,
    f: (x) => {
      const kernel = (u: number): number => Math.exp(-0.5 * u * u) / Math.sqrt(2 * Math.PI);
      const density = (at: number, { h = 0.4 } = {}): number => x.reduce((s, v) => s + kernel((at - v) / h), 0) / (x.length * h);
      return density(0.2) + density(0.5, { h: 0.2 });
    },
  },
);
