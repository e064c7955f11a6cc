import { expect, it } from "vitest";
import { InternalError } from "../../src/core/errors.ts";
import { Builder } from "../../src/ir/builder.ts";

it("a call with arguments missing is an error that names what is called", () => {
  const callee = new Builder("square");
  callee.arrayParameter("y", 1, "output");
  const x = callee.scalarParameter("x");
  const program = callee.finish(x);
  const b = new Builder("caller");
  expect(() => b.call(program, [b.f64(1)])).toThrow(InternalError);
  expect(() => b.call(program, [b.f64(1)])).toThrow("call of square: it takes 2 arguments, not 1");
});
