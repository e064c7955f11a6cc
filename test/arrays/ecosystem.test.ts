/** Our ndarrays in the packages that take those of `ndarray`, and theirs in ours. */
import { createRequire } from "node:module";
import packaged from "ndarray";
import * as ops from "ndarray-ops";
import { describe, expect, it } from "vitest";
import { gradient, matmul, ndarray, odeProblem, solve, type NdArray } from "../../index.ts";

const require = createRequire(import.meta.url);
type Array2 = packaged.NdArray<Float64Array>;
// These two come without declarations.
const gemm = require("ndarray-gemm") as (out: Array2, a: Array2, b: Array2, alpha?: number, beta?: number) => void;
const fft = require("ndarray-fft") as (direction: 1 | -1, re: Array2, im: Array2) => void;

/** Of the compiler: ours is theirs, over every kind of memory, and theirs is what ours takes. */
const asTheirs = (ours: NdArray<Float64Array>): packaged.NdArray<Float64Array> => ours;
const asTheirs32 = (ours: NdArray<Float32Array>): packaged.NdArray<Float32Array> => ours;
const asTheirsPlain = (ours: NdArray<number[]>): packaged.NdArray<number[]> => ours;

it("has the names and values of the package's, by every kind of memory and order of axes", () => {
  const memories = [
    ...[
      Float64Array,
      Float32Array,
      Int32Array,
      Uint32Array,
      Int16Array,
      Uint16Array,
      Int8Array,
      Uint8Array,
      Uint8ClampedArray,
    ].map((Memory) => new Memory(24)),
    new Array<number>(24).fill(0),
  ];
  for (const data of memories) {
    const [ours, theirs] = [ndarray(data, [2, 3, 4]), packaged(data, [2, 3, 4])];
    expect(ours.dtype).toBe(theirs.dtype);
    expect(ours.order).toEqual([...theirs.order]);
    for (const axes of [
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
    ])
      expect(ours.transpose(...axes).order).toEqual([...theirs.transpose(...axes).order]);
  }
  expect(ndarray([1, 2, 3, 4, 5, 6], [2, 3]).T.get(2, 1)).toBe(6);
  expect(asTheirs32(ndarray(new Float32Array(2))).dtype).toBe("float32");
  expect(asTheirsPlain(ndarray([1, 2])).dtype).toBe("array");
});

/** Diffusion on a ring: the k-th cosine decays by exp(-(2 - 2 cos(2π k / n)) D t). */
const n = 16;
const ring = odeProblem({
  rhs(du, u, p) {
    for (let i = 0; i < n; i++) du.set(i, p[0] * (u.get((i + n - 1) % n) - 2 * u.get(i) + u.get((i + 1) % n)));
  },
  u0: packaged(Float64Array.from({ length: n }, (_, i) => 2 + Math.cos((2 * Math.PI * 3 * i) / n))),
  p: [0.5],
  tspan: [0, 2],
  constants: { n },
});

describe("results go straight into", () => {
  const at = solve(ring, { saveat: [0, 2], rtol: 1e-10, atol: 1e-10 }).u;
  const rate = 2 - 2 * Math.cos((2 * Math.PI * 3) / n);

  it("ndarray-ops", () => {
    const end = asTheirs(at[1]);
    expect(ops.sum(end)).toBeCloseTo(2 * n, 8);
    const change = packaged(new Float64Array(n));
    ops.sub(change, end, at[0]);
    expect(ops.sup(change)).toBeCloseTo(1 - Math.exp(-0.5 * rate * 2), 8);
    // Into one of ours, too.
    const doubled = ndarray(new Float64Array(n), [n]);
    ops.muls(doubled, end, 2);
    expect(doubled.get(3)).toBeCloseTo(2 * at[1].get(3), 14);
  });

  it("ndarray-gemm, turned or not", () => {
    const a = ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [2, 3]);
    const out = ndarray(new Float64Array(4), [2, 2]);
    gemm(out, a, a.T);
    expect([...out.data]).toEqual([14, 32, 32, 77]);
    expect([...out.data]).toEqual([...matmul(a, a.T).data]);
  });

  it("ndarray-fft", () => {
    const spectrum = at.map((u) => {
      const [re, im] = [ndarray(u.data.slice(), [n]), ndarray(new Float64Array(n), [n])];
      fft(1, re, im);
      return re.get(3);
    });
    expect(spectrum[0]).toBeCloseTo(n / 2, 10);
    expect(Math.log(spectrum[0] / spectrum[1])).toBeCloseTo(0.5 * rate * 2, 7);
  });
});

it("theirs go into ours: as state, parameters, constants, and in operations", () => {
  const weights = packaged(new Float64Array([0, 1, -1, 0]), [2, 2]);
  const rotation = odeProblem({
    rhs(du, u, p, _t, { scale }) {
      const v = matmul(p.W, u.x);
      du.x.set(0, scale.get(0) * v.get(0));
      du.x.set(1, scale.get(0) * v.get(1));
    },
    u0: { x: packaged(new Float64Array([1, 0])) },
    p: { W: weights },
    tspan: [0, Math.PI / 2],
    constants: { scale: packaged(new Float64Array([2])) },
  });
  const end = solve(rotation, { rtol: 1e-10, atol: 1e-10 }).u.at(-1)!;
  expect(end.x.get(0)).toBeCloseTo(-1, 8);
  const slope = gradient(rotation, { loss: { final: (u) => u.x.get(1) }, rtol: 1e-9, atol: 1e-9 }).gradient.p.W;
  expect(asTheirs(slope).shape).toEqual([2, 2]);
  const turned = packaged(new Float64Array([0, -1, 1, 0]), [2, 2]).transpose(1, 0);
  const other = solve(rotation, { p: { W: turned }, rtol: 1e-10, atol: 1e-10 }).u.at(-1)!;
  expect(other.x.get(0)).toBeCloseTo(end.x.get(0), 10);
});
