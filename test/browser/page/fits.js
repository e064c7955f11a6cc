/** Fits from many starts and chains, here and in workers. */
import { multiStart, sample } from "odegrad/training";
import { data, oscillator } from "./fitted.js";
import { report } from "./report.js";

const worker = (Worker) => new Worker(new URL("./fitted.js", import.meta.url), { type: "module" });

await report(async () => {
  const options = { starts: 4, parameters: { w: { bounds: [0.5, 6] } } };
  const valuesOf = ({ starts }) => starts.map(({ value, parameters }) => [value, ...parameters]);
  const here = await multiStart(oscillator, data, options);
  const there = await multiStart(oscillator, data, { ...options, worker, threads: 2 });
  const few = { parameters: { w: { start: 2 } }, chains: 2, warmup: 20, draws: 10 };
  return {
    w: here.best.p.w,
    here: valuesOf(here),
    there: valuesOf(there),
    chains: [...(await sample(oscillator, data, few)).draws.data],
    chainsThere: [...(await sample(oscillator, data, { ...few, worker, threads: 2 })).draws.data],
  };
});
