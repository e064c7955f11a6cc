/** What pages load at once, minified and zipped. */
import { expect, it } from "vitest";
import { bundled } from "./bundle.ts";

const KB = 1000;

/**
 * 321 KB, of which the parser is 5, what functions capture 3, what finds and differentiates steady states 9, what holds decisions and finds where they switch 9, events
 * that change parameters and move with them 3, mass matrices and residuals 5, the methods that may be chosen beside the implicit one 10,
 * right-hand sides in parts 2, initial values of parameters and losses of all times 2, what dense output errs by 1, and looking for narrow inputs, for
 * growth below tolerances and for what functions keep from call to call 8. Verbs answer at once, so that whatever a call may need is loaded before it: a function whose text
 * cannot be read goes to the tape, a problem that turns out to be stiff to the stabilised or the implicit method and its sparse factors, and a plan
 * compares all adjoint methods. What a call names by itself, another method or a batch, loads with it.
 */
it("with tsit5 and gradient: nothing that is imported by name elsewhere", async () => {
  const { zipped, modules } = await bundled("gradient.js");
  expect(zipped).toBeLessThan(326 * KB);
  expect(modules).toContain("src/derive/reverse");
  const elsewhere = /^(plot|problems|training|worker|solvers\/batch|sensitivity\/batch|src\/devices|src\/compile\/wgsl)\//;
  expect(modules.filter((path) => elsewhere.test(path))).toEqual([]);
  const methods = modules.filter((path) => path.startsWith("solvers/methods/"));
  expect(methods.toSorted()).toEqual(["dop853", "rock4", "rodas5p", "tsit5"].map((name) => `solvers/methods/${name}`));
});

/**
 * 235 KB: what reads functions is 57 of them, the parser among it 5, the step loop 23, analysis 17, derivatives 16, the discrete adjoint 15, compilation
 * 14, problems 13, the representation 12, switches 6, steps 6, passes 6, plans 5, and looking for narrow inputs, for growth below tolerances and for what functions keep 7. Small is what was left out: other methods, adjoints and backends,
 * linear systems of implicit steps, array operations, mass matrices, steady states, code in JavaScript, and recording what cannot be read.
 */
it("with what is handed in as values: none of what is chosen among", async () => {
  const { zipped, modules } = await bundled("core.js");
  expect(zipped).toBeLessThan(240 * KB);
  const others = /^(src\/tape|solvers\/steady|sensitivity\/(check|adjoints\/(continuous\/methods|steady)))/;
  expect(modules.filter((path) => others.test(path))).toEqual([]);
  // Methods and functions bring along what is theirs alone.
  const brought =
    /^(solvers\/(linear|newton)|src\/operations\/(convolutions|elementwise|interpolate|products|structure)|src\/compile\/javascript)/;
  expect(modules.filter((path) => brought.test(path))).toEqual([]);
  const methods = modules.filter((path) => path.startsWith("solvers/methods/"));
  expect(methods).toEqual(["solvers/methods/tsit5"]);
});

it("with the work in a worker: hardly anything", async () => {
  expect((await bundled("remote.js")).zipped).toBeLessThan(8 * KB);
});
