/** A problem whose right-hand side sleeps: jobs that take time and no processor, of which one machine can do many at once. */
import { odeProblem } from "odegrad";

const SLEEP = 20;
const nobody = new Int32Array(new SharedArrayBuffer(4));

export default odeProblem({
  name: "sleeping",
  rhs(u) {
    Atomics.wait(nobody, 0, 0, SLEEP);
    return [-u[0]];
  },
  u0: [1],
  tspan: [0, 1],
});
