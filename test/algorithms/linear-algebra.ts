/** Linear algebra. */
import { rows } from "./algorithm.ts";

const nine = [4, 1, -0.5, 1.2, 3, 0.7, -0.3, 0.8, 5];

export const linearAlgebra = rows(
  {
    name: "LU with pivoting by swaps of rows, and a solve",
    x: [0.1, 2, 1, 3, 0.5, -1, 1, 1.5, 2],
    f: (x) => {
      const n = 3;
      const A: number[][] = [];
      for (let i = 0; i < n; i++) {
        A[i] = [];
        for (let j = 0; j < n; j++) A[i][j] = x[n * i + j];
      }
      const b = [1, 2, 3];
      for (let k = 0; k < n; k++) {
        let pivot = k;
        for (let i = k + 1; i < n; i++) if (Math.abs(A[i][k]) > Math.abs(A[pivot][k])) pivot = i;
        if (pivot !== k) {
          [A[k], A[pivot]] = [A[pivot], A[k]];
          [b[k], b[pivot]] = [b[pivot], b[k]];
        }
        for (let i = k + 1; i < n; i++) {
          const m = A[i][k] / A[k][k];
          for (let j = k; j < n; j++) A[i][j] -= m * A[k][j];
          b[i] -= m * b[k];
        }
      }
      const y = new Array(n).fill(0);
      for (let i = n - 1; i >= 0; i--) {
        let s = b[i];
        for (let j = i + 1; j < n; j++) s -= A[i][j] * y[j];
        y[i] = s / A[i][i];
      }
      return y[0] + 2 * y[1] - y[2];
    },
  },
  {
    name: "determinant by elimination, flat, with a permutation of rows",
    x: [0.1, 2, 1, 3, 0.5, -1, 1, 1.5, 2],
    value: 0.1 * (0.5 * 2 + 1.5) - 2 * (3 * 2 + 1) + (3 * 1.5 - 0.5),
    f: (x) => {
      const a = Float64Array.from(x);
      const order = [0, 1, 2];
      let det = 1;
      for (let k = 0; k < 3; k++) {
        let best = k;
        for (let i = k + 1; i < 3; i++) if (Math.abs(a[order[i] * 3 + k]) > Math.abs(a[order[best] * 3 + k])) best = i;
        if (best !== k) {
          const t = order[k];
          order[k] = order[best];
          order[best] = t;
          det = -det;
        }
        const r = order[k] * 3;
        det *= a[r + k];
        for (let i = k + 1; i < 3; i++) {
          const q = order[i] * 3;
          const m = a[q + k] / a[r + k];
          for (let j = k; j < 3; j++) a[q + j] -= m * a[r + j];
        }
      }
      return det;
    },
  },
  {
    name: "determinant by minors, recursive",
    x: nine,
    f: (x) => {
      const det = (m: number[][]): number => {
        if (m.length === 1) return m[0][0];
        let s = 0;
        for (let j = 0; j < m.length; j++) {
          const minor = m.slice(1).map((row) => row.filter((_, k) => k !== j));
          s += (j % 2 ? -1 : 1) * m[0][j] * det(minor);
        }
        return s;
      };
      return det([
        [x[0], x[1], x[2]],
        [x[3], x[4], x[5]],
        [x[6], x[7], x[8]],
      ]);
    },
  },
  {
    name: "Cholesky",
    x: [4, 1, 0.5, 3, 0.2, 2],
    value: Math.log(4 * (3 * 2 - 0.2 * 0.2) - (2 - 0.2 * 0.5) + 0.5 * (0.2 - 3 * 0.5)),
    f: (x) => {
      const a = [
        [x[0], x[1], x[2]],
        [x[1], x[3], x[4]],
        [x[2], x[4], x[5]],
      ];
      const L = a.map((row) => row.map(() => 0));
      let logDet = 0;
      for (let i = 0; i < 3; i++) {
        for (let j = 0; j <= i; j++) {
          let s = a[i][j];
          for (let k = 0; k < j; k++) s -= L[i][k] * L[j][k];
          L[i][j] = i === j ? Math.sqrt(s) : s / L[j][j];
        }
        logDet += 2 * Math.log(L[i][i]);
      }
      return logDet;
    },
  },
  {
    name: "QR by Gram and Schmidt",
    x: nine,
    f: (x) => {
      const dot = (a: number[], b: number[]): number => a.reduce((s, v, i) => s + v * b[i], 0);
      const columns = [0, 1, 2].map((j) => [0, 1, 2].map((i) => x[3 * i + j]));
      const q: number[][] = [];
      let product = 0;
      for (const column of columns) {
        let v = column.slice();
        for (const e of q) {
          const r = dot(e, v);
          v = v.map((w, i) => w - r * e[i]);
        }
        const norm = Math.sqrt(dot(v, v));
        q.push(v.map((w) => w / norm));
        product = product * 2 + norm;
      }
      return product + q[1][2];
    },
  },
  {
    name: "QR by Householder",
    x: nine,
    f: (x) => {
      const A = [Array.from(x.slice(0, 3)), Array.from(x.slice(3, 6)), Array.from(x.slice(6, 9))];
      for (let k = 0; k < 2; k++) {
        let norm = 0;
        for (let i = k; i < 3; i++) norm += A[i][k] ** 2;
        norm = Math.sqrt(norm);
        const v = [0, 0, 0];
        for (let i = k; i < 3; i++) v[i] = A[i][k];
        v[k] += Math.sign(A[k][k]) * norm;
        let vv = 0;
        for (const c of v) vv += c * c;
        for (let j = k; j < 3; j++) {
          let s = 0;
          for (let i = k; i < 3; i++) s += v[i] * A[i][j];
          for (let i = k; i < 3; i++) A[i][j] -= (2 * s * v[i]) / vv;
        }
      }
      return A[0][0] + 2 * A[1][1] + 3 * A[2][2] + A[0][2];
    },
  },
  {
    name: "inverse by Gauss and Jordan",
    x: nine,
    f: (x) => {
      const n = 3;
      const M = Array.from({ length: n }, (_, i) => [
        ...x.subarray(n * i, n * i + n),
        ...[0, 1, 2].map((j) => (i === j ? 1 : 0)),
      ]);
      for (let k = 0; k < n; k++) {
        const pivot = M[k][k];
        M[k] = M[k].map((v) => v / pivot);
        for (let i = 0; i < n; i++) {
          if (i === k) continue;
          const m = M[i][k];
          M[i] = M[i].map((v, j) => v - m * M[k][j]);
        }
      }
      return M[0][3] + 2 * M[1][4] + 3 * M[2][5] + M[0][5];
    },
  },
  {
    name: "tridiagonal systems, by Thomas",
    x: [4, 5, 6, 5, 1, 1.2, 0.8, 0.9, 1.1, 0.7],
    f: (x) => {
      const n = 4;
      const c = new Float64Array(n);
      const d = new Float64Array(n);
      const b = (i: number): number => x[i];
      const lower = x.subarray(4, 7);
      const upper = x.subarray(7, 10);
      c[0] = upper[0] / b(0);
      d[0] = 1 / b(0);
      for (let i = 1; i < n; i++) {
        const m = b(i) - lower[i - 1] * c[i - 1];
        c[i] = i < n - 1 ? upper[i] / m : 0;
        d[i] = (i + 1 - lower[i - 1] * d[i - 1]) / m;
      }
      for (let i = n - 2; i >= 0; i--) d[i] -= c[i] * d[i + 1];
      return d[0] + d[1] * 2 + d[2] * 3 + d[3] * 4;
    },
  },
  {
    name: "eigenvalues by Jacobi's rotations",
    x: [4, 1, 0.5, 3, 0.2, 2],
    f: (x) => {
      const a = [
        [x[0], x[1], x[2]],
        [x[1], x[3], x[4]],
        [x[2], x[4], x[5]],
      ];
      for (let sweep = 0; sweep < 6; sweep++) {
        for (let p = 0; p < 2; p++) {
          for (let q = p + 1; q < 3; q++) {
            if (Math.abs(a[p][q]) < 1e-14) continue;
            const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
            const t = Math.sign(theta) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
            const c = 1 / Math.sqrt(t * t + 1);
            const s = t * c;
            for (let k = 0; k < 3; k++) {
              const [u, v] = [a[k][p], a[k][q]];
              a[k][p] = c * u - s * v;
              a[k][q] = s * u + c * v;
            }
            for (let k = 0; k < 3; k++) {
              const [u, v] = [a[p][k], a[q][k]];
              a[p][k] = c * u - s * v;
              a[q][k] = s * u + c * v;
            }
          }
        }
      }
      return Math.max(a[0][0], a[1][1], a[2][2]);
    },
  },
  {
    name: "power iteration with swapped vectors",
    x: [4, 1, 0.5, 3, 0.2, 2],
    f: (x) => {
      const A = [
        [x[0], x[1], x[2]],
        [x[1], x[3], x[4]],
        [x[2], x[4], x[5]],
      ];
      let v = [1, 1, 1];
      let next = [0, 0, 0];
      let lambda = 0;
      for (let k = 0; k < 60; k++) {
        for (let i = 0; i < 3; i++) next[i] = A[i][0] * v[0] + A[i][1] * v[1] + A[i][2] * v[2];
        lambda = Math.hypot(next[0], next[1], next[2]);
        for (let i = 0; i < 3; i++) next[i] /= lambda;
        [v, next] = [next, v];
      }
      return lambda;
    },
  },
  {
    name: "conjugate gradients",
    x: [4, 1, 0.5, 3, 0.2, 2],
    f: (x) => {
      const times = (v: number[]): number[] => [
        x[0] * v[0] + x[1] * v[1] + x[2] * v[2],
        x[1] * v[0] + x[3] * v[1] + x[4] * v[2],
        x[2] * v[0] + x[4] * v[1] + x[5] * v[2],
      ];
      const dot = (a: number[], b: number[]): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
      let y = [0, 0, 0];
      let r = [1, 2, 3];
      let p = r;
      let rr = dot(r, r);
      for (let k = 0; k < 3; k++) {
        const Ap = times(p);
        const alpha = rr / dot(p, Ap);
        y = y.map((v, i) => v + alpha * p[i]);
        r = r.map((v, i) => v - alpha * Ap[i]);
        const next = dot(r, r);
        const beta = next / rr;
        p = r.map((v, i) => v + beta * p[i]);
        rr = next;
      }
      return y[0] - y[1] + 2 * y[2];
    },
  },
  {
    name: "Gauss-Seidel until it rests",
    x: [4, 1, 0.5, 3, 0.2, 2],
    f: (x) => {
      const y = [0, 0, 0];
      let change = 1;
      let turns = 0;
      while (change > 1e-13 && turns++ < 200) {
        const before = [...y];
        y[0] = (1 - x[1] * y[1] - x[2] * y[2]) / x[0];
        y[1] = (2 - x[1] * y[0] - x[4] * y[2]) / x[3];
        y[2] = (3 - x[2] * y[0] - x[4] * y[1]) / x[5];
        change = Math.max(...y.map((v, i) => Math.abs(v - before[i])));
      }
      return y[0] + y[1] + y[2];
    },
  },
  {
    name: "matrix exponential by scaling and squaring",
    x: [0.3, 0.8, -0.5, 0.1],
    f: (x) => {
      type M = number[][];
      const mul = (a: M, b: M): M => a.map((row) => b[0].map((_, j) => row.reduce((s, v, k) => s + v * b[k][j], 0)));
      const A: M = [
        [x[0] / 16, x[1] / 16],
        [x[2] / 16, x[3] / 16],
      ];
      let term: M = [
        [1, 0],
        [0, 1],
      ];
      let E: M = term.map((row) => row.slice());
      for (let k = 1; k < 12; k++) {
        term = mul(term, A).map((row) => row.map((v) => v / k));
        E = E.map((row, i) => row.map((v, j) => v + term[i][j]));
      }
      for (let s = 0; s < 4; s++) E = mul(E, E);
      return E[0][0] + 2 * E[0][1] + 3 * E[1][0] + 4 * E[1][1];
    },
  },
  {
    name: "Sherman and Morrison's update",
    x: [2, 3, 4, 0.5, 0.2, -0.3],
    f: (x) => {
      const inverse = [1 / x[0], 1 / x[1], 1 / x[2]];
      const [u, v] = [x.slice(3), [1, -1, 0.5]];
      const b = [1, 2, 3];
      const Ab = inverse.map((d, i) => d * b[i]);
      const Au = inverse.map((d, i) => d * u[i]);
      let [vAb, vAu] = [0, 0];
      for (let i = 0; i < 3; i++) {
        vAb += v[i] * Ab[i];
        vAu += v[i] * Au[i];
      }
      return Ab.map((a, i) => a - (Au[i] * vAb) / (1 + vAu)).reduce((s, a) => s + a * a, 0);
    },
  },
  {
    name: "Levinson and Durbin",
    x: [2, 0.9, 0.4, 0.1],
    f: (r) => {
      let a: number[] = [];
      let error = r[0];
      for (let k = 1; k < r.length; k++) {
        let acc = r[k];
        for (let j = 0; j < a.length; j++) acc -= a[j] * r[k - 1 - j];
        const reflection = acc / error;
        const before = a;
        a = before.map((v, j) => v - reflection * before[before.length - 1 - j]);
        a.push(reflection);
        error *= 1 - reflection * reflection;
      }
      return error + a[0];
    },
  },
  {
    name: "a Toeplitz product",
    x: [1, 0.5, 0.25, 0.3, 0.7],
    f: (x) => {
      const row = (i: number, j: number): number => x[2 + (j - i)];
      let s = 0;
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) s += row(i, j) * (i + 1) * (j + 2);
      return s;
    },
  },
  {
    name: "a sparse matrix by rows",
    x: [1.5, 2.5, -0.7, 0.3, 0.9],
    constants: { start: [0, 2, 3, 5], column: [0, 2, 1, 0, 2] },
    f: (x, _p, { start, column }: { start: number[]; column: number[] }) => {
      const y = [1, 2, 3];
      const out = [];
      for (let i = 0; i < 3; i++) {
        let s = 0;
        for (let k = start[i]; k < start[i + 1]; k++) s += x[k] * y[column[k]];
        out.push(s * s);
      }
      return out.reduce((a, b) => a + b);
    },
  },
  {
    name: "least squares by normal equations",
    x: [1.1, 1.9, 3.2, 3.9],
    value: 0.97,
    f: (y) => {
      const t = [0, 1, 2, 3];
      let sx = 0,
        sy = 0,
        sxx = 0,
        sxy = 0;
      t.forEach((v, i) => {
        sx += v;
        sy += y[i];
        sxx += v * v;
        sxy += v * y[i];
      });
      const n = t.length;
      return (n * sxy - sx * sy) / (n * sxx - sx ** 2);
    },
  },
  {
    name: "a matrix class",
    x: [1, 2, 3, 4],
    f: (x) => {
      class Matrix {
        data: number[];
        n: number;
        constructor(data: number[], n: number) {
          this.data = data;
          this.n = n;
        }
        at(i: number, j: number): number {
          return this.data[i * this.n + j];
        }
        times(other: Matrix): Matrix {
          const out = new Array(this.n * this.n).fill(0);
          for (let i = 0; i < this.n; i++)
            for (let j = 0; j < this.n; j++)
              for (let k = 0; k < this.n; k++) out[i * this.n + j] += this.at(i, k) * other.at(k, j);
          return new Matrix(out, this.n);
        }
        get trace(): number {
          let s = 0;
          for (let i = 0; i < this.n; i++) s += this.at(i, i);
          return s;
        }
      }
      const m = new Matrix(Array.from(x), 2);
      return m.times(m).times(m).trace;
    },
    value: 155,
  },
  {
    name: "a band matrix in a buffer with views",
    x: [2, -1, 2.2, -1.1, 1.9],
    f: (x) => {
      const buffer = new Float64Array(9);
      const rows = [buffer.subarray(0, 3), buffer.subarray(3, 6), buffer.subarray(6, 9)];
      for (let i = 0; i < 3; i++) rows[i][i] = x[2 * i];
      for (let i = 0; i < 2; i++) rows[i][i + 1] = rows[i + 1][i] = x[2 * i + 1];
      let s = 0;
      for (let i = 0; i < 9; i++) s += buffer[i] * buffer[i] * (i + 1);
      return s;
    },
  },
);
