import { inWorker } from "odegrad/worker";

console.log(inWorker((Worker) => new Worker(new URL("./in-worker.ts", import.meta.url), { type: "module" })));
