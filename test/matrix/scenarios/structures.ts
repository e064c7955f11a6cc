/** Named and nested states and parameters, destructuring, helper functions, what is not used, second order. */
import { scenario } from "../scenario.ts";

export const structures = [
  scenario({
    name: "a state by itself, a number",
    u0: 0.8,
    p: 1.7,
    rhs: (u, p) => -p * u * u,
  }),
  scenario({
    name: "a nested state, out of place",
    u0: { body: { x: 0.4, y: -0.2 }, charge: [0.3, 0.9] },
    p: { field: { strength: 1.2 }, coupling: [0.5, 0.7] },
    rhs: ({ body, charge }, { field, coupling }) => ({
      body: { x: body.y * charge[0], y: -field.strength * body.x * charge[1] },
      charge: [coupling[0] * body.x ** 2, coupling[1] * charge[0] * charge[1]],
    }),
  }),
  scenario({
    name: "destructuring with defaults and rest",
    u0: [0.4, 0.9, -0.3, 0.6],
    p: { a: 1.2, b: 0.4, c: 0.9 },
    rhs(du, [first, ...rest], p) {
      const [second, third = 5] = rest;
      const { a, b: gain, c } = p;
      du[0] = a * first * second;
      du[1] = gain * third;
      du[2] = c * second * rest[2];
      du[3] = first - third;
    },
  }),
  scenario({
    name: "parameters and states that are not used",
    u0: [0.4, 0.9, -0.3],
    p: { used: 1.4, unused: 2, list: [1, 2, 3] },
    rhs(du, u, p) {
      du[0] = p.used * Math.sin(u[1]);
      du[1] = p.list[1] * u[0];
      du[2] = 1;
    },
  }),
  scenario({
    name: "no parameters",
    u0: new Float64Array([0.4, 0.9]),
    traits: { arrays: ["p"] },
    rhs(du, u) {
      du[0] = u[1];
      du[1] = (1 - u[0] * u[0]) * u[1] - u[0];
    },
  }),
  scenario({
    name: "a second-order system",
    u0: { position: [0.4, 0.9], velocity: [0.1, -0.5] },
    p: { stiffness: 2.1, damping: 0.3 },
    rhs(du, u, p) {
      for (let i = 0; i < 2; i++) {
        du.position[i] = u.velocity[i];
        du.velocity[i] = -p.stiffness * u.position[i] * (1 + u.position[1 - i] ** 2) - p.damping * u.velocity[i];
      }
    },
  }),
  scenario({
    name: "helper functions that call helper functions",
    u0: [0.4, 0.9],
    p: [1.6, 0.5],
    constants: {
      hill: (x: number, n: number) => x ** n / (1 + x ** n),
      response: (hill: (x: number, n: number) => number, x: number, p: readonly number[]) =>
        p[0] * hill(x, 2) - p[1] * hill(x, 3),
    },
    rhs(du, u, p, _t, { hill, response }) {
      du[0] = response(hill, u[1], p) - u[0];
      du[1] = response(hill, u[0], p) - u[1];
    },
  }),
  scenario({
    name: "a helper that writes to what it is given",
    u0: [0.4, 0.9, 0.2],
    p: [1.6],
    rhs(du, u, p) {
      const accumulate = (out: number[] | Float64Array, i: number, value: number): void => {
        out[i] += value;
        out[(i + 1) % 3] -= value * u[i];
      };
      for (let i = 0; i < 3; i++) du[i] = 0;
      for (let i = 0; i < 3; i++) accumulate(du as unknown as number[], i, p[0] * u[i] ** 2);
    },
  }),
  scenario({
    name: "small objects made on the way",
    u0: [0.4, 0.9],
    p: [1.6, 0.3],
    rhs(du, u, p) {
      const times = (a: { re: number; im: number }, b: { re: number; im: number }) => ({
        re: a.re * b.re - a.im * b.im,
        im: a.re * b.im + a.im * b.re,
      });
      const z = { re: u[0], im: u[1] };
      const w = times(times(z, z), { re: p[0], im: p[1] });
      du[0] = w.re;
      du[1] = w.im;
    },
  }),
  scenario({
    name: "the derivatives of its author",
    u0: { prey: 2, predator: 3 },
    p: { a: 1.5, b: 0.7 },
    rhs(du, u, p) {
      du.prey = p.a * u.prey - p.b * u.prey * u.predator;
      du.predator = u.prey * u.predator - 4 * u.predator;
    },
    derivatives: {
      vjp(uBar, pBar, v, u, p) {
        uBar.prey = (p.a - p.b * u.predator) * v.prey + u.predator * v.predator;
        uBar.predator = -p.b * u.prey * v.prey + (u.prey - 4) * v.predator;
        pBar.a = u.prey * v.prey;
        pBar.b = -u.prey * u.predator * v.prey;
      },
    },
  }),
];
