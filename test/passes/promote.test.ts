import { expect, test } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { walk, type For } from "../../src/ir/ir.ts";
import { promoteArrays } from "../../src/passes/promote.ts";
import { run } from "../derive/harness.ts";

const writes = {
  "one element": { elements: [0], fill: false, carried: 1, out: [5, 0, 3] },
  "two elements": { elements: [0, 2], fill: false, carried: 2, out: [5, 0, 8] },
  "all, at once": { elements: [], fill: true, carried: 3, out: [1, 1, 1] },
};

test.each(Object.entries(writes))(
  "a loop carries what it writes of a promoted array: %s",
  (_, { elements, fill, carried, out }) => {
    const b = new Builder("loop");
    const result = b.arrayParameter("out", 3, "output");
    const local = b.localArray("local", 3);
    b.store(local, b.i32(2), b.f64(3));
    const times = b.arrayParameter("times", 1, "input");
    b.for(b.i32(0), b.operation("i32.from_f64", b.load(times, b.i32(0))), 1, [], () => {
      if (fill) b.fill(local, b.f64(1));
      for (const at of elements) b.accumulate(local, b.i32(at), b.f64(1));
      return [];
    });
    for (let i = 0; i < 3; i++) b.store(result, b.i32(i), b.load(local, b.i32(i)));
    const program = promoteArrays(b.finish());
    const loop = walk(program.body).find((i): i is For => i.kind === "for")!;
    expect(program.arrays.filter(({ role }) => role === "local")).toEqual([]);
    expect(loop.carried.length).toBe(carried);
    const arrays: Record<string, Float64Array> = { times: Float64Array.of(5) };
    run(program, arrays, {}, "wasm");
    expect([...arrays.out]).toEqual(out);
  },
);
