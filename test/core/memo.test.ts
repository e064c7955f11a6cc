import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { memo } from "../../src/core/memo.ts";

describe("memo", () => {
  it("makes a value once for an object", () => {
    const make = vi.fn((of: { readonly x: number }) => ({ x: of.x }));
    const made = memo(make);
    const [a, b] = [{ x: 1 }, { x: 1 }];
    expect(made(a)).toBe(made(a));
    expect(made(b)).not.toBe(made(a));
    expect(make).toHaveBeenCalledTimes(2);
  });

  it("makes nothing once, too", () => {
    const make = vi.fn((_of: object): undefined => undefined);
    const made = memo(make);
    const a = {};
    expect([made(a), made(a)]).toEqual([undefined, undefined]);
    expect(make).toHaveBeenCalledTimes(1);
  });

  it("tells keys of all kinds and places apart", () => {
    const make = vi.fn((...keys: readonly unknown[]) => keys.length);
    const made = memo(make);
    const a = {};
    const f = (): void => {};
    const lists = [
      [a],
      [f],
      ["1"],
      [1],
      [NaN],
      [null],
      [undefined],
      [a, 1],
      [1, a],
      [a, a],
      [a, undefined],
      [a, "1", true],
      ["1,2"],
      ["1", "2"],
    ];
    for (const keys of lists) expect(made(...keys)).toBe(keys.length);
    expect(make).toHaveBeenCalledTimes(lists.length);
    for (const keys of lists.toReversed()) expect(made(...keys)).toBe(keys.length);
    expect(make).toHaveBeenCalledTimes(lists.length);
  });

  it("keeps by what the arguments stand for", () => {
    const make = vi.fn((code: { readonly identity: object }, target: string) => [code.identity, target]);
    const made = memo(make, { by: ({ identity }, target) => [identity, target] });
    const identity = {};
    expect(made({ identity }, "wasm")).toBe(made({ identity }, "wasm"));
    expect(made({ identity }, "javascript")).not.toBe(made({ identity }, "wasm"));
    expect(make).toHaveBeenCalledTimes(2);
  });

  it("keeps nothing where it throws", () => {
    let fails = true;
    const made = memo((key: string) => {
      if (fails) throw new Error(key);
      return key;
    });
    expect(() => made("a")).toThrow("a");
    fails = false;
    expect(made("a")).toBe("a");
  });

  it("may ask itself", () => {
    const fibonacci: (n: number) => number = memo((n: number) => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2)));
    expect(fibonacci(70)).toBe(190392490709135);
  });

  it("keeps what was asked for last, where only so much is kept with an object", () => {
    const make = vi.fn((_of: object, n: number) => n);
    const made = memo(make, { most: 3 });
    const [a, b] = [{}, {}];
    for (const n of [1, 2, 3, 1, 4]) expect(made(a, n)).toBe(n);
    expect(make).toHaveBeenCalledTimes(4);
    made(b, 1);
    expect([1, 3, 4].map((n) => made(a, n))).toEqual([1, 3, 4]);
    expect(make).toHaveBeenCalledTimes(5);
    made(a, 2);
    expect(make).toHaveBeenCalledTimes(6);
  });

  it("counts first keys that are no objects together", () => {
    const make = vi.fn((text: string) => text.length);
    const made = memo(make, { most: 2 });
    for (const text of ["a", "bb", "a", "ccc", "a", "bb"]) expect(made(text)).toBe(text.length);
    expect(make).toHaveBeenCalledTimes(4);
  });

  it.each(["first", "second"] as const)("lets go of a value with its %s key", async (which) => {
    const made = memo((first: object, second: object, _name: string) => ({ first, second }));
    const keys: { first?: object; second?: object } = { first: {}, second: {} };
    const value = new WeakRef(made(keys.first!, keys.second!, "x"));
    const collect = collector();
    await collect();
    expect(value.deref()).toBeDefined();
    keys[which] = undefined;
    await collect();
    expect(value.deref()).toBeUndefined();
    expect(Object.values(keys).filter(Boolean)).toHaveLength(1);
  });
});

/** Collects what nothing holds, once the turn is over in which weak references were looked at. */
function collector(): () => Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  return async () => {
    await new Promise((resolve) => setTimeout(resolve));
    collect();
  };
}
