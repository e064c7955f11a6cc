/** Runs verbs of verbs.ts in a thread of its own, as many at once as it is asked for: `{ id, name }` comes, `{ id, digest }` goes. */
import { parentPort } from "node:worker_threads";
import { tsImport } from "tsx/esm/api";

const { verbs, digest } = await tsImport("../verbs.ts", import.meta.url);

async function answer({ id, name }) {
  const { run } = verbs.find((verb) => verb.name === name);
  parentPort.postMessage({ id, digest: digest(await run(() => {})) });
}

parentPort.on("message", (asked) => void answer(asked));
