/** A page whose workers serve nothing, do not load, or close themselves. */
import { inWorker } from "odegrad/worker";
import { report } from "./report.js";

const silent = inWorker((Worker) => new Worker(new URL("./nothing.js", import.meta.url), { type: "module" }));
const absent = inWorker((Worker) => new Worker("/nowhere.js", { type: "module" }));
const closing = inWorker((Worker) => new Worker(new URL("./closing.js", import.meta.url), { type: "module" }));

const failureOf = async (call) => {
  const begun = performance.now();
  const name = await call.then(
    () => "none",
    (error) => error.name,
  );
  return { name, seconds: (performance.now() - begun) / 1000 };
};

await report(async () => {
  const { t } = await closing.solve({ saveat: [1] });
  // What closes itself may have answered already: then the call behind is lost.
  const endings = [await failureOf(closing.solve({ saveat: [1] })), await failureOf(closing.solve({ saveat: [1] }))];
  const closed = endings.find(({ name }) => name !== "none");
  const { value } = await closing.gradient({ rtol: 1e-9, atol: 1e-9 });
  return { t: [...t], closed, value, absent: await failureOf(absent.solve()), silent: await failureOf(silent.solve()) };
});
