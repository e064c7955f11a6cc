/** Types of the public face, as users' compilers see them. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { complaints } from "./compiled.ts";

const { exports } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { exports: object };
const entries = Object.keys(exports).map((path) => path.replace(/^\./, "odegrad"));

/** Names types of `unplugin`, whose own declarations need those of all bundlers. */
const ofOthers = ["odegrad/unplugin"];

it("declarations of every entry point stand alone: without those of pages, of Node, and of what is optional", () => {
  const files = entries.filter((entry) => !ofOthers.includes(entry)).map((entry, i) => `export * as e${i} from "${entry}";\n`);
  expect(files.length).toBeGreaterThan(5);
  expect(complaints("alone", { "all.ts": files.join("") })).toEqual([]);
  expect(complaints("checked", { "wrong.ts": `import { nothing } from "odegrad";` })).toEqual([
    expect.stringContaining("nothing"),
  ]);
}, 60_000);

const PROBLEM = `
import { gradient, gradientBatch, hessian, ndarray, odeProblem, solveWithPullback, type WithRespectTo } from "odegrad";
declare function is<T>(value: NoInfer<T> & T): void;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(is: Same<A, B>): void;
const problem = odeProblem({
  rhs: (u, p) => ({ x: -p.k * u.x }),
  u0: { x: 1 }, p: { k: 1, table: new Float32Array(3) }, tspan: [0, 1],
});
const loss = { final: (u: { x: number }) => u.x };
`;

const right: Readonly<Record<string, string>> = {
  "a gradient has what wrt names, p by default, and nothing else": `
    const byDefault = gradient(problem, { loss });
    byDefault.gradient.p.k satisfies number;
    byDefault.gradient.p.table satisfies Float64Array;
    byDefault.flat.p satisfies Float64Array;
    same<keyof typeof byDefault.gradient, "p">(true);
    const one = gradient(problem, { loss, wrt: "u0" });
    same<keyof typeof one.gradient, "u0">(true);
    const three = gradient(problem, { loss, wrt: ["p", "u0", "t1"] });
    same<keyof typeof three.gradient, "p" | "u0" | "t1">(true);
    three.gradient.t1 satisfies number;
    three.gradient.u0.x satisfies number;`,
  "each may be absent where types do not tell what wrt names": `
    declare const names: WithRespectTo[], name: "p" | "u0";
    const some = gradient(problem, { loss, wrt: names });
    some.gradient.p?.k satisfies number | undefined;
    some.gradient.at?.length satisfies number | undefined;
    // @ts-expect-error
    some.gradient.p.k;
    const either = gradient(problem, { loss, wrt: name });
    // @ts-expect-error
    either.gradient.p.k;
    const last = gradient(problem, { loss, wrt: ["t0", name] });
    last.gradient.t0 satisfies number;
    // @ts-expect-error
    last.gradient.p.k;`,
  "where a failure may come back, too": `
    const tried = gradient(problem, { loss, onFailure: "infinity", wrt: ["p", "u0"] });
    tried.gradient.u0.x satisfies number;
    if (tried.failure) tried.failure.message;`,
  "pullbacks and Hessians likewise": `
    const { pullback } = solveWithPullback(problem, { saveat: [1], wrt: ["u0", "t0"] });
    const pulled = pullback([{ x: 1 }]);
    same<keyof typeof pulled, "u0" | "t0">(true);
    solveWithPullback(problem, { saveat: [1] }).pullback([{ x: 1 }]).p.k satisfies number;
    hessian(problem, { loss }).gradient.p.k satisfies number;`,
  "batches by whether parameters are shared": `
    const shared = await gradientBatch(problem, { u0: ndarray([1, 2, 3], [3, 1]), loss });
    shared.p.k satisfies number;
    const given = await gradientBatch(problem, { u0: ndarray([1, 2, 3], [3, 1]), p: { k: 2, table: new Float32Array(3) }, loss });
    given.p.k satisfies number;
    const own = await gradientBatch(problem, { p: ndarray([1, 2, 3, 4], [1, 4]), loss });
    own.p.get(0, 0) satisfies number;`,
};

const wrong: Readonly<Record<string, readonly [string, RegExp]>> = {
  "a method that there is not": [`gradient(problem, { loss, adjoint: "gaus" });`, /"gaus"/],
  "a backend that there is not": [`gradient(problem, { loss, vjp: "sources" });`, /"sources"/],
  "a target that there is not": [`gradient(problem, { loss, target: "wgsl" });`, /"wgsl"/],
  "what nothing can be differentiated by": [`gradient(problem, { loss, wrt: ["p", "v0"] });`, /"v0"/],
  "what was not asked for": [`gradient(problem, { loss }).gradient.u0;`, /'u0'/],
  "a name that the state has not": [`gradient(problem, { loss: { final: (u) => u.y } });`, /'y'/],
};

it("those that are shown are right, and wrong ones are told", () => {
  const files = Object.fromEntries(
    [...Object.values(right), ...Object.values(wrong).map(([text]) => text)].map((text, i) => [`f${i}.ts`, PROBLEM + text]),
  );
  const told = complaints("public", files);
  const of = (i: number): string[] => told.filter((line) => line.startsWith(`f${i}.ts`));
  Object.keys(right).forEach((name, i) => expect(of(i), name).toEqual([]));
  Object.entries(wrong).forEach(([name, [, says]], i) => {
    const lines = of(Object.keys(right).length + i);
    expect(lines.length, name).toBeGreaterThan(0);
    expect(told.join("\n"), name).toMatch(says);
  });
}, 60_000);
