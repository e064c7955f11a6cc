/** What never ends is ended once `--max-time` is over, wherever it is; what ends without a result is no success. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { odegrad, temporaryFolder } from "./run.ts";

const problem = (rhs: string): string =>
  `import { odeProblem } from "odegrad"; export default odeProblem({ rhs: ${rhs}, u0: [1], tspan: [0, 1] });`;

const modules: Readonly<Record<string, { readonly text: string; readonly error: RegExp }>> = {
  "a loop in the module": { text: "for (;;);", error: /^NeverReturned: --max-time 50 / },
  "a promise that a timer keeps alive": {
    text: "setInterval(() => {}, 100); await new Promise(() => {});",
    error: /^NeverReturned: /,
  },
  "a loop in a function that runs by itself": {
    text: `const wait = () => { while (Date.now() > 0); };\n${problem("(u) => [-u[0] * wait()]")}`,
    error: /^NeverReturned: /,
  },
  "a promise of nothing": { text: "await new Promise(() => {});", error: /^EndedEarly: / },
  "a module that ends the process": { text: "process.exit(0);", error: /^EndedEarly: / },
};

it.each(Object.entries(modules))("%s", (_, { text, error }) => {
  const path = join(temporaryFolder(), "module.mjs");
  writeFileSync(path, text);
  const { status, stdout, stderr } = odegrad("solve", path, "--max-time", "50");
  expect(stderr).toMatch(error);
  expect(stderr).toMatch(/^.*\n$/);
  expect([status, stdout]).toEqual([1, ""]);
});

it("leaves alone what ends in time", () => {
  const path = join(temporaryFolder(), "module.mjs");
  writeFileSync(path, problem("(u) => [-u[0]]"));
  expect(odegrad("solve", path, "--max-time", "100000").status).toBe(0);
});
