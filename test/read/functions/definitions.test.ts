import { describe, expect, it } from "vitest";
import { define, type PlainCall } from "../../../src/operations/definitions.ts";
import { forward } from "../../../src/derive/forward.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { implicit } from "../../../src/problem/implicit.ts";
import { checkDerivatives, run } from "../../derive/harness.ts";
import { agree } from "../agree.ts";

const u = [0.7, -1.3, 2.1, 0.4];
const p = [1.5, 0.25, -0.8, 3];
const check = (program: ReturnType<typeof agree>): void =>
  checkDerivatives({
    program,
    inputs: { u: Float64Array.from(u), p: Float64Array.from(p) },
    scalars: { t: 0.3 },
    wrt: ["u", "p"],
  });

describe("functions given by equations", () => {
  /** Kepler's equation, E - e sin E = M. */
  const kepler = implicit({
    solve(M: number, e: number) {
      let E = M;
      for (let i = 0; i < 30; i++) E -= (E - e * Math.sin(E) - M) / (1 - e * Math.cos(E));
      return E;
    },
    residual: (E: number, M: number, e: number) => E - e * Math.sin(E) - M,
  });

  it("numbers", () => {
    const rhs = (du: number[], x: number[], q: number[], _t: number, { kepler }: { kepler: PlainCall }): void => {
      for (let i = 0; i < 4; i++) du[i] = x[i] * (kepler(x[i], q[1]) as number) ** 2;
    };
    check(agree(rhs, { constants: { kepler } }));
  });

  it("vectors, by an iteration whose length the data decide", () => {
    const root = implicit({
      solve(x: number[], { a }: { a: number }) {
        const y = [0, 0];
        let change = 1;
        while (change > 1e-15) {
          const [first, second] = [a * Math.cos(y[1]) * x[0], a * Math.sin(y[0]) + x[1]];
          change = Math.abs(first - y[0]) + Math.abs(second - y[1]);
          y[0] = first;
          y[1] = second;
        }
        return y;
      },
      residual: (y: number[], x: number[], { a }: { a: number }) => [
        y[0] - a * Math.cos(y[1]) * x[0],
        y[1] - a * Math.sin(y[0]) - x[1],
      ],
      constants: { a: 0.3 },
    });
    const rhs = (du: number[], x: number[], q: number[], _t: number, { root }: { root: (x: number[]) => number[] }): void => {
      const y = root([x[0], q[0]]);
      du[0] = y[0] * q[1];
      du[1] = y[1] * x[1];
      du[2] = y[0] * y[1];
      du[3] = -x[3];
    };
    check(agree(rhs as never, { constants: { root } }));
  });
});

describe("rules of the user's own", () => {
  const rhs = (du: number[], x: number[], q: number[], _t: number, { f }: { f: (x: number[], a: number) => number[] }): void => {
    const y = f(x, q[0]);
    for (let i = 0; i < 4; i++) du[i] = y[i];
  };
  const plain = (x: number[], a: number): number[] => x.map((z) => a * z * z);

  it("the right rules give the right derivatives", () => {
    const f = define({
      name: "f",
      fn: plain as PlainCall,
      vjp: ((v: number[], x: number[], a: number) => [
        x.map((z, i) => 2 * a * z * v[i]),
        x.reduce((s, z, i) => s + z * z * v[i], 0),
      ]) as PlainCall,
      jvp: (([dx, da]: [number[], number], x: number[], a: number) =>
        x.map((z, i) => 2 * a * z * dx[i] + da * z * z)) as PlainCall,
    });
    check(agree(rhs as never, { constants: { f } }));
  });

  it("they, not the function, are what is derived", () => {
    const ten = define({
      name: "ten",
      check: false,
      fn: plain as PlainCall,
      vjp: ((v: number[], _x: number[], _a: number) => [v.map((z) => 10 * z), 0]) as PlainCall,
      jvp: (([dx, _da]: [number[], number], _x: number[], _a: number) => dx.map((z) => 10 * z)) as PlainCall,
    });
    const program = agree(rhs as never, { constants: { f: ten } });
    const base = { u: Float64Array.from(u), p: Float64Array.from(p) };
    const ones = Float64Array.of(1, 1, 1, 1);
    const back: Record<string, Float64Array> = { ...base, du_bar: ones };
    run(reverse(program, { wrt: ["u"] }), back, { t: 0 }, "wasm");
    expect([...back.u_bar]).toEqual([10, 10, 10, 10]);
    const ahead: Record<string, Float64Array> = { ...base, u_dot: ones };
    run(forward(program, { wrt: ["u"] }), ahead, { t: 0 }, "wasm");
    expect([...ahead.du_dot]).toEqual([10, 10, 10, 10]);
  });
});
