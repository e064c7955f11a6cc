/**
 * Do pairs of f32 hold on a device? Some thousand sums and products of f32 are compared with the exact ones: WGSL lets compilers move and fuse
 * operations, and does not say how results are rounded, so nothing but a trial tells.
 */
import { memo } from "../../core/memo.ts";
import { uniforms } from "../../core/random.ts";
import { pairs } from "../../compile/wgsl/pairs.ts";
import type { ShaderNumbers } from "../../compile/wgsl/numbers.ts";
import { Builder } from "../../ir/builder.ts";
import type { Batch } from "../device.ts";
import { NoPairs } from "../errors.ts";
import type { Kernel } from "../kernel.ts";

type Run = (kernel: Kernel, batch: Batch, numbers: ShaderNumbers) => Promise<unknown>;

/** Numbers of the device by which products are exact: by fused operations where those are, else by halves. Throws {@link NoPairs}. */
export const pairsOf = memo(
  async (_device: GPUDevice, run: Run): Promise<ShaderNumbers> => {
    let wrong = "";
    for (const numbers of [pairs.fused, pairs.split]) {
      const found = await firstWrong((kernel, batch) => run(kernel, batch, numbers));
      if (found === undefined) return numbers;
      wrong = found;
    }
    throw new NoPairs(wrong);
  },
  { by: (device) => [device] },
);

const COUNT = 4096;
/** Quotients and roots of pairs err by less, relatively. */
const BOUND = 2 ** -44;

/** What a pair of numbers gives that is not as it should be. */
async function firstWrong(run: (kernel: Kernel, batch: Batch) => Promise<unknown>): Promise<string | undefined> {
  const uniform = uniforms(1);
  const [x, y] = [0, 1].map(() => Float64Array.from({ length: COUNT }, () => single(uniform)));
  const [sum, product, quotient, root] = Array.from({ length: 4 }, () => new Float64Array(COUNT));
  await run(arithmetic(), { count: COUNT, arrays: { x, y, sum, product, quotient, root } });
  const isClose = (found: number, exact: number): boolean => Math.abs(found - exact) <= BOUND * Math.abs(exact);
  for (let m = 0; m < COUNT; m++) {
    // Both are exact in f64.
    if (sum[m] !== x[m] + y[m]) return `${x[m]} + ${y[m]} = ${sum[m]}`;
    if (product[m] !== x[m] * y[m]) return `${x[m]} * ${y[m]} = ${product[m]}`;
    if (!isClose(quotient[m], x[m] / y[m])) return `${x[m]} / ${y[m]} = ${quotient[m]}`;
    if (!isClose(root[m], Math.sqrt(Math.abs(x[m])))) return `the square root of ${Math.abs(x[m])} is ${root[m]}`;
  }
  return undefined;
}

/** An f32 with all its bits, of a size between 2^-13 and 2^12: sums of two have 48 bits at most. */
function single(uniform: () => number): number {
  const size = 2 ** (Math.floor(25 * uniform()) - 13);
  return Math.fround((uniform() < 0.5 ? -1 : 1) * size * (1 + uniform()));
}

function arithmetic(): Kernel {
  const b = new Builder("pairs_probe");
  const zero = b.i32(0);
  const [x, y] = ["x", "y"].map((name) => b.load(b.arrayParameter(name, 1, "input"), zero));
  const results = {
    sum: b.operation("add", x, y),
    product: b.operation("mul", x, y),
    quotient: b.operation("div", x, y),
    root: b.operation("sqrt", b.operation("abs", x)),
  };
  for (const [name, value] of Object.entries(results)) b.store(b.arrayParameter(name, 1, "output"), zero, value);
  return { program: b.finish(), shared: new Set() };
}
