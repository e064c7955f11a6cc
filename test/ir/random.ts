/**
 * Random right-hand sides, as source text: nested loops and branches, overwritten scalars and arrays, helper functions,
 * array operations. Every assigned value is bounded and smooth, so derivatives can be tested on them too; branches
 * compare values that are equal only by chance.
 */
import fc from "fast-check";
import { add, dot, matmul, mul, reshape, sum, tanh } from "../../src/operations/plain-operations.ts";

/** Length of the state and of the parameters. */
export const SIZE = 4;

/** What the functions get as their constants. */
export const randomConstants = {
  add,
  dot,
  matmul,
  mul,
  reshape,
  sum,
  vtanh: tanh,
  table: [0.3, -0.7, 0.2, 0.9],
  order: Int32Array.of(2, 0, 3, 1),
};

export interface RandomFunction {
  /** The body of `(du, u, p, t, c)`. */
  readonly body: string;
  readonly fn: (du: Float64Array, u: Float64Array, p: Float64Array, t: number, c: typeof randomConstants) => void;
}

/** Shrinks towards short functions. */
export function randomFunction(
  options: { readonly arrayOperations: boolean } = { arrayOperations: true },
): fc.Arbitrary<RandomFunction> {
  return fc.array(fc.nat(999), { minLength: 20, maxLength: 300, size: "max" }).map((tape) => {
    const body = new Writer(tape, options.arrayOperations).body();
    return { body, fn: new Function("du", "u", "p", "t", "c", body) as RandomFunction["fn"] };
  });
}

/** Writes a function, choosing by the numbers on a tape; at its end the first, simplest choice. */
class Writer {
  private position = 0;
  private count = 0;
  private scalars: string[] = [];
  private indices: string[] = [];
  private depth = 0;
  private inLoop = false;

  constructor(
    private readonly tape: readonly number[],
    private readonly arrayOperations: boolean,
  ) {}

  body(): string {
    const lines = [
      "const { add, dot, matmul, mul, reshape, sum, vtanh, table, order } = c;",
      "const a = new Float64Array(4), b = [u[0], Math.sin(u[1]), 0.5, p[2]];",
      "let x = u[0], y = p[1], n = 0;",
      "function mix(v, w) { if (v > w) return Math.sin(v) * w; let z = v; for (let k = 0; k < 3; k++) z = Math.tanh(z + w * 0.5); return z; }",
      "const pair = (v, w) => ({ first: Math.cos(v), rest: [w, v * 0.5] });",
    ];
    this.scalars = ["x", "y"];
    lines.push(...this.statements(3 + this.choose(6)));
    lines.push("for (let i = 0; i < 4; i++) du[i] = Math.tanh(a[i] + b[3 - i]) + x * 0.1 * i - y + n * 0.01;");
    return lines.join("\n");
  }

  private choose(options: number): number {
    const number = this.position < this.tape.length ? this.tape[this.position++] : 0;
    return number % options;
  }

  private pick<T>(options: readonly T[]): T {
    return options[this.choose(options.length)];
  }

  private fresh(prefix: string): string {
    return `${prefix}${this.count++}`;
  }

  private statements(count: number): string[] {
    const known = this.scalars;
    this.scalars = [...known];
    const lines = Array.from({ length: count }, () => this.statement());
    this.scalars = known;
    return lines.map((line) => `  ${line}`);
  }

  private block(): string {
    this.depth++;
    const lines = this.statements(1 + this.choose(3));
    this.depth--;
    return `{\n${lines.join("\n")}\n}`;
  }

  private statement(): string {
    const simple = [
      () => `${this.pick(this.assignable())} = ${this.bounded(2)};`,
      () => this.declaration(),
      () => `${this.pick(["a", "b"])}[${this.index()}] = ${this.bounded(2)};`,
      () => `a[${this.index()}] ${this.pick(["+=", "-="])} ${this.bounded(1)} * 0.5;`,
      () => `${this.pick(this.assignable())} ${this.pick(["+=", "-=", "*="])} ${this.bounded(1)} * 0.5;`,
      () => "n++;",
      () => "[x, y] = [Math.sin(y), x * 0.5];",
      () => (this.inLoop ? this.pick(["if (x > 0.9) break;", "if (y > x) continue;"]) : "x *= 0.5;"),
      ...(this.arrayOperations ? [() => this.arrayStatement()] : []),
    ];
    const nested = [() => this.conditional(), () => this.loop(), () => this.switched()];
    return this.pick(this.depth < 3 ? [...simple, ...nested, ...nested] : simple)();
  }

  private declaration(): string {
    const name = this.fresh("v");
    const text = `let ${name} = ${this.bounded(2)};`;
    this.scalars.push(name);
    return text;
  }

  private assignable(): string[] {
    return this.scalars;
  }

  private arrayStatement(): string {
    return this.pick([
      "a.set(vtanh(add(a, u)).data);",
      "a.set(vtanh(mul(p, 0.5)).data);",
      "x = Math.sin(sum(a) + dot(u, b));",
      "{ const m = reshape([u[0], x, 0.2, p[1]], [2, 2]); const q = vtanh(matmul(m, [y, 0.3])); a[0] = q.get(0); y = Math.sin(q.get(1)); }",
    ]);
  }

  private conditional(): string {
    const text = `if (${this.condition()}) ${this.block()}`;
    return this.choose(2) ? `${text} else ${this.block()}` : text;
  }

  private switched(): string {
    return `switch (n % 3) { case 0: ${this.assignment()} case 1: ${this.assignment()} break; default: ${this.assignment()} }`;
  }

  private assignment(): string {
    return `${this.pick(this.assignable())} = ${this.bounded(1)};`;
  }

  private loop(): string {
    const index = this.fresh("i");
    const [outerIndices, outerLoop] = [this.indices, this.inLoop];
    const kind = this.choose(4);
    this.inLoop = true;
    if (kind < 2) this.indices = [...outerIndices, index];
    const header = [
      `for (let ${index} = 0; ${index} < ${1 + this.choose(4)}; ${index}++)`,
      `for (let ${index} = 3; ${index} >= 0; ${index}--)`,
      `for (let ${index} = 0, e = 0; e < 5 && Math.abs(x) < 2; e++)`,
      `for (const ${index} of ${this.pick(["u", "table", "b.slice()"])})`,
    ][kind];
    const body = this.block();
    this.indices = outerIndices;
    this.inLoop = outerLoop;
    return `${header} ${body}`;
  }

  private condition(): string {
    const simple = `${this.expression(1)} ${this.pick(["<", ">"])} ${this.expression(1)}`;
    return this.choose(4) === 3 ? `${simple} ${this.pick(["&&", "||"])} ${this.expression(0)} < 0.5` : simple;
  }

  private bounded(depth: number): string {
    return `Math.${this.pick(["sin", "tanh", "cos"])}(${this.expression(depth)})`;
  }

  private index(): string {
    if (this.indices.length && this.choose(3)) {
      const i = this.pick(this.indices);
      return this.pick([i, `(${i} + 1) % 4`, `3 - ${i}`, `order[${i}]`, `${i} >> 1`]);
    }
    return String(this.choose(SIZE));
  }

  private expression(depth: number): string {
    const leaves = [
      () => this.pick(this.scalars),
      () => `u[${this.index()}]`,
      () => `p[${this.index()}]`,
      () => `${this.pick(["a", "b"])}[${this.index()}]`,
      () => this.pick(["0.5", "t", "-1.25", "2", "n * 0.1"]),
      () => `table[${this.index()}]`,
    ];
    if (depth === 0) return this.pick(leaves)();
    const inner = (): string => this.expression(depth - 1);
    return this.pick([
      ...leaves,
      () => `(${inner()} ${this.pick(["+", "-", "*"])} ${inner()})`,
      () => this.bounded(depth - 1),
      () => `(${this.condition()} ? ${inner()} : ${inner()})`,
      () => `mix(${inner()}, ${inner()})`,
      () => `pair(${inner()}, ${inner()}).${this.pick(["first", "rest[0]"])}`,
      () => `(${inner()} / (2 + Math.cos(${inner()})))`,
      () => `Math.sqrt(1 + Math.sin(${inner()}) ** 2)`,
    ])();
  }
}
