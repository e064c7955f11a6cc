/**
 * A neural ODE of many trajectories: a pendulum with friction, from noisy observations of twelve swings. Each step takes four of them, and of
 * each a window of ten times in a row; two more swings are held out.
 */
import { odeProblem, solve, tanh } from "odegrad";
import { adam, chain, cosineDecay, dense, observations, train, warmUp, type Observations } from "odegrad/training";

const pendulum = odeProblem({
  rhs(du, u) {
    du.angle = u.speed;
    du.speed = -0.1 * u.speed - Math.sin(u.angle);
  },
  u0: { angle: 1, speed: 0 },
  tspan: [0, 10],
  p: {},
});

const t = Array.from({ length: 51 }, (_, i) => i / 5);
const swing = (angle: number, k: number): Observations => {
  const u0 = { angle, speed: 0.3 * Math.sin(k) };
  const { u } = solve(pendulum, { u0, saveat: t });
  // Errors of about a hundredth.
  const noisy = (of: "angle" | "speed"): number[] => u.map((state, i) => state[of] + 0.014 * Math.sin(97 * i + of.length * k));
  return observations({ t, values: { angle: noisy("angle"), speed: noisy("speed") }, u0, sigma: 0.01 });
};
const swings = Array.from({ length: 12 }, (_, k) => swing(0.4 + 0.15 * k, k));
const heldOut = [swing(0.6, 20), swing(1.5, 21)];

const net = chain(dense(2, 12, tanh), dense(12, 12, tanh), dense(12, 2));
const neuralODE = odeProblem({
  rhs(du, u, p, _t, constants) {
    const rates = constants.net([u.angle, u.speed], p);
    du.angle = rates.get(0);
    du.speed = rates.get(1);
  },
  u0: pendulum.u0,
  tspan: [0, 10],
  p: net.initial(1),
  constants: { net },
});

const steps = Number(process.env.STEPS ?? 1500);
const optimiser = adam({ learningRate: warmUp(20, cosineDecay({ from: 0.01, to: 1e-4, steps })) });
const trained = await train(neuralODE, swings, { optimiser, batch: 4, window: 10, heldOut, every: 50, steps });
const seen = trained.history.flatMap((one) => one.heldOut ?? []);
console.log(`${trained.steps} steps: ${trained.ended}`);
console.log("misfit of held-out swings, for each observation:", seen[0], "at first,", trained.heldOut, "at best");

const [truth, learned] = [solve(pendulum), solve(neuralODE, { p: trained.p })].map(({ u }) => u.at(-1)!);
console.log("after ten seconds:", truth, "true,", learned, "learned");
