/**
 * Sliding products of an array with a kernel. With the array seen as windows (an axis along the kernel's and one along the
 * result's, for each axis of space), each is one sum of products, whatever the number of axes; padding is done before, by a copy.
 */
import { ShapeMismatch } from "../core/errors.ts";
import { checkOptions, type Checks } from "../core/options/check.ts";
import { oneOf } from "../core/options/kinds.ts";
import type { Builder } from "../ir/builder.ts";
import { showShape, sizeOf, type Strided } from "../arrays/shape.ts";
import type { ArrayValue } from "../core/array-values.ts";
import type { ArrayOperation, Dense } from "./operation.ts";
import { overridable } from "./override.ts";
import { flat, fresh, toNdArray, visit, type Flat } from "./plain.ts";
import { copy, loadF64, nest, wholeView, type View } from "./view.ts";

export type Padding = "valid" | "same" | "periodic";

export interface ConvolutionOptions {
  /**
   * Along each axis of n elements, with a kernel of m: "valid" (the default) gives the n - m + 1 offsets at which the whole kernel lies
   * inside; "same" gives n, with zeros outside; "periodic" gives n, going round. The kernel's element ⌊(m - 1) / 2⌋ is then the
   * one that is multiplied by the array's element at the result's index.
   */
  readonly padding?: Padding;
}

export interface Conv1d {
  /**
   * y[i] = Σ_a k[a] x[i + a - c], with c = ⌊(m - 1) / 2⌋ or 0 ("valid"): as networks and stencils have it, the kernel is not
   * turned round. x[n] and k[m], or with channels x[c, n] and k[o, c, m], which gives y[o, …]. Throws ShapeMismatch.
   */
  (x: ArrayValue, k: ArrayValue, options?: ConvolutionOptions): Dense;
}

export interface Conv2d {
  /** As `conv1d`, along two axes: x[h, w] and k[a, b], or with channels x[c, h, w] and k[o, c, a, b]. Throws ShapeMismatch. */
  (x: ArrayValue, k: ArrayValue, options?: ConvolutionOptions): Dense;
}

/** A stretch along an axis, by its first index in the array and in the padded one. */
interface Piece {
  readonly from: number;
  readonly to: number;
  readonly extent: number;
}

type Pad = (n: number, m: number) => readonly Piece[];

const whole: Pad = (n) => [{ from: 0, to: 0, extent: n }];
const before = (m: number): number => Math.floor((m - 1) / 2);

/** What of the array lies where in the padded one. */
const paddings: Readonly<Record<Padding, Pad>> = {
  valid: whole,
  same: (n, m) => [{ from: 0, to: before(m), extent: n }],
  periodic: (n, m) => {
    const [left, right] = [before(m), m - 1 - before(m)];
    return [
      { from: n - left, to: 0, extent: left },
      { from: 0, to: left, extent: n },
      { from: 0, to: left + n, extent: right },
    ].filter((piece) => piece.extent > 0);
  },
};

const checks: Checks<ConvolutionOptions> = { padding: oneOf(...Object.keys(paddings)) };

interface Plan {
  /** Of the result. */
  readonly shape: readonly number[];
  /** Of the padded array; undefined where it is the array itself. */
  readonly padded?: readonly number[];
  /** One list an axis of the array. */
  readonly pieces: readonly (readonly Piece[])[];
}

function planOf(name: string, axes: number, x: readonly number[], k: readonly number[], options: readonly unknown[]): Plan {
  const [given = {}] = options as readonly [ConvolutionOptions?];
  checkOptions(given, checks, name);
  const { padding = "valid" } = given;
  const hasChannels = x.length === axes + 1 && k.length === axes + 2 && x[0] === k[1];
  const [extents, taps] = [x.slice(-axes), k.slice(-axes)];
  const fits = hasChannels || (x.length === axes && k.length === axes);
  if (!fits || taps.some((m, axis) => m < 1 || m > extents[axis])) {
    const [space, kernel] = axes === 1 ? ["n", "m"] : ["h, w", "a, b"];
    throw new ShapeMismatch(
      `${name}: shapes ${showShape(x)} and ${showShape(k)} do not go together. It takes an array [${space}] and a kernel ` +
        `[${kernel}], or with channels [c, ${space}] and [o, c, ${kernel}]; the kernel is no longer than the array.`,
    );
  }
  const grown = padding === "valid" ? 0 : 1;
  return {
    shape: [...(hasChannels ? [k[0]] : []), ...extents.map((n, axis) => n + (grown - 1) * (taps[axis] - 1))],
    padded: grown ? [...x.slice(0, -axes), ...extents.map((n, axis) => n + taps[axis] - 1)] : undefined,
    pieces: [...x.slice(0, -axes).map((c) => whole(c, 1)), ...extents.map((n, axis) => paddings[padding](n, taps[axis]))],
  };
}

/** Every choice of one piece an axis: the two parts that hold the same elements, and where they begin. */
function parts(pieces: Plan["pieces"], x: Strided, padded: Strided): { shape: number[]; from: number; to: number }[] {
  return pieces.reduce(
    (found, along, axis) =>
      found.flatMap(({ shape, from, to }) =>
        along.map((piece) => ({
          shape: [...shape, piece.extent],
          from: from + piece.from * x.strides[axis],
          to: to + piece.to * padded.strides[axis],
        })),
      ),
    [{ shape: [] as number[], from: 0, to: 0 }],
  );
}

/** Array, kernel and result along the axes of the sum: channels and the kernel's elements outside, the result's inside. */
function windows<T extends Strided>(axes: number, x: T, k: T, result: T): readonly [x: T, k: T, result: T] {
  const shape = [...k.shape, ...result.shape.slice(-axes)];
  const zeros = new Array<number>(axes).fill(0);
  const space = x.strides.slice(-axes);
  const hasChannels = x.shape.length > axes;
  const along = (view: T, channels: readonly number[], ...strides: (readonly number[])[]): T => ({
    ...view,
    shape,
    strides: [...(hasChannels ? channels : []), ...strides.flat()],
  });
  return [
    along(x, [0, x.strides[0]], space, space),
    { ...k, shape, strides: [...k.strides, ...zeros] },
    along(result, [result.strides[0], 0], zeros, result.strides.slice(-axes)),
  ];
}

function outside<T extends Strided>(view: T): T {
  return { ...view, shape: view.shape.slice(0, -1), strides: view.strides.slice(0, -1) };
}

function innermost<T extends Strided>(view: T): T {
  return { ...view, shape: view.shape.slice(-1), strides: view.strides.slice(-1) };
}

function paddedView(b: Builder, x: View, { padded, pieces }: Plan): View {
  if (!padded) return x;
  const array = wholeView(b, b.localArray("padded", sizeOf(padded)), padded);
  b.fill(array.array, b.f64(0));
  const moved = (view: View, by: number): View["offset"] => b.operation("i32.add", view.offset, b.i32(by));
  for (const { shape, from, to } of parts(pieces, x, array))
    copy(b, { ...x, shape, offset: moved(x, from) }, { ...array, shape, offset: moved(array, to) });
  return array;
}

function paddedPlain(x: Flat, { padded, pieces }: Plan): Flat {
  if (!padded) return x;
  const array = fresh(padded);
  for (const { shape, from, to } of parts(pieces, x, array))
    visit(
      shape,
      [
        { ...x, shape, offset: x.offset + from },
        { ...array, shape, offset: to },
      ],
      (i, o) => {
        array.data[o] = x.data[i];
      },
    );
  return array;
}

function convolution<Plain extends Conv1d>(name: string, axes: number): ArrayOperation<Plain> {
  return {
    name,
    operands: 2,
    resultShape: ([x, k], options) => planOf(name, axes, x, k, options).shape,
    lower(b, operands, result, options) {
      const [x, k] = operands as readonly View[];
      const source = paddedView(b, x, planOf(name, axes, x.shape, k.shape, options));
      const walked = windows(axes, source, k, result!);
      const [line, , into] = walked.map(innermost);
      b.fill(into.array, b.f64(0));
      nest(b, outside(walked[0]).shape, walked.map(outside), [], ([from, at, to]) => {
        const factor = loadF64(b, k, at);
        nest(
          b,
          line.shape,
          [
            { ...line, offset: from },
            { ...into, offset: to },
          ],
          [],
          ([i, o]) => {
            b.accumulate(into.array, o, b.operation("mul", factor, loadF64(b, source, i)));
            return [];
          },
        );
        return [];
      });
    },
    plain: ((left: ArrayValue, right: ArrayValue, ...options: unknown[]) => {
      const [x, k] = [flat(left, name), flat(right, name)];
      const plan = planOf(name, axes, x.shape, k.shape, options);
      const source = paddedPlain(x, plan);
      const result = fresh(plan.shape);
      const walked = windows<Flat>(axes, source, k, result);
      visit(walked[0].shape, walked, (i, at, o) => {
        result.data[o] += k.data[at] * source.data[i];
      });
      return toNdArray(result);
    }) as unknown as Plain,
  };
}

export const convolutions = overridable({
  conv1d: convolution<Conv1d>("conv1d", 1),
  conv2d: convolution<Conv2d>("conv2d", 2),
});
