/**
 * Calls spoilt in one place, at random: each gives a named error that is not the library's own fault, or an answer without a NaN;
 * and where what was given cannot be right, the error. None takes longer than two seconds of the processor, where most take a
 * thousandth.
 */
import { afterAll, describe, expect, it } from "vitest";
import { InternalError, OdegradError } from "../../index.ts";
import { uniforms } from "../../src/core/random.ts";
import { calls, exported, exportedFunctions, type Call } from "./calls.ts";
import { mayBeRight, mistakes, never } from "./values.ts";
import { watchdog } from "./watchdog.ts";

/** Calls of each function. */
const CALLS = Number(process.env.ODEGRAD_RANDOM ?? 60);
/** Milliseconds of the processor. */
const LONGEST = 2000;

const watch = watchdog();
/** What became of the calls. */
const counts = { named: 0, raw: 0, accepted: 0, longest: 0 };

afterAll(async () => {
  await watch.end();
  console.log(`Calls with a mistake in them: ${JSON.stringify(counts)} (milliseconds of the processor)`);
});

type Path = readonly string[];

function isOpen(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

/** A problem, a method, observations, an optimiser. */
function isWhole(value: object): boolean {
  return ["code", "tableau", "times", "begin"].some((key) => key in value);
}

/** The ways to every value within plain objects and arrays; what is no part of a call's own text (a problem, a method) is one value. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const closed = !isOpen(value) || isWhole(value);
  const inner = closed ? [] : Object.keys(value).flatMap((key) => pathsOf((value as never)[key], [...path, key]));
  return path.length === 0 ? inner : [path, ...inner];
}

/** A copy with the value at the path replaced. */
function spoilt(value: unknown, [key, ...rest]: Path, mistake: unknown): unknown {
  if (key === undefined) return mistake;
  const copy: unknown = Array.isArray(value) ? [...(value as unknown[])] : { ...(value as object) };
  (copy as Record<string, unknown>)[key] = spoilt((value as Record<string, unknown>)[key], rest, mistake);
  return copy;
}

/** The name that says what may stand there: the last one that is no index; elements of lists are judged with them. */
function predicateAt(path: Path, args: Readonly<Record<string, unknown>>, own: Call["mayBe"]): boolean {
  const at = path.findLastIndex((key) => Number.isNaN(Number(key)) || key === "");
  const name = path[at];
  const value = path.slice(0, at + 1).reduce<unknown>((value, key) => (value as never)[key], args);
  if (path.includes("constants")) return true;
  const outer = path.slice(0, at).findLast((key) => Number.isNaN(Number(key)));
  const all = { ...mayBeRight, ...own };
  return (all[`${outer}.${name}`] ?? all[name] ?? never)(value);
}

function numbersOf(value: unknown, seen = new Set<unknown>()): number[] {
  if (typeof value === "number") return [value];
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return Object.values(value).flatMap((inner) => numbersOf(inner, seen));
}

/** What a call gives, or throws. */
async function outcomeOf(
  name: string,
  { run }: Call,
  args: Readonly<Record<string, unknown>>,
): Promise<{ value?: unknown; error?: unknown }> {
  try {
    const value: unknown = run ? run(args) : (exported(name) as (...args: unknown[]) => unknown)(...Object.values(args));
    return { value: await value };
  } catch (error) {
    return { error };
  }
}

const named = (error: unknown): boolean => error instanceof OdegradError && !(error instanceof InternalError);

it("knows a call of every function that is exported", () => {
  expect(exportedFunctions().filter((name) => !(name in calls))).toEqual([]);
});

describe.each(Object.entries(calls))("%s", (name, call) => {
  it("is right as it stands", async () => {
    const { error, value } = await outcomeOf(name, call, call.args());
    expect(error).toBeUndefined();
    expect(numbersOf(value)).not.toContain(NaN);
  });

  const paths = pathsOf(call.args());
  const spoil = async (): Promise<void> => {
    const random = uniforms(20_011 + name.length);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    for (let k = 0; k < CALLS; k++) {
      const path = pick(paths);
      const mistake = pick(Object.keys(mistakes));
      const args = spoilt(call.args(), path, mistakes[mistake]()) as Readonly<Record<string, unknown>>;
      const what = `${name}: ${path.join(".")} = ${mistake}`;
      const mayReturn = predicateAt(path, args, call.mayBe);
      const { value: outcome, milliseconds } = await watch.timed(what, () => outcomeOf(name, call, args));
      const { error } = outcome;
      counts[error === undefined ? "accepted" : named(error) ? "named" : "raw"]++;
      counts.longest = Math.max(counts.longest, milliseconds);
      expect(milliseconds, `${what} took long`).toBeLessThan(LONGEST);
      if (error !== undefined) expect(named(error), `${what}: ${String((error as Error).stack)}`).toBe(true);
      else expect(mayReturn, `${what} was taken`).toBe(true);
    }
  };
  // Of what takes nothing, there is nothing to spoil.
  if (paths.length > 0) it("is refused by name, or right, with a mistake in it", spoil);

  it("refuses keys that it does not know, by name", async () => {
    const objects = pathsOf(call.args()).filter((path) => {
      const value = path.reduce<unknown>((value, key) => (value as never)[key], call.args());
      const isClosed = path.some((key) => key === "constants" || call.open?.includes(key));
      return isOpen(value) && !Array.isArray(value) && !isWhole(value) && !isClosed;
    });
    for (const path of objects) {
      const args = spoilt(call.args(), [...path, "zebra"], 1) as Readonly<Record<string, unknown>>;
      const { error } = await outcomeOf(name, call, args);
      const what = `${name}: ${path.join(".")}.zebra`;
      expect(named(error), `${what} was taken, or: ${String((error as Error | undefined)?.stack)}`).toBe(true);
      expect((error as Error).message).toContain("zebra");
    }
  });
});
