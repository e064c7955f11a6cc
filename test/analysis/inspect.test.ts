import { describe, expect, it } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { valueBranches } from "../../src/analysis/branches.ts";
import { dependence } from "../../src/analysis/dependence.ts";
import { usesTime } from "../../src/analysis/time.ts";

function start(): {
  b: Builder;
  du: ReturnType<Builder["arrayParameter"]>;
  u: ReturnType<Builder["arrayParameter"]>;
  t: ReturnType<Builder["scalarParameter"]>;
} {
  const b = new Builder("rhs");
  return { b, du: b.arrayParameter("du", 2, "output"), u: b.arrayParameter("u", 2, "input"), t: b.scalarParameter("t") };
}

describe("valueBranches", () => {
  it("names the parameters that decide each branch, and none that the loop index decides", () => {
    const { b, du, u, t } = start();
    b.source = { line: 3, column: 4 };
    b.for(b.i32(0), b.i32(2), 1, [], (i) => {
      b.if(
        b.operation("i32.eq", i, b.i32(0)),
        () => (b.store(du, i, t), []),
        () => (b.store(du, i, b.load(u, i)), []),
      );
      b.if(
        b.operation("gt", b.load(u, i), t),
        () => (b.store(du, i, t), []),
        () => [],
      );
      return [];
    });
    expect(valueBranches(b.finish())).toEqual([{ kind: "if", parameters: ["u", "t"], source: { line: 3, column: 4 } }]);
  });

  it("sees through memory, integers and the choice of a branch", () => {
    const { b, du, u } = start();
    const scratch = b.localArray("scratch", 1);
    b.store(scratch, b.i32(0), b.f64(0));
    b.if(
      b.operation("gt", b.load(u, b.i32(0)), b.f64(0)),
      () => (b.store(scratch, b.i32(0), b.f64(1)), b.store(du, b.i32(1), b.f64(2)), []),
      () => [],
    );
    const count = b.operation("i32.from_f64", b.load(scratch, b.i32(0)));
    b.for(b.i32(0), count, 1, [], (i) => (b.store(du, i, b.f64(0)), []));
    expect(valueBranches(b.finish()).map(({ kind, parameters }) => [kind, parameters])).toEqual([
      ["if", ["u"]],
      ["for", ["u"]],
    ]);
  });

  it("reports while loops and selects", () => {
    const { b, du, u, t } = start();
    const [x] = b.while(
      [b.load(u, b.i32(0))],
      ([y]) => b.operation("gt", y, b.f64(1)),
      ([y]) => [b.operation("mul", y, b.f64(0.5))],
    );
    b.store(du, b.i32(0), b.operation("select", b.operation("lt", t, b.f64(1)), x, b.f64(2)));
    expect(valueBranches(b.finish()).map(({ kind, parameters }) => [kind, parameters])).toEqual([
      ["while", ["u"]],
      ["select", ["t"]],
    ]);
  });
});

describe("dependence", () => {
  it("follows carried values around a loop", () => {
    const { b, du, u, t } = start();
    const [x, y] = b.for(b.i32(0), b.i32(5), 1, [t, b.f64(0)], (_, [first, second]) => [
      first,
      b.operation("add", second, first),
    ]);
    b.store(du, b.i32(0), y);
    b.store(du, b.i32(1), b.load(u, b.i32(0)));
    const program = b.finish();
    expect(dependence(program, ["t"]).values.has(x)).toBe(true);
    expect(dependence(program, ["t"]).values.has(y)).toBe(true);
    expect(dependence(program, ["t"]).arrays.has(du)).toBe(true);
    expect(dependence(program, ["u"]).values.has(y)).toBe(false);
  });
});

describe("usesTime", () => {
  it("is false where time is a parameter only, or only feeds what nobody reads", () => {
    const { b, du, t } = start();
    b.operation("sin", t);
    b.fill(du, b.f64(0));
    expect(usesTime(b.finish())).toBe(false);
  });

  it("is true where it reaches an output, a condition or a loop's carried value", () => {
    const direct = start();
    direct.b.fill(direct.du, direct.t);
    expect(usesTime(direct.b.finish())).toBe(true);
    const carried = start();
    const [last] = carried.b.for(carried.b.i32(0), carried.b.i32(3), 1, [carried.b.f64(0)], () => [carried.t]);
    carried.b.fill(carried.du, last);
    expect(usesTime(carried.b.finish())).toBe(true);
  });
});
