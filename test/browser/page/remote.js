/** A page that leaves long work to a worker. */
import { inWorker } from "odegrad/worker";
import { report } from "./report.js";

const worker = inWorker((Worker) => new Worker(new URL("./pendulums.js", import.meta.url), { type: "module" }));

await report(async () => {
  const tight = { rtol: 1e-10, atol: 1e-10 };
  const solution = await worker.solve({ ...tight, saveat: 0.5 });
  const { value, gradient, plan } = await worker.gradient({ ...tight, p: { w: 3 } });
  const controller = new AbortController();
  const { signal } = controller;
  const long = worker.solve({ tspan: [0, 1e9], maxSteps: 1e12, saveat: [1e9], signal, onProgress: () => controller.abort() });
  const aborted = await long.catch(({ name }) => name);
  const again = await worker.gradient({ ...tight, p: { w: 3 } });
  return {
    x: solution.u.map(({ x }) => x.get(1)),
    value,
    slope: gradient.p.w,
    plan: `${plan}`,
    aborted,
    slopeAgain: again.gradient.p.w,
  };
});
