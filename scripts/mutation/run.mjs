/**
 * One run of tests, in a process of its own: `node run.mjs '{"tests": […], "file": …, "text": …}'`. The file has that text for the
 * tests, and stays as it is on the disk. Prints how long each test file took, and exits with 1 where one failed.
 */
import { startVitest } from "vitest/node";

const { tests, file, text } = JSON.parse(process.argv[2]);

/** In the order given: what fails soonest first. */
class Sequencer {
  constructor({ config: { root } }) {
    this.place = (path) => tests.findIndex((test) => path === `${root}/${test}` || path.startsWith(`${root}/${test}/`));
  }
  shard = (files) => files;
  sort = (files) => files.toSorted((a, b) => this.place(a.moduleId) - this.place(b.moduleId));
}

const vitest = await startVitest(
  "test",
  tests,
  {
    watch: false,
    bail: 1,
    maxWorkers: 1,
    isolate: false,
    reporters: [{}],
    testTimeout: 60_000,
    sequence: { sequencer: Sequencer },
  },
  {
    plugins: [{ name: "mutant", enforce: "pre", transform: (code, id) => (id === file ? { code: text, map: null } : undefined) }],
  },
);
const modules = vitest.state.getTestModules();
const failed = modules.length === 0 || !modules.every((module) => module.ok()) || vitest.state.getUnhandledErrors().length > 0;
const seconds = modules.map((module) => [module.relativeModuleId, module.diagnostic().duration / 1000]);
await vitest.close();
console.log(JSON.stringify(seconds));
process.exit(failed ? 1 : 0);
