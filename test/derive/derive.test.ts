import { describe, expect, it } from "vitest";
import { forward } from "../../src/derive/forward.ts";
import { reverse } from "../../src/derive/reverse.ts";
import { Builder } from "../../src/ir/builder.ts";
import { walk, type Program, type Value } from "../../src/ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../../src/ir/scalar-operations.ts";
import { checkDerivatives, randoms, run } from "./harness.ts";

/** A program out[m] of u[n] (and t). */
function make(
  n: number,
  m: number,
  body: (
    b: Builder,
    u: ReturnType<Builder["arrayParameter"]>,
    out: ReturnType<Builder["arrayParameter"]>,
    t: ReturnType<Builder["f64"]>,
  ) => void,
): Program {
  const b = new Builder("f");
  const out = b.arrayParameter("du", m, "output");
  const u = b.arrayParameter("u", n, "input");
  const t = b.scalarParameter("t");
  body(b, u, out, t);
  return b.finish();
}

const points: Partial<Record<ScalarOperationName, number[]>> = {
  acosh: [1.7],
  asin: [0.3],
  acos: [0.3],
  atanh: [0.3],
  log1p: [0.4],
  rem: [5.3, 2.1],
  atan2: [0.5, -0.7],
};

describe("scalar operations", () => {
  for (const [name, operation] of Object.entries(scalarOperations)) {
    if (operation.result !== "f64" || !operation.args.every((type) => type === "f64")) continue;
    // Rounding to f32 is a staircase: its derivative is taken as that of what it approximates, which differences cannot see.
    if (name === "fround") continue;
    it(`${name}: partial derivatives match finite differences`, () => {
      const n = operation.args.length;
      const program = make(n, 1, (b, u, out) => {
        b.store(
          out,
          b.i32(0),
          b.operation(name as ScalarOperationName, ...Array.from({ length: n }, (_, i) => b.load(u, b.i32(i)))),
        );
      });
      checkDerivatives({
        program,
        inputs: { u: Float64Array.from(points[name as ScalarOperationName] ?? [0.8, 1.3].slice(0, n)) },
        scalars: { t: 0 },
      });
    });
  }
});

describe("structure", () => {
  it("select and branches, and time", () => {
    const program = make(2, 2, (b, u, out, t) => {
      const [x, y] = [b.load(u, b.i32(0)), b.load(u, b.i32(1))];
      const c = b.operation("lt", x, y);
      const [r] = b.if(
        c,
        () => [b.operation("mul", x, b.operation("sin", t))],
        () => [b.operation("exp", y)],
      );
      b.store(out, b.i32(0), b.operation("mul", r, y));
      b.store(out, b.i32(1), b.operation("select", c, b.operation("mul", x, x), b.operation("mul", y, t)));
    });
    for (const u of [
      [0.2, 0.9],
      [0.9, 0.2],
    ])
      checkDerivatives({ program, inputs: { u: Float64Array.from(u) }, scalars: { t: 0.7 }, wrt: ["u", "t"] });
  });

  it("sums, products and powers carried over loops", () => {
    const n = 7;
    const program = make(n, 2, (b, u, out, t) => {
      const [sum, product] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0), t], (i, [s, p]) => {
        const x = b.load(u, i);
        return [
          b.operation("add", s, b.operation("mul", x, x)),
          b.operation("mul", p, b.operation("cos", b.operation("mul", x, p))),
        ];
      });
      b.store(out, b.i32(0), sum);
      b.store(out, b.i32(1), product);
    });
    checkDerivatives({ program, inputs: { u: randoms(n) }, scalars: { t: 0.8 }, wrt: ["u", "t"] });
  });

  it("a periodic stencil keeps nothing", () => {
    const n = 9;
    const program = make(n, n, (b, u, out) => {
      b.for(b.i32(0), b.i32(n), 1, [], (i) => {
        const next = b.operation(
          "i32.select",
          b.operation("i32.eq", i, b.i32(n - 1)),
          b.i32(0),
          b.operation("i32.add", i, b.i32(1)),
        );
        const x = b.load(u, i);
        b.store(out, i, b.operation("mul", b.operation("mul", x, x), b.load(u, next)));
        return [];
      });
    });
    checkDerivatives({ program, inputs: { u: randoms(n) }, scalars: { t: 0 } });
    const adjoint = reverse(program, { wrt: ["u"] });
    expect(adjoint.arrays.filter((a) => a.role === "local")).toEqual([]);
    expect([...walk(adjoint.body)].filter((i) => i.kind === "for")).toHaveLength(1);
  });

  it("an array overwritten in place, step after step", () => {
    const n = 5;
    const program = make(n, n, (b, u, out, t) => {
      const a = b.localArray("a", n);
      b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.store(a, i, b.load(u, i)), []));
      b.for(b.i32(0), b.i32(4), 1, [], () => {
        b.for(b.i32(1), b.i32(n), 1, [], (i) => {
          const left = b.load(a, b.operation("i32.sub", i, b.i32(1)));
          b.store(a, i, b.operation("sin", b.operation("add", b.operation("mul", left, b.load(a, i)), t)));
          return [];
        });
        return [];
      });
      b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.store(out, i, b.load(a, i)), []));
    });
    checkDerivatives({ program, inputs: { u: randoms(n) }, scalars: { t: 0.3 }, wrt: ["u", "t"] });
  });

  it("outputs that are read back and overwritten", () => {
    const program = make(3, 3, (b, u, out) => {
      b.for(b.i32(0), b.i32(3), 1, [], (i) => (b.store(out, i, b.operation("exp", b.load(u, i))), []));
      b.for(b.i32(0), b.i32(2), 1, [], (i) => {
        const next = b.operation("i32.add", i, b.i32(1));
        b.store(out, next, b.operation("mul", b.load(out, next), b.load(out, i)));
        return [];
      });
      b.store(out, b.i32(0), b.operation("mul", b.load(out, b.i32(0)), b.load(out, b.i32(2))));
    });
    checkDerivatives({ program, inputs: { u: randoms(3) }, scalars: { t: 0 } });
  });

  it("a layer: matrix-vector products, tanh, accumulation", () => {
    const [n, m] = [3, 4];
    const b = new Builder("layer");
    const out = b.arrayParameter("du", n, "output");
    const u = b.arrayParameter("u", n, "input");
    const p = b.arrayParameter("p", m * n + n * m, "input");
    const h = b.localArray("h", m);
    b.for(b.i32(0), b.i32(m), 1, [], (i) => {
      const [s] = b.for(b.i32(0), b.i32(n), 1, [b.f64(0)], (j, [sum]) => {
        const w = b.load(p, b.operation("i32.add", b.operation("i32.mul", i, b.i32(n)), j));
        return [b.operation("add", sum, b.operation("mul", w, b.load(u, j)))];
      });
      b.store(h, i, b.operation("tanh", s));
      return [];
    });
    b.fill(out, b.f64(0));
    b.for(b.i32(0), b.i32(m), 1, [], (i) => {
      b.for(b.i32(0), b.i32(n), 1, [], (j) => {
        const w = b.load(p, b.operation("i32.add", b.operation("i32.mul", i, b.i32(n)), b.operation("i32.add", j, b.i32(m * n))));
        b.accumulate(out, j, b.operation("mul", w, b.load(h, i)));
        return [];
      });
      return [];
    });
    const program = b.finish();
    checkDerivatives({ program, inputs: { u: randoms(n), p: randoms(2 * m * n) } });
    const inputsOnly = reverse(program, { wrt: ["u"] });
    expect(inputsOnly.parameters.map((q) => (q.kind === "array" ? q.array.name : q.name))).toEqual(["u", "p", "du_bar", "u_bar"]);
  });

  it("while loops of a length that the data decide, nested, with branches", () => {
    const program = make(2, 1, (b, u, out) => {
      const x0 = b.load(u, b.i32(0));
      const y = b.load(u, b.i32(1));
      const [x] = b.while(
        [x0],
        ([x]) => b.operation("lt", x, b.f64(20)),
        ([x]) => {
          const [z] = b.while(
            [x],
            ([z]) => b.operation("gt", z, b.f64(1)),
            ([z]) => {
              const [half] = b.if(
                b.operation("gt", z, b.f64(3)),
                () => [b.operation("mul", z, b.operation("mul", y, b.operation("sin", z)))],
                () => [b.operation("div", z, b.f64(3))],
              );
              return [b.operation("sub", b.operation("mul", half, b.f64(0.2)), b.f64(0.1))];
            },
          );
          return [b.operation("add", b.operation("mul", x, b.f64(1.7)), b.operation("mul", z, z))];
        },
      );
      b.store(out, b.i32(0), x);
    });
    checkDerivatives({ program, inputs: { u: Float64Array.of(1.1, 0.6) }, scalars: { t: 0 } });
    const tiny = reverse(program, { wrt: ["u"], tapeCapacity: 4 });
    const needed = run(tiny, { u: Float64Array.of(1.1, 0.6), du_bar: Float64Array.of(1) }, { t: 0 });
    expect(needed).toBeGreaterThan(4);
  });

  it("sums that take in what earlier iterations added to their neighbours", () => {
    const n = 5;
    const program = make(n, n, (b, u, out) => {
      b.for(b.i32(0), b.i32(n), 1, [], (i) => (b.store(out, i, b.load(u, i)), []));
      b.for(b.i32(1), b.i32(n), 1, [], (i) => {
        const left = b.load(out, b.operation("i32.sub", i, b.i32(1)));
        b.accumulate(out, i, b.operation("mul", b.load(u, i), b.operation("sin", left)));
        return [];
      });
    });
    checkDerivatives({ program, inputs: { u: randoms(n) }, scalars: { t: 0 } });
  });

  /** Of indices i below 4 and j below a count: where an element is stored. */
  const overlapping: Record<string, (b: Builder, i: Value, j: Value) => Value> = {
    "at sums of indices": (b, i, j) => b.operation("i32.add", i, j),
    "at the ends of stretches": (b, i, j) => b.operation("i32.add", i, b.operation("i32.mul", j, b.i32(3))),
    "in every turn of a loop around": (_b, i) => i,
  };
  it.each(
    Object.entries(overlapping).flatMap(([where, index]) => [[where, "known", index] as const, [where, "any", index] as const]),
  )("elements that other iterations store over, %s, of %s number", (_where, number, index) => {
    const b = new Builder("f");
    const [out, u] = [b.arrayParameter("du", 10, "output"), b.arrayParameter("u", 4, "input")];
    const count = number === "known" ? b.i32(3) : b.scalarParameter("count", "i32", 0, 3);
    const w = b.localArray("w", 10);
    b.fill(w, b.f64(0));
    b.for(b.i32(0), count, 1, [], (j) => {
      b.for(b.i32(0), b.i32(4), 1, [], (i) => {
        b.store(w, index(b, i, j), b.operation("sin", b.operation("mul", b.load(u, i), b.load(u, j))));
        return [];
      });
      return [];
    });
    b.for(b.i32(0), b.i32(10), 1, [], (k) => (b.store(out, k, b.operation("mul", b.load(w, k), b.load(w, k))), []));
    checkDerivatives({ program: b.finish(), inputs: { u: randoms(4) }, scalars: { count: 3 } });
  });

  it("a tape holds a number a turn; one that was too short spoils the gradients of its run alone", () => {
    const program = make(1, 1, (b, u, out, t) => {
      const [x] = b.while(
        [b.load(u, b.i32(0)), b.f64(0)],
        ([, k]) => b.operation("lt", k, t),
        ([x, k]) => [b.operation("sin", x), b.operation("add", k, b.f64(1))],
      );
      b.store(out, b.i32(0), x);
    });
    const gradient = reverse(program, { wrt: ["u", "t"], tapeCapacity: 10 });
    const at = (turns: number) => {
      const arrays: Record<string, Float64Array> = { u: Float64Array.of(0.8), du_bar: Float64Array.of(1) };
      return { needed: run(gradient, arrays, { t: turns }), u: arrays.u_bar[0], t: arrays.t_bar[0] };
    };
    const exact = (turns: number): number => {
      let [x, slope] = [0.8, 1];
      for (let k = 0; k < turns; k++) [x, slope] = [Math.sin(x), slope * Math.cos(x)];
      return slope;
    };
    for (const turns of [3, 1000, 10, 11, 7]) {
      const { needed, u, t } = at(turns);
      if (turns > 10) expect([needed, u, t]).toEqual([turns, NaN, NaN]);
      else {
        expect([needed, t]).toEqual([0, 0]);
        expect(u).toBeCloseTo(exact(turns), 14);
      }
    }
  });

  it("loop bounds from integer tables", () => {
    const b = new Builder("csr");
    const out = b.arrayParameter("du", 3, "output");
    const u = b.arrayParameter("u", 3, "input");
    const values = b.arrayParameter("p", 5, "input");
    const start = b.constantArray("start", Int32Array.of(0, 2, 3, 5));
    const column = b.constantArray("column", Int32Array.of(0, 2, 1, 0, 1));
    b.for(b.i32(0), b.i32(3), 1, [], (i) => {
      const [s] = b.for(b.load(start, i), b.load(start, b.operation("i32.add", i, b.i32(1))), 1, [b.f64(1)], (k, [product]) => [
        b.operation("mul", product, b.operation("mul", b.load(values, k), b.operation("exp", b.load(u, b.load(column, k))))),
      ]);
      b.store(out, i, s);
      return [];
    });
    checkDerivatives({ program: b.finish(), inputs: { u: randoms(3), p: randoms(5) } });
  });

  it("forward over reverse is a Hessian-vector product, symmetric and equal to differences of gradients", () => {
    const n = 4;
    const b = new Builder("energy");
    const u = b.arrayParameter("u", n, "input");
    const [energy] = b.for(b.i32(0), b.i32(n - 1), 1, [b.f64(0)], (i, [e]) => {
      const x = b.load(u, i);
      const y = b.load(u, b.operation("i32.add", i, b.i32(1)));
      return [b.operation("add", e, b.operation("mul", b.operation("sin", x), b.operation("exp", b.operation("mul", x, y))))];
    });
    const gradient = reverse(b.finish(energy), { wrt: ["u"] });
    const product = forward(gradient, { wrt: ["u"] });
    const x = randoms(n);
    const hessianTimes = (w: Float64Array): Float64Array => {
      const arrays: Record<string, Float64Array> = { u: x, u_dot: w };
      run(product, arrays, { result_bar: 1 });
      return arrays.u_bar_dot;
    };
    const columns = Array.from({ length: n }, (_, i) =>
      hessianTimes(Float64Array.from({ length: n }, (_, j) => Number(i === j))),
    );
    const gradientAt = (at: Float64Array): Float64Array => {
      const arrays: Record<string, Float64Array> = { u: at };
      run(gradient, arrays, { result_bar: 1 });
      return arrays.u_bar;
    };
    for (let i = 0; i < n; i++) {
      const step = (h: number): Float64Array => gradientAt(x.map((v, k) => (k === i ? v + h : v)));
      const [above, below] = [step(1e-5), step(-1e-5)];
      for (let j = 0; j < n; j++) {
        expect(columns[i][j]).toBeCloseTo(columns[j][i], 12);
        expect(columns[i][j]).toBeCloseTo((above[j] - below[j]) / 2e-5, 7);
      }
    }
  });
});
