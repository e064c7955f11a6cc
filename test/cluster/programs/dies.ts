/** A program that asks for the chunks of an ensemble, says its run and what it merged, and goes on until it is killed. */
import { cluster } from "../../../cluster/index.ts";
import { onCluster, reference } from "../ensemble.ts";

const [redis, trajectories, size] = process.argv.slice(2);
const device = cluster({ redis, problem: reference, onRun: (run) => console.log(`run ${run}`) });
await onCluster(device, Number(trajectories), Number(size), { onMerge: (index) => console.log(`merged ${index}`) });
