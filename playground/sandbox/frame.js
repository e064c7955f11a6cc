/**
 * The script of the sandboxed frame, which has an origin of its own and no network: runs the engine in a worker, and hands it the port that the
 * page sends. A new port means a new worker, and the end of the one before, whatever that was doing.
 */
const url = URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" }));
let worker;

addEventListener("message", ({ source, ports }) => {
  if (source !== parent) return;
  worker?.terminate();
  worker = new Worker(url);
  worker.postMessage(null, ports);
});

parent.postMessage("odegrad sandbox", "*");
