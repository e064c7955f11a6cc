/** A thread of `odegrad worker`: loads the module that it is told, or has the named problems, and serves what is asked of it. */
import { workerData } from "node:worker_threads";
import { serveChunks, serveNamedChunks } from "../../cluster/worker/serve-chunks.ts";
import type { Serving } from "../../cluster/worker/threads.ts";
import { importModule, loadModule } from "../problem/module.ts";

const { module, functions, isOfChunks } = workerData as Serving;
const exports = functions === undefined ? undefined : await importModule(functions);

if (module === undefined) serveNamedChunks(exports);
else if (isOfChunks) serveChunks((await loadModule(module)).problem, module, exports);
// It calls serveFit.
else await importModule(module);
