import { odeProblem } from "odegrad";

// A reaction whose rates lie nine decades apart: very stiff.
export default odeProblem({
  name: "Robertson",
  rhs(du, u, { k1, k2, k3 }) {
    const decay = k1 * u.a;
    const autocatalysis = k2 * u.b ** 2;
    const recovery = k3 * u.b * u.c;
    du.a = recovery - decay;
    du.b = decay - autocatalysis - recovery;
    du.c = autocatalysis;
  },
  u0: { a: 1, b: 0, c: 0 },
  tspan: [0, 1e5],
  p: { k1: 0.04, k2: 3e7, k3: 1e4 },
});
