/** Every verb any number of times at once, within the callbacks of others, and after such as threw: the numbers of the call alone. */
import { afterAll, expect, test } from "vitest";
import { FunctionThrew, odeProblem, solveWithPullback, tsit5 } from "../../index.ts";
import { uniforms } from "../../src/core/random.ts";
import { digest, verbs, type Verb } from "./verbs.ts";
import { closeWorkers, workerVerbs, type WorkerVerb } from "./workers.ts";
import { adjointsThat } from "../tables.ts";

/** Calls at once. */
const CALLS = Number(process.env.ODEGRAD_RANDOM ?? 200);

const silent = (): void => {};
const expected = new Map<string, string>();

async function digestOf({ run }: Verb, hook: () => void = silent): Promise<string> {
  return digest(await run(hook));
}

async function alone(verb: Verb | WorkerVerb): Promise<string> {
  if (!expected.has(verb.name)) expected.set(verb.name, "here" in verb ? await alone(verb.here) : await digestOf(verb));
  return expected.get(verb.name)!;
}

/** One of a list, at random. */
function chooser(seed: number): <T>(list: readonly T[]) => T {
  const uniform = uniforms(seed);
  return (list) => list[Math.floor(uniform() * list.length)];
}

test("each call has numbers of its own", async () => {
  for (const verb of verbs) await alone(verb);
  // Some are of the same problem and mean the same.
  expect(new Set(expected.values()).size).toBeGreaterThan(verbs.length / 2);
});

afterAll(closeWorkers);

test(`${CALLS} mixed calls at once, in workers too, and others in their callbacks, give what each gives alone`, async () => {
  const all = [...verbs, ...workerVerbs];
  for (const verb of all) await alone(verb);
  const chosen = chooser(1);
  /** Half of them here, the others in workers. */
  const choose = (): Verb => chosen(chosen<readonly Verb[]>([verbs, workerVerbs]));
  const inner: Promise<[string, string]>[] = [];
  let nested = 0;
  const start = async (verb: Verb, depth: number): Promise<[string, string]> => {
    let told = 0;
    const hook = (): void => {
      if (depth === 2 || ++told > 3 || nested > 2 * CALLS) return;
      nested++;
      inner.push(start(choose(), depth + 1));
    };
    return [verb.name, await digestOf(verb, hook)];
  };
  const results = await Promise.all(Array.from({ length: CALLS }, () => start(choose(), 0)));
  results.push(...(await Promise.all(inner)));
  expect(nested).toBeGreaterThan(CALLS);
  const wrong = results.flatMap(([name, found]) => (found === expected.get(name) ? [] : [name]));
  expect(wrong).toEqual([]);
});

test("a callback that calls the same verb of the same problem", async () => {
  for (const verb of verbs) {
    const before = await alone(verb);
    const inner: Promise<string>[] = [];
    const outer = await digestOf(verb, () => {
      if (inner.length < 2) inner.push(digestOf(verb));
    });
    expect([outer, ...(await Promise.all(inner))], verb.name).toEqual([before, ...inner.map(() => before)]);
  }
});

test("a callback that throws, wherever, leaves nothing behind", async () => {
  const choose = chooser(2);
  for (const verb of verbs) {
    const before = await alone(verb);
    let calls = 0;
    await digestOf(verb, () => void calls++);
    const places = calls === 0 ? [] : [1, calls, ...[0, 1, 2].map(() => 1 + choose([...Array(calls).keys()]))];
    for (const place of places) {
      let told = 0;
      const thrown = new Error("of the user's");
      const failing = digestOf(verb, () => {
        if (++told === place) throw thrown;
      });
      // Whether a function works in place is found out by a call that may throw.
      const found = await failing.catch((error: unknown) => (error instanceof FunctionThrew ? error.cause : error));
      if (found !== before) expect(found, `${verb.name}, call ${place} of ${calls}`).toBe(thrown);
      expect(await digestOf(verb), `${verb.name}, after call ${place} of ${calls} threw`).toBe(before);
    }
  }
});

test("a pullback that a callback stopped, or called again, is taken back as ever", () => {
  const problem = odeProblem({
    name: "again",
    rhs: (u: number[], p: number[], t) => [p[0] * u[1] * Math.cos(t), -p[1] * u[0]],
    u0: [1, 0.5],
    p: [1.2, 0.7],
    tspan: [0, 6],
  });
  for (const adjoint of adjointsThat()) {
    for (const memoryBudget of [4000, 1e6]) {
      let told: () => void = silent;
      const { pullback } = solveWithPullback(problem, {
        saveat: 0.5,
        adjoint,
        solver: tsit5(),
        memoryBudget,
        wrt: ["p", "u0"],
        onProgress: () => told(),
      });
      const cotangents = (u: ArrayLike<number>, _t: number, i: number): number[] => [u[1], i];
      const before = digest(pullback(cotangents));
      let calls = 0;
      told = () => void calls++;
      pullback(cotangents);
      for (const place of [1, 2, Math.ceil(calls / 2), calls].filter((at) => at > 0 && at <= calls)) {
        let call = 0;
        told = () => {
          if (++call === place) throw new Error("of the user's");
        };
        expect(() => pullback(cotangents)).toThrow("of the user's");
        told = silent;
        expect(digest(pullback(cotangents)), `${adjoint}, call ${place}`).toBe(before);
        const inner: string[] = [];
        call = 0;
        told = () => {
          if (++call !== place) return;
          inner.push(digest(pullback(cotangents)));
        };
        expect(digest(pullback(cotangents)), `${adjoint}, within call ${place}`).toBe(before);
        expect(inner).toEqual(inner.map(() => before));
      }
    }
  }
});
