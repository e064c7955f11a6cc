import { expect, it } from "vitest";
import { recent } from "../../src/core/recent.ts";

it("keeps what was used last, and makes the rest anew", () => {
  const entries: number[] = [];
  let made = 0;
  const use = (n: number): number =>
    recent(
      entries,
      (entry) => entry === n,
      () => (made++, n),
    );
  for (let n = 0; n < 32; n++) expect(use(n)).toBe(n);
  expect(use(0)).toBe(0);
  expect(made).toBe(32);
  use(32);
  expect(entries.length).toBe(32);
  use(0);
  expect(made).toBe(33);
  use(1);
  expect(made).toBe(34);
});
