import { expect, it } from "vitest";
import { Builder } from "../../../src/ir/builder.ts";
import { run } from "./harness.ts";

const sizes = [1, 2, 3, 7, 8, 9, 23, 64, 127, 128, 129, 400];

it.each(["f64", "i32"] as const)("fills arrays of %s of any size with zeros, and nothing beside them", (element) => {
  for (const size of sizes) {
    const b = new Builder("fill");
    const x = b.arrayParameter("x", size, "inout", element);
    b.arrayParameter("behind", 4, "inout", element);
    b.fill(x, element === "f64" ? b.f64(0) : b.i32(0));
    const [filled, behind] = run(b.finish(), [new Array<number>(size).fill(7), [1, 2, 3, 4]]).arrays;
    expect(filled).toEqual(new Array(size).fill(0));
    expect(behind).toEqual([1, 2, 3, 4]);
  }
});
