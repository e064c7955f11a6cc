/** A thread's side of the chunks of ensembles. */
import { runChunk } from "../../ensemble/chunks/run-chunk.ts";
import type { Task } from "../../ensemble/chunks/task.ts";
import { problemTable } from "../../problems/table.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import type { Calls } from "../../worker/protocol.ts";
import { served } from "../../worker/serve.ts";
import { receivedTask, type PostedTask } from "../jobs/posted-task.ts";
import type { Exports } from "../problem/exports.ts";
import type { NamedReference } from "../problem/reference.ts";
import { requireSame, signatureOf, type Signature } from "../problem/signature.ts";

/** Serves chunks of the problem of a module; `exports`: of the one that functions go by the names of. */
export function serveChunks(problem: OdeProblem, module: string, exports: Exports | undefined): void {
  serveFrom(exports, () => ({ problem, place: `"${module}"` }));
}

/** Serves chunks of any named problem. */
export function serveNamedChunks(exports: Exports | undefined): void {
  serveFrom(exports, (reference) => {
    const { name, options } = reference as NamedReference;
    return { problem: problemTable[name].make(options).problem, place: `the table, as ${name}` };
  });
}

/** What is made for a run stays for its next chunk. */
function serveFrom(
  exports: Exports | undefined,
  find: (reference: unknown) => { readonly problem: OdeProblem; readonly place: string },
): void {
  let last: { readonly run: string; readonly problem: OdeProblem; readonly task: Task } | undefined;
  served(async (request) => {
    const { run, reference, signature, task, chunk } = request.options as Calls["chunk"]["options"];
    if (last?.run !== run) {
      const { problem, place } = find(reference);
      const received = receivedTask(task as PostedTask, exports);
      requireSame(signatureOf(problem, received.members.base), signature as Signature, place);
      last = { run, problem, task: received };
    }
    const result = await runChunk(last.problem, last.task, chunk);
    return { count: result.succeeded + result.failures.length, result };
  });
}
