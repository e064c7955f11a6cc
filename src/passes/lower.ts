/**
 * Operations that no target has, made of others when a program is compiled. Powers with a constant exponent are multiplied out: whole ones by repeated squaring (Knuth, "The Art of Computer Programming", vol. 2,
 * section 4.6.3), halves with a square root, negative ones as the reciprocal. A product of n factors is off by at most n - 1 roundings, as
 * it is where it is written out by hand, and a reciprocal below 1e-308 is 0.
 *
 * Not done before: the derivative of x^n is n x^(n-1), one operation and right at x = 0, also for n = 3/2.
 */
import type { Builder } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { walk, type Instruction, type Let, type Program, type Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";

/** From here on a power costs no more than its factors. */
const LARGEST = 16;

/** The program in operations that targets have: powers multiplied out, products with a condition chosen, finite numbers compared. */
export function lower(program: Program): Program {
  for (const i of walk(program.body))
    if (isProduct(i) || isConditional(i) || isFiniteness(i)) return rebuild(program, (b) => new Lowering(b, true));
  return program;
}

/** For all devices: whether a number is finite is left to each. */
export function lowerForDevices(program: Program): Program {
  for (const i of walk(program.body))
    if (isProduct(i) || isConditional(i)) return rebuild(program, (b) => new Lowering(b, false));
  return program;
}

/** What an operation costs, about one nanosecond being 1. */
export function costOfLet(i: Let): number {
  const { cost } = scalarOperations[i.operation];
  if (!isProduct(i)) return cost;
  const exponent = i.args[1].constant!;
  const factors = Math.trunc(Math.abs(exponent));
  const { mul, sqrt, div } = scalarOperations;
  const products = 2 * Math.log2(factors + 1) * mul.cost;
  return products + (Number.isInteger(exponent) ? 0 : sqrt.cost) + (exponent < 0 ? div.cost : 0);
}

function isProduct(i: Instruction): i is Let & { readonly operation: "pow" } {
  if (i.kind !== "let" || i.operation !== "pow") return false;
  const exponent = i.args[1].constant;
  return exponent !== undefined && Number.isInteger(2 * exponent) && Math.abs(exponent) <= LARGEST;
}

function isConditional(i: Instruction): i is Let & { readonly operation: "mul.where" } {
  return i.kind === "let" && i.operation === "mul.where";
}

function isFiniteness(i: Instruction): i is Let & { readonly operation: "finite" } {
  return i.kind === "let" && i.operation === "finite";
}

class Lowering extends Clone {
  constructor(
    b: Builder,
    private readonly compares: boolean,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    const { b } = this;
    b.source = "source" in i ? i.source : undefined;
    if (isProduct(i)) this.values.set(i.result, product(b, this.value(i.args[0]), i.args[1].constant!));
    else if (isConditional(i)) {
      const [condition, x, y] = i.args.map((arg) => this.value(arg));
      this.values.set(i.result, b.operation("select", condition, b.operation("mul", x, y), b.f64(0)));
    } else if (this.compares && isFiniteness(i)) {
      this.values.set(i.result, b.operation("lt", b.operation("abs", this.value(i.args[0])), b.f64(Infinity)));
    } else super.instruction(i);
  }
}

function product(b: Builder, x: Value, exponent: number): Value {
  if (exponent < 0) return b.operation("div", b.f64(1), product(b, x, -exponent));
  let power: Value | undefined = Number.isInteger(exponent) ? undefined : b.operation("sqrt", x);
  let square = x;
  for (let rest = Math.trunc(exponent); rest > 0; rest >>= 1) {
    if (rest & 1) power = power ? b.operation("mul", power, square) : square;
    if (rest > 1) square = b.operation("mul", square, square);
  }
  return power ?? b.f64(1);
}
