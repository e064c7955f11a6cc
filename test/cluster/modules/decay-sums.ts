/** A decaying quantity with a loss and a reducer: functions that go to workers by the names under which they are exported. */
import { odeProblem, type Loss, type Reducer } from "odegrad";

export default odeProblem({
  rhs(du, u, p) {
    du.x = -p.k * u.x;
  },
  u0: { x: 1 },
  tspan: [0, 1],
  p: { k: 1 },
});

export const loss: Loss<{ x: number }, { k: number }> = { final: (u) => u.x };

/** The least that there was at the last time, and in which trajectory. */
export const least: Reducer<{ value: number; trajectory: number }> = {
  begin: () => Float64Array.of(Infinity, -1),
  add(state, u, trajectory) {
    if (u[u.length - 1] < state[0]) state.set([u[u.length - 1], trajectory]);
  },
  merge(state, later) {
    if (later[0] < state[0]) state.set(later);
  },
  end: ([value, trajectory]) => ({ value, trajectory }),
};

export const largest = (errors: { x: number }): number => Math.abs(errors.x);
