import { expect, it } from "vitest";
import { dependence } from "../../src/analysis/dependence.ts";
import { Builder } from "../../src/ir/builder.ts";

it("follows carried values around a loop", () => {
  const b = new Builder("rhs");
  const [du, u, t] = [b.arrayParameter("du", 2, "output"), b.arrayParameter("u", 2, "input"), b.scalarParameter("t")];
  const [x, y] = b.for(b.i32(0), b.i32(5), 1, [t, b.f64(0)], (_, [first, second]) => [first, b.operation("add", second, first)]);
  b.store(du, b.i32(0), y);
  b.store(du, b.i32(1), b.load(u, b.i32(0)));
  const program = b.finish();
  expect(dependence(program, ["t"]).values.has(x)).toBe(true);
  expect(dependence(program, ["t"]).values.has(y)).toBe(true);
  expect(dependence(program, ["t"]).arrays.has(du)).toBe(true);
  expect(dependence(program, ["u"]).values.has(y)).toBe(false);
});
