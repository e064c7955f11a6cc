/** Serves, and ends at the third message: the second call. */
import { parentPort } from "node:worker_threads";
import "./importing.js";

let messages = 0;
parentPort?.on("message", () => ++messages === 3 && process.exit(0));
