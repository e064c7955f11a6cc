/** Random right-hand sides of array operations alone, as source text: what the closure backend is for. */
import fc from "fast-check";
import {
  add,
  concat,
  conv1d,
  conv2d,
  cos,
  div,
  dot,
  exp,
  linearSolve,
  log,
  matmul,
  mul,
  neg,
  outer,
  pow,
  reshape,
  roll,
  sigmoid,
  sin,
  slice,
  softplus,
  sqrt,
  sub,
  sum,
  tanh,
  transpose,
} from "../../src/operations/plain-operations.ts";
import { ndarray } from "../../src/arrays/ndarray.ts";

/** Length of the state. */
export const STATE = 6;

/** What the functions get as their constants. */
export const arrayConstants = {
  ops: {
    add,
    concat,
    conv1d,
    conv2d,
    cos,
    div,
    dot,
    exp,
    linearSolve,
    log,
    matmul,
    mul,
    neg,
    outer,
    pow,
    reshape,
    roll,
    sigmoid,
    sin,
    slice,
    softplus,
    sqrt,
    sub,
    sum,
    tanh,
    transpose,
  },
  /** Beside it, a matrix of entries up to 1 is far from singular. */
  heavy: ndarray(Float64Array.of(5, 0, 0, 0, 6, 0, 0, 0, 7), [3, 3]),
};

export interface RandomArrayFunction {
  /** The body of `(u, p, t, c)`. */
  readonly body: string;
  readonly fn: (u: unknown, p: unknown, t: number, c: typeof arrayConstants) => unknown;
}

/** Shrinks towards short functions. Of u[6] and p = { W[3, 3], b[3] }. */
export function randomArrayFunction(): fc.Arbitrary<RandomArrayFunction> {
  return fc.array(fc.nat(999), { minLength: 12, maxLength: 120, size: "max" }).map((tape) => {
    const body = new Writer(tape).body();
    return { body, fn: new Function("u", "p", "t", "c", body) as RandomArrayFunction["fn"] };
  });
}

interface Named {
  readonly name: string;
  /** [] for a number. */
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);
const text = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Writes a function, choosing by the numbers on a tape; at its end the first choice. Every value is bounded. */
class Writer {
  private position = 0;
  private readonly lines: string[] = [];
  private readonly values: Named[] = [
    { name: "u", shape: [STATE] },
    { name: "W", shape: [3, 3] },
    { name: "b", shape: [3] },
  ];

  constructor(private readonly tape: readonly number[]) {}

  body(): string {
    const count = 2 + this.choose(10);
    for (let k = 0; k < count; k++) this.statement();
    const last = this.arrays().slice(-3);
    const flat = [...last, this.values[0]].map(({ name, shape }) => `reshape(${name}, [${sizeOf(shape)}])`);
    return [
      `const { ${Object.keys(arrayConstants.ops).join(", ")} } = c.ops, { W, b } = p;`,
      ...this.lines,
      `const flat = concat([${flat.join(", ")}]);`,
      `return sin(add(slice(flat, 0, ${STATE}), mul(0.3, sum(flat))));`,
    ].join("\n");
  }

  private choose(options: number): number {
    const number = this.position < this.tape.length ? this.tape[this.position++] : 0;
    return number % options;
  }

  private pick<T>(options: readonly T[]): T {
    return options[this.choose(options.length)];
  }

  private arrays(fits: (shape: readonly number[]) => boolean = () => true): Named[] {
    return this.values.filter(({ shape }) => shape.length > 0 && fits(shape));
  }

  private vectors(least = 1): Named[] {
    return this.arrays((shape) => shape.length === 1 && shape[0] >= least);
  }

  private matrices(): Named[] {
    return this.arrays((shape) => shape.length === 2);
  }

  private statement(): void {
    const [expression, shape] = this.pick([
      () => this.unary(),
      () => this.binary(),
      () => this.withNumber(),
      () => this.product(),
      () => this.reduction(),
      () => this.arrangement(),
      () => this.joined(),
      () => this.solved(),
      () => this.convolved(),
    ])();
    const name = `v${this.lines.length}`;
    this.lines.push(`const ${name} = ${expression};`);
    this.values.push({ name, shape });
  }

  private unary(): [string, readonly number[]] {
    const { name, shape } = this.pick(this.arrays());
    const form = this.pick([
      "tanh(x)",
      "sin(x)",
      "cos(x)",
      "sigmoid(x)",
      "tanh(softplus(x))",
      "neg(x)",
      "sin(exp(sin(x)))",
      "cos(log(add(mul(x, x), 1)))",
      "sin(sqrt(add(mul(x, x), 1)))",
    ]);
    return [form.replaceAll("(x", `(${name}`).replaceAll(", x)", `, ${name})`), shape];
  }

  /** Of one shape, or a row for every row of a matrix. */
  private binary(): [string, readonly number[]] {
    const { name, shape } = this.pick(this.arrays());
    const row = shape.slice(1);
    const other = this.pick(this.arrays((s) => text(s) === text(shape) || text(s) === text(row))).name;
    const form = this.pick([
      `tanh(add(${name}, ${other}))`,
      `sub(sin(${name}), cos(${other}))`,
      `mul(sin(${name}), tanh(${other}))`,
      `div(sin(${name}), add(2, cos(${other})))`,
      `sin(pow(add(2, sin(${name})), tanh(${other})))`,
    ]);
    return [form, shape];
  }

  private withNumber(): [string, readonly number[]] {
    const { name, shape } = this.pick(this.arrays());
    const number = this.pick(["0.7", "t", ...this.values.filter((value) => value.shape.length === 0).map((value) => value.name)]);
    return [this.pick([`sin(mul(${number}, ${name}))`, `cos(add(${name}, ${number}))`, `tanh(sub(${number}, ${name}))`]), shape];
  }

  private product(): [string, readonly number[]] {
    const left = this.pick(this.matrices());
    const [rows, inner] = left.shape;
    const right = this.arrays((shape) => shape[0] === inner && shape.length <= 2);
    if (right.length === 0) return [`tanh(matmul(${left.name}, transpose(${left.name})))`, [rows, rows]];
    const { name, shape } = this.pick(right);
    return [`tanh(matmul(${left.name}, ${name}))`, [rows, ...shape.slice(1)]];
  }

  private reduction(): [string, readonly number[]] {
    const matrix = this.pick(this.matrices());
    const vector = this.pick(this.vectors());
    const other = this.pick(this.vectors());
    const same = this.pick(this.arrays((shape) => text(shape) === text(vector.shape)));
    const axis = this.choose(2);
    return this.pick<[string, readonly number[]]>([
      [`sum(${this.pick(this.arrays()).name})`, []],
      [`dot(${vector.name}, ${same.name})`, []],
      [`sin(sum(${matrix.name}, ${axis}))`, [matrix.shape[1 - axis]]],
      [`tanh(outer(${vector.name}, ${other.name}))`, [vector.shape[0], other.shape[0]]],
    ]);
  }

  private arrangement(): [string, readonly number[]] {
    const { name, shape } = this.pick(this.arrays());
    const matrix = this.pick(this.matrices());
    const from = this.choose(shape[0]);
    const to = from + 1 + this.choose(shape[0] - from);
    const size = sizeOf(shape);
    const split = this.pick([1, 2, 3].filter((rows) => size % rows === 0));
    return this.pick<[string, readonly number[]]>([
      [`roll(${name}, ${this.choose(5) - 2})`, shape],
      [`slice(${name}, ${from}, ${to})`, [to - from, ...shape.slice(1)]],
      [`reshape(${name}, [${split}, ${size / split}])`, [split, size / split]],
      [`transpose(${matrix.name})`, [matrix.shape[1], matrix.shape[0]]],
      [`roll(${matrix.name}, 1, 1)`, matrix.shape],
    ]);
  }

  private joined(): [string, readonly number[]] {
    const { name, shape } = this.pick(this.arrays());
    const other = this.pick(this.arrays((s) => text(s.slice(1)) === text(shape.slice(1))));
    const rows = shape[0] + other.shape[0];
    return rows > 12 ? this.unary() : [`concat([${name}, ${other.name}])`, [rows, ...shape.slice(1)]];
  }

  private solved(): [string, readonly number[]] {
    const A = this.pick(this.arrays((shape) => text(shape) === "[3, 3]")).name;
    const { name, shape } = this.pick(this.arrays((s) => s[0] === 3 && s.length <= 2));
    return [`linearSolve(add(c.heavy, tanh(${A})), ${name})`, shape];
  }

  private convolved(): [string, readonly number[]] {
    const vector = this.pick(this.vectors(3));
    const kernel = this.pick(this.arrays((shape) => shape.length === 1 && shape[0] <= vector.shape[0])).name;
    const length = vector.shape[0] - this.values.find((value) => value.name === kernel)!.shape[0] + 1;
    const matrix = this.pick(this.arrays((shape) => shape.length === 2 && Math.min(...shape) >= 2));
    const small = this.pick(
      this.arrays((shape) => shape.length === 2 && shape[0] <= matrix.shape[0] && shape[1] <= matrix.shape[1]),
    );
    return this.pick<[string, readonly number[]]>([
      [`tanh(conv1d(${vector.name}, ${kernel}))`, [length]],
      [
        `tanh(conv2d(${matrix.name}, ${small.name}))`,
        [matrix.shape[0] - small.shape[0] + 1, matrix.shape[1] - small.shape[1] + 1],
      ],
    ]);
  }
}
