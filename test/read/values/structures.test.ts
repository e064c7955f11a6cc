import ndarray from "ndarray";
import { describe, expect, test } from "vitest";
import { add, dot, matmul, mul, sum, tanh, concat, reshape, slice, transpose } from "../../../src/operations/plain-operations.ts";
import { print } from "../../../src/ir/print.ts";
import { agree } from "../agree.ts";

/** Parameters of the functions under test are whatever the setting says. */
type Any = ReturnType<typeof JSON.parse>;

const matrix = (rows: number, columns: number, seed = 1) =>
  ndarray(
    Float64Array.from({ length: rows * columns }, (_, i) => Math.sin(seed + i * 1.7)),
    [rows, columns],
  );

describe("structured state", () => {
  const u = { prey: 1.2, predator: 0.7, field: matrix(2, 3), tail: [1, 2] };
  const p = { a: 1.5, inner: { W: matrix(3, 3), b: [0.1, 0.2, 0.3] } };

  test("in place", () => {
    agree(
      (du: Any, u: Any, p: Any) => {
        du.prey = p.a * u.prey - u.prey * u.predator;
        du.prey += 1;
        du["predator"] = u.predator * p["inner"].b[1];
        for (let i = 0; i < u.field.shape[0]; i++) {
          for (let j = 0; j < u.field.shape[1]; j++) {
            let s = 0;
            for (let k = 0; k < 3; k++) s += u.field.get(i, k) * p.inner.W.get(k, j);
            du.field.set(i, j, Math.tanh(s));
          }
        }
        du.tail[0] = u.tail[1];
        du.tail[1] = u.tail.length;
      },
      { u, p },
    );
  });

  test("destructured parameters", () => {
    agree(
      ((
        du: Any,
        { prey, predator, tail: [first, second] }: Any,
        { a, inner: { b, W } }: Any,
        t: number,
        { N: n, scale = 3 }: Any,
      ) => {
        const { prey: x, ...others } = { prey, predator };
        du.prey = x * a + n;
        du.predator = others.predator * t + b[2];
        du.field = matmul(du_field(), W);
        du.tail = [first * scale, second];
        function du_field() {
          return reshape([1, 2, 3, 4, 5, 6], [2, 3]);
        }
      }) as never,
      { u, p, constants: { N: 7 } },
    );
  });

  test("out of place", () => {
    agree(
      (u: Any, p: Any) => {
        if (u.prey > 100) return { prey: 0, predator: 0, field: u.field, tail: u.tail };
        const field = add(mul(u.field, 2), matmul(u.field, p.inner.W));
        return { prey: sum(field), predator: dot(p.inner.b, p.inner.b), field: tanh(field), tail: [u.prey, -u.predator] };
      },
      { u, p },
    );
    agree((u: Any, p: Any) => [p[0] * u[1], -u[0] + p[1]], { u: [1, 2] });
    agree((u: Any, p: Any) => u.map((x: number, i: number) => x * p[i]));
    agree((u: Any, p: Any) => matmul(p, u), { u: [1, 2, 3], p: matrix(3, 3) });
    agree(((u: Any, p: Any) => u * p) as never, { u: 3, p: 2 });
  });
});

describe("ndarrays", () => {
  const u = ndarray(
    Float64Array.from({ length: 32 }, (_, i) => Math.cos(i)),
    [4, 4, 2],
  );
  test("get and set", () => {
    agree(
      (du: Any, u: Any, p: Any, t: number, { N }: Any) => {
        for (let i = 0; i < N; i++) {
          const im = i > 0 ? i - 1 : N - 1;
          const ip = i < N - 1 ? i + 1 : 0;
          for (let j = 0; j < N; j++) {
            const jm = (j + N - 1) % N;
            const jp = (j + 1) % N;
            for (let s = 0; s < 2; s++) {
              const laplacian = u.get(im, j, s) + u.get(ip, j, s) + u.get(i, jm, s) + u.get(i, jp, s) - 4 * u.get(i, j, s);
              du.set(i, j, s, p[s] * laplacian + t);
            }
          }
        }
      },
      { u, constants: { N: 4 } },
    );
  });
  test("views", () => {
    agree(
      (du: Any, u: Any) => {
        const first = u.pick(null, null, 0);
        const corner = u.lo(1, 1).hi(2, 2);
        const turned = first.transpose(1, 0);
        const back = first.step(-1, 2);
        const row = u.pick(2);
        for (let i = 0; i < 4; i++) {
          for (let j = 0; j < 4; j++) {
            du.set(i, j, 0, first.get(i, j) - turned.get(i, j) + back.get(i, j >> 1) + row.get(j, 1));
            du.pick(i).set(j, 1, i < 2 && j < 2 ? corner.get(i, j, 1) : first.size + u.dimension);
          }
        }
        du.data[3] = u.data[5] + u.data[u.index(1, 2, 1)];
      },
      { u },
    );
  });
  test("local", () => {
    agree((du: Any, u: Any) => {
      const m = ndarray(new Float64Array(4), [2, 2]);
      m.set(0, 1, u[0]);
      m.set(1, 0, 2);
      const w = matmul(m, transpose(m));
      du[0] = w.get(0, 0);
      du[1] = w.get(1, 1);
      du[2] = m.get(0, 1);
      du[3] = sum(concat([slice(u, 0, 2), [1, 2]]));
    });
  });
});

describe("constants", () => {
  const helper = (x: number, y: number): number => {
    const square = (z: number): number => z * z;
    return square(x) + Math.sqrt(y);
  };
  test("numbers, tables, strings, functions, nested", () => {
    agree(
      (du: Any, u: Any, _p: Any, _t: number, c: Any) => {
        const { N, table, kind, f, deep, rows, flag, index } = c;
        du[0] = N + table[2] * u[0];
        du[1] = kind === "fast" ? f(u[1], 2) : 0;
        du[2] = deep.list[1].x + deep.fn(u[2]) + rows[1][0];
        let s = 0;
        for (let i = 0; i < N; i++) s += rows[i][1] * table[i] + u[index[i]];
        switch (kind) {
          case "slow":
            s = 0;
            break;
          case "fast":
            s += 1;
        }
        du[3] = flag ? s + (c.missing ?? 2) : c.missing ? 1 : 0;
      },
      {
        constants: {
          N: 3,
          table: [1, 2.5, 3],
          kind: "fast",
          f: helper,
          flag: true,
          index: Int32Array.of(3, 1, 0),
          deep: { list: [{ x: 1 }, { x: 2 }], fn: Math.exp },
          rows: [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        },
      },
    );
  });
  test("array operations", () => {
    agree((du: Any, u: Any, _p: Any, _t: number, { op, W }: Any) => void du.set(op(W, u).data), {
      constants: { op: matmul, W: matrix(4, 4) },
    });
  });
  test("work buffers", () => {
    const program = agree(
      (du: Any, u: Any, _p: Any, _t: number, { work, n }: Any) => {
        for (let i = 0; i < n; i++) work[i] = u[i] * u[i];
        for (let i = 0; i < n; i++) du[i] = work[n - 1 - i] + work[i];
      },
      { constants: { work: new Float64Array(4), n: 4 } },
    );
    expect(print(program)).toContain("local f64 work");
  });
  test("a compressed sparse matrix", () => {
    const program = agree(
      (du: Any, u: Any, _p: Any, _t: number, { pointers, columns, values }: Any) => {
        for (let i = 0; i < 4; i++) {
          let s = 0;
          for (let k = pointers[i]; k < pointers[i + 1]; k++) s += values[k] * u[columns[k]];
          du[i] = s;
        }
      },
      { constants: { pointers: [0, 2, 3, 5, 6], columns: Int32Array.of(0, 1, 2, 0, 3, 1), values: [1, 2, 3, 4, 5, 6.5] } },
    );
    expect(print(program)).not.toMatch(/while|from_f64/);
  });
});

describe("networks", () => {
  const p = { layers: { first: { W: matrix(5, 2), b: [0.1, 0.2, 0.3, 0.4, 0.5] }, last: { W: matrix(2, 5, 3), b: [0, 1] } } };
  test("layers of different widths, in a loop", () => {
    agree(
      (u: Any, p: Any) => {
        let h = u;
        for (const layer of [p.layers.first, p.layers.last]) h = tanh(add(matmul(layer.W, h), layer.b));
        return h;
      },
      { u: [0.3, -0.2], p },
    );
  });
  test("one layer again and again", () => {
    const program = agree(
      (u: Any, p: Any) => {
        let h = u;
        for (let i = 0; i < 5; i++) h = tanh(matmul(p, h));
        return h;
      },
      { u: [0.3, -0.2, 0.5], p: matrix(3, 3) },
    );
    expect(print(program)).toMatch(/to 5 step 1/);
  });
  test("within a stencil", () => {
    agree(
      (du: Any, u: Any, p: Any) => {
        const n = u.length;
        for (let i = 0; i < n; i++) {
          const y = tanh(matmul(p, [u[(i + n - 1) % n], u[i], u[(i + 1) % n]]));
          du[i] = y.get(0) - sum(y);
        }
      },
      { u: [0.3, -0.2, 0.5, 0.1], p: matrix(3, 3) },
    );
  });
});
