/** Forces, reactions, compartments and steps of time. */
import { rows } from "./algorithm.ts";

export const models = rows(
  {
    name: "bodies and their gravity",
    x: [0, 0, 1, 0.2, -0.4, 1.1],
    f: (x) => {
      const bodies = [0, 1, 2].map((i) => ({ x: x[2 * i], y: x[2 * i + 1], m: i + 1 }));
      let energy = 0;
      for (let i = 0; i < bodies.length; i++) {
        for (let j = i + 1; j < bodies.length; j++) {
          const [a, b] = [bodies[i], bodies[j]];
          energy -= (a.m * b.m) / Math.hypot(a.x - b.x, a.y - b.y);
        }
      }
      return energy;
    },
  },
  {
    name: "Lennard and Jones with a cutoff",
    x: [0, 1.1, 2.3, 3.2, 5.9],
    f: (x) => {
      let s = 0;
      for (let i = 0; i < x.length; i++) {
        for (let j = 0; j < i; j++) {
          const r = Math.abs(x[i] - x[j]);
          if (r > 2.5) continue;
          const q = r ** -6;
          s += 4 * (q * q - q);
        }
      }
      return s;
    },
  },
  {
    name: "lists of cells",
    x: [0.2, 0.7, 1.4, 2.6, 2.9],
    f: (x) => {
      const cells: number[][] = [[], [], []];
      x.forEach((v, i) => cells[Math.floor(v)].push(i));
      let s = 0;
      cells.forEach((members, c) => {
        for (const i of members)
          for (const j of [...members, ...(cells[c + 1] ?? [])]) if (i !== j) s += Math.exp(-((x[i] - x[j]) ** 2));
      });
      return s;
    },
  },
  {
    name: "a sum in the manner of Ewald",
    x: [0.3, 0.8],
    f: ([a, b]) => {
      const d = a - b;
      let s = 0;
      for (let n = -3; n <= 3; n++) s += Math.exp(-((d + n) ** 2) * 4);
      for (let k = 1; k <= 3; k++) s += Math.cos(2 * Math.PI * k * d) * Math.exp(-((Math.PI * k) ** 2) / 4);
      return s;
    },
  },
  {
    name: "Verlet",
    x: [1, 0, 0.9],
    f: ([q0, v0, k]) => {
      let [q, v] = [q0, v0];
      const force = (at: number): number => -k * Math.sin(at);
      for (let i = 0; i < 20; i++) {
        const half = v + 0.05 * force(q);
        q += 0.1 * half;
        v = half + 0.05 * force(q);
      }
      return q + v;
    },
  },
  {
    name: "Runge and Kutta over arrays",
    x: [1, 0.5, 0.9],
    f: (x) => {
      const f = (y: number[]): number[] => [y[1], -x[2] * y[0] - 0.1 * y[1]];
      const axpy = (y: number[], h: number, k: number[]): number[] => y.map((v, i) => v + h * k[i]);
      let y = [x[0], x[1]];
      const h = 0.1;
      for (let n = 0; n < 10; n++) {
        const k1 = f(y);
        const k2 = f(axpy(y, h / 2, k1));
        const k3 = f(axpy(y, h / 2, k2));
        const k4 = f(axpy(y, h, k3));
        y = y.map((v, i) => v + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
      }
      return y[0] + y[1];
    },
  },
  {
    name: "Runge and Kutta over a tableau",
    x: [1, 0.9],
    constants: { a: [[], [0.5], [0, 0.5], [0, 0, 1]], b: [1 / 6, 1 / 3, 1 / 3, 1 / 6] },
    f: ([y0, rate], _p, { a, b }: { a: number[][]; b: number[] }) => {
      let y = y0;
      for (let n = 0; n < 10; n++) {
        const k: number[] = [];
        for (let s = 0; s < b.length; s++) {
          let at = y;
          for (let j = 0; j < s; j++) at += 0.1 * a[s][j] * k[j];
          k.push(-rate * at * at);
        }
        y += 0.1 * b.reduce((sum, w, s) => sum + w * k[s], 0);
      }
      return y;
    },
  },
  {
    name: "diffusion with two buffers swapped",
    x: [1, 0, 0.5, 0.3, 0.2],
    f: (x) => {
      let now = x.slice();
      let next = new Float64Array(5);
      for (let k = 0; k < 7; k++) {
        for (let i = 0; i < 5; i++) next[i] = now[i] + 0.2 * (now[(i + 4) % 5] - 2 * now[i] + now[(i + 1) % 5]);
        [now, next] = [next, now];
      }
      return now.reduce((s, v, i) => s + v * v * (i + 1), 0);
    },
  },
  {
    name: "the wave equation with three buffers turned",
    x: [1, 0, 0.5, 0.3, 0.2],
    f: (x) => {
      let before = Float64Array.from(x),
        now = Float64Array.from(x),
        next = new Float64Array(5);
      for (let k = 0; k < 6; k++) {
        for (let i = 1; i < 4; i++) next[i] = 2 * now[i] - before[i] + 0.3 * (now[i - 1] - 2 * now[i] + now[i + 1]);
        const t = before;
        before = now;
        now = next;
        next = t;
      }
      return now[1] + 2 * now[2] + 3 * now[3];
    },
  },
  {
    name: "multigrid's restriction and prolongation",
    x: [1, 0.2, 0.5, 0.3, 0.2],
    f: (x) => {
      const coarse = [x[0], 0.25 * x[1] + 0.5 * x[2] + 0.25 * x[3], x[4]];
      const fine = [];
      for (let i = 0; i < 5; i++) fine.push(i % 2 === 0 ? coarse[i / 2] : 0.5 * (coarse[(i - 1) / 2] + coarse[(i + 1) / 2]));
      return fine.reduce((s, v, i) => s + (v - x[i]) ** 2, 0);
    },
  },
  {
    name: "SIR with a matrix of contacts",
    x: [0.9, 0.8, 0.1, 0.2],
    constants: {
      contacts: [
        [2, 0.5],
        [0.5, 1],
      ],
    },
    f: (x, _p, { contacts }: { contacts: number[][] }) => {
      let [S, I] = [x.slice(0, 2), x.slice(2)];
      for (let day = 0; day < 5; day++) {
        const pressure = contacts.map((row) => row.reduce((s, c, j) => s + c * I[j], 0));
        const infected = S.map((s, i) => 0.1 * s * pressure[i]);
        S = S.map((s, i) => s - infected[i]);
        I = I.map((v, i) => v + infected[i] - 0.3 * v);
      }
      return I[0] + 2 * I[1];
    },
  },
  {
    name: "a network of reactions from a table",
    x: [1, 0.5, 0.2],
    constants: {
      reactions: [
        { from: [0], to: [1], vmax: 1, km: 0.5 },
        { from: [1], to: [2], vmax: 0.7, km: 0.3 },
        { from: [2], to: [0], vmax: 0.2, km: 1 },
      ],
    },
    f: (x, _p, { reactions }: { reactions: { from: number[]; to: number[]; vmax: number; km: number }[] }) => {
      const d = [0, 0, 0];
      for (const { from, to, vmax, km } of reactions) {
        let rate = vmax;
        for (const i of from) rate *= x[i] / (km + x[i]);
        from.forEach((i) => (d[i] -= rate));
        to.forEach((i) => (d[i] += rate));
      }
      return d[0] + 2 * d[1] + 3 * d[2];
    },
  },
  {
    name: "compartments under a schedule of doses",
    x: [0.3, 0.1, 5],
    constants: {
      doses: [
        { time: 0, amount: 100 },
        { time: 4, amount: 50 },
        { time: 8, amount: 20 },
      ],
    },
    f: ([ka, ke, at], _p, { doses }: { doses: { time: number; amount: number }[] }) =>
      doses
        .filter(({ time }) => time <= 5)
        .map(({ time, amount }) => ((amount * ka) / (ka - ke)) * (Math.exp(-ke * (at - time)) - Math.exp(-ka * (at - time))))
        .reduce((a, b) => a + b, 0),
  },
  {
    name: "the gates of Hodgkin and Huxley",
    x: [-50, 0.3, 0.05, 0.6],
    f: ([V, n, m, h]) => {
      const gates = {
        n: { a: (0.01 * (V + 55)) / (1 - Math.exp(-(V + 55) / 10)), b: 0.125 * Math.exp(-(V + 65) / 80), at: n },
        m: { a: (0.1 * (V + 40)) / (1 - Math.exp(-(V + 40) / 10)), b: 4 * Math.exp(-(V + 65) / 18), at: m },
        h: { a: 0.07 * Math.exp(-(V + 65) / 20), b: 1 / (1 + Math.exp(-(V + 35) / 10)), at: h },
      };
      let s = 36 * n ** 4 * (V + 77) + 120 * m ** 3 * h * (V - 50);
      for (const { a, b, at } of Object.values(gates)) s += a * (1 - at) - b * at;
      return s;
    },
  },
  {
    name: "a controller with anti-windup, as a class",
    x: [0.8, 0.3, 0.1],
    f: ([kp, ki, kd]) => {
      class Pid {
        integral = 0;
        last = 0;
        step(error: number, dt: number): number {
          this.integral = Math.min(2, Math.max(-2, this.integral + error * dt));
          const slope = (error - this.last) / dt;
          this.last = error;
          return kp * error + ki * this.integral + kd * slope;
        }
      }
      const pid = new Pid();
      let y = 0;
      for (let k = 0; k < 20; k++) y += 0.1 * (pid.step(1 - y, 0.1) - 0.2 * y);
      return y;
    },
  },
  {
    name: "a state machine by switch",
    x: [0.3, 0.8, 1.5],
    f: (x) => {
      let mode = "idle";
      let heat = 0;
      for (let k = 0; k < 12; k++) {
        switch (mode) {
          case "idle":
            heat -= 0.05 * x[0];
            if (k === 2) mode = "warm";
            break;
          case "warm":
            heat += x[1];
            if (heat > 2) mode = "hot";
            break;
          case "hot":
            heat *= 1 - 0.1 * x[2];
            if (heat < 1.5) mode = "idle";
            break;
        }
      }
      return heat;
    },
  },
  {
    name: "an event list in order of time",
    x: [0.4, 1.1, 2],
    f: (rates) => {
      const events: { at: number; gain: number }[] = [];
      for (let i = 0; i < rates.length; i++) events.push({ at: 3 - i, gain: rates[i] });
      events.sort((a, b) => a.at - b.at);
      let [t, y] = [0, 1];
      while (events.length > 0) {
        const { at, gain } = events.shift()!;
        y *= Math.exp(-0.2 * (at - t));
        y += gain;
        t = at;
      }
      return y;
    },
  },
  {
    name: "a ladder of resistors, from the end",
    x: [1, 2, 3, 4],
    f: (r) => r.reduceRight((load, v, i) => (i % 2 ? 1 / (1 / load + 1 / v) : load + v), 10),
  },
  {
    name: "upwind fluxes with a limiter",
    x: [1, 0.9, 0.5, 0.32, 0.2, 0.1],
    f: (u) => {
      const minmod = (a: number, b: number): number => (a * b <= 0 ? 0 : Math.abs(a) < Math.abs(b) ? a : b);
      const n = u.length;
      const flux = new Float64Array(n);
      for (let i = 1; i < n - 1; i++) flux[i] = u[i] + 0.5 * minmod(u[i] - u[i - 1], u[i + 1] - u[i]);
      let s = 0;
      for (let i = 2; i < n - 1; i++) s += i * (flux[i] - flux[i - 1]) ** 2;
      return s;
    },
  },
  {
    name: "shapes of elements, assembled",
    x: [1, 2, 0.5],
    f: (k) => {
      const K = Array.from({ length: 4 }, () => new Float64Array(4));
      k.forEach((stiffness, e) => {
        for (const [a, b, sign] of [
          [0, 0, 1],
          [0, 1, -1],
          [1, 0, -1],
          [1, 1, 1],
        ])
          K[e + a][e + b] += sign * stiffness;
      });
      const u = [0, 0.1, 0.3, 0.2];
      return 0.5 * K.reduce((s, row, i) => s + u[i] * row.reduce((t, v, j) => t + v * u[j], 0), 0);
    },
  },
);
