import { describe, expect, it } from "vitest";
import { Pool, type PoolOptions } from "../../src/core/pool.ts";

/** Numbers its items in the order in which they are made. */
function numbered(options?: PoolOptions<number>): { pool: Pool<number>; make: () => number; made: () => number } {
  let made = 0;
  return { pool: new Pool(options), make: () => made++, made: () => made };
}

describe("pool", () => {
  it("makes an item once, and gives it to one call after the other", () => {
    const { pool, make, made } = numbered();
    for (let i = 0; i < 3; i++) expect(pool.use(make, (item) => item + 10)).toBe(10);
    expect(made()).toBe(1);
  });

  it("gives a call within a call an item of its own, and keeps both", () => {
    const { pool, make, made } = numbered();
    const nested = (): number[] => pool.use(make, (outer) => pool.use(make, (inner) => [outer, inner]));
    expect(nested()).toEqual([0, 1]);
    expect(new Set(nested()).size).toBe(2);
    expect(made()).toBe(2);
  });

  it("does not use again what was left in the middle of its work", async () => {
    const { pool, make } = numbered();
    const fails = (): never => {
      throw new Error("in the middle");
    };
    expect(() => pool.use(make, fails)).toThrow("in the middle");
    expect(pool.use(make, (item) => item)).toBe(1);
    await expect(pool.use(make, async () => fails())).rejects.toThrow("in the middle");
    expect(pool.use(make, (item) => item)).toBe(2);
  });

  it("keeps an item in use until what is promised is there, and of many at once as many as it may", async () => {
    const { pool, make, made } = numbered({ most: 1 });
    const item = async (): Promise<number> => pool.use(make, async (own) => (await Promise.resolve(), own));
    expect(await Promise.all([item(), item(), item()])).toEqual([0, 1, 2]);
    expect(await item()).toBe(0);
    expect(await Promise.all([item(), item()])).toEqual([0, 3]);
    expect(made()).toBe(4);
  });

  it("keeps what is worth it", () => {
    const pool = new Pool<Float64Array>({ keeps: ({ length }) => length <= 4 });
    const [short, long] = [new Float64Array(4), new Float64Array(5)];
    pool.give(short);
    pool.give(long);
    expect([pool.take(), pool.take()]).toEqual([short, undefined]);
  });
});
