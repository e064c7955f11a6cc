/** Functions that return a number: losses. */
import { expect, test } from "vitest";
import ndarray from "ndarray";
import { layoutOf } from "../../../src/arrays/layout.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { read, returnsValue, type ReadRequest } from "../../../src/read/index.ts";

/** Parameters of the functions under test are whatever the setting says. */
type Any = ReturnType<typeof JSON.parse>;

const layout = layoutOf({ prey: 1, predator: 2 }, "u");

function lossOf(
  fn: ReadRequest["fn"],
  constants: Readonly<Record<string, unknown>>,
): (u: readonly number[], t: number, i: number) => number {
  const program = read({
    fn,
    name: "loss",
    parameters: [
      { kind: "layout", name: "u", layout, role: "input" },
      { kind: "scalar", name: "t" },
      { kind: "scalar", name: "i", type: "i32" },
    ],
    constants,
    returns: { kind: "scalar" },
  });
  const arena = new Arena();
  const address = arena.reserve(2);
  const { loss } = compile({ loss: program }, arena, "javascript").link();
  return (u, t, i) => {
    arena.f64(address, 2).set(u);
    return loss(address, t, i);
  };
}

test("a loss over data", () => {
  const data = ndarray(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 2]);
  const loss = lossOf(
    (u: Any, _t: Any, i: Any, { data }: Any) => (u.prey - data.get(i, 0)) ** 2 + (u.predator - data.get(i, 1)) ** 2,
    { data },
  );
  expect(loss([4, 7], 0, 2)).toBe(2);
  expect(loss([1, 2], 0, 0)).toBe(0);
});

test("early returns, integers and booleans are numbers", () => {
  const loss = lossOf((u: Any, t: Any, i: Any) => {
    if (i > 5) return i;
    if (t > 1) return u.prey > 0;
    return u.predator * t;
  }, {});
  expect(loss([1, 2], 0.5, 6)).toBe(6);
  expect(loss([1, 2], 2, 0)).toBe(1);
  expect(loss([1, 2], 0.5, 0)).toBe(1);
});

test("returnsValue tells in place from out of place", () => {
  expect(returnsValue((du: Any) => void (du[0] = 1))).toBe(false);
  expect(returnsValue((u: Any) => u)).toBe(true);
  expect(
    returnsValue((u: Any) => {
      const f = () => {
        return 1;
      };
      u[0] = f();
    }),
  ).toBe(false);
  expect(
    returnsValue((u: Any) => {
      if (u) return;
    }),
  ).toBe(false);
  expect(
    returnsValue((u: Any) => {
      for (;;) {
        if (u) return [1];
      }
    }),
  ).toBe(true);
  expect(
    returnsValue(
      {
        rhs(u: Any) {
          return u;
        },
      }.rhs,
    ),
  ).toBe(true);
  expect(returnsValue(new Function("return void 0") as never)).toBe(false);
});
