/**
 * Random programs that write a buffer, fill it again and accumulate into it, in loops and branches: what is stored over, or filled
 * over, takes no cotangent any more, and what was there before takes it again.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Builder } from "../../src/ir/builder.ts";
import { walk, type ArrayDeclaration, type Program, type Value } from "../../src/ir/ir.ts";
import { checkDerivatives } from "./harness.ts";

const SIZE = 4;
const u = Float64Array.of(0.7123, -0.4057, 1.1193, 0.2531);

/** Writes a program, choosing by the numbers on a tape; at its end the first choice. Every value is bounded. */
class Writer {
  private readonly b = new Builder("buffers");
  private readonly u = this.b.arrayParameter("u", SIZE, "input");
  private readonly du = this.b.arrayParameter("du", SIZE, "output");
  /** Filled only where it is used: within a loop. */
  private readonly scratch = this.b.localArray("s", SIZE);
  private buffers = [this.b.localArray("v", SIZE), this.b.localArray("w", SIZE), this.du];
  private indices: Value[] = [];
  private at = 0;

  constructor(private readonly tape: readonly number[]) {}

  program(): Program {
    const { b } = this;
    for (const buffer of this.buffers) b.fill(buffer, this.choose(2) ? this.loaded(this.u) : b.f64(0.3));
    let x = this.loaded(this.u);
    for (let k = 3 + this.choose(5); k > 0; k--) x = this.statement(x, 0);
    const [v, w] = this.buffers;
    // Nothing more, for outputs that are stored and filled alone, once or again.
    if (this.choose(3) === 0) return b.finish(x);
    b.accumulate(this.du, b.i32(0), x);
    b.for(b.i32(0), b.i32(SIZE), 1, [], (i) => {
      b.accumulate(this.du, i, b.operation("mul", b.load(v, i), b.load(w, i)));
      return [];
    });
    return b.finish();
  }

  private choose(options: number): number {
    return this.at < this.tape.length ? this.tape[this.at++] % options : 0;
  }

  private pick<T>(options: readonly T[]): T {
    return options[this.choose(options.length)];
  }

  private index(): Value {
    const { b } = this;
    const constant = (): Value => b.i32(this.choose(SIZE));
    if (!this.indices.length) return constant();
    const i = this.pick(this.indices);
    return this.pick([
      constant,
      () => i,
      () => i,
      () => b.operation("i32.sub", b.i32(SIZE - 1), i),
      () => b.operation("i32.div", i, b.i32(2)),
    ])();
  }

  private loaded(array: ArrayDeclaration): Value {
    return this.b.load(array, this.index());
  }

  /** sin(x y) or x + y / 2, of what is at hand. */
  private made(x: Value): Value {
    const { b } = this;
    const y = this.pick([() => this.loaded(this.u), () => this.loaded(this.pick(this.buffers)), () => b.f64(0.7)])();
    return this.choose(2) ? b.operation("sin", b.operation("add", x, y)) : b.operation("sin", b.operation("mul", x, y));
  }

  /** The scalar that goes through the program, after one statement more. */
  private statement(x: Value, depth: number): Value {
    const { b } = this;
    const buffer = this.pick(this.buffers);
    const simple = [
      () => (b.store(buffer, this.index(), this.made(x)), x),
      () => (b.accumulate(buffer, this.index(), this.made(x)), x),
      () => (b.fill(buffer, this.made(x)), x),
      () => (b.fill(buffer, b.f64(0)), x),
      () => this.made(this.loaded(buffer)),
    ];
    const nested = [() => this.loop(x, depth + 1), () => this.branch(x, depth + 1), () => this.total(x)];
    return this.pick(depth < 2 ? [...simple, ...nested, ...nested] : simple)();
  }

  private statements(x: Value, depth: number): Value {
    for (let k = 1 + this.choose(3); k > 0; k--) x = this.statement(x, depth);
    return x;
  }

  private loop(x: Value, depth: number): Value {
    const { b } = this;
    const body = (index: Value | undefined, carried: Value): Value => {
      const [indices, buffers] = [this.indices, this.buffers];
      if (index) this.indices = [...indices, index];
      if (!buffers.includes(this.scratch) && this.choose(2)) {
        b.fill(this.scratch, this.choose(2) ? carried : b.f64(0));
        this.buffers = [...buffers, this.scratch];
      }
      const next = this.statements(carried, depth);
      [this.indices, this.buffers] = [indices, buffers];
      return next;
    };
    if (this.choose(4) === 3) {
      // As often as the data say, three times at most.
      const goesOn = (y: Value, turns: Value): Value =>
        b.operation("bool.and", b.operation("lt", y, b.f64(0.8)), b.operation("i32.lt", turns, b.i32(3)));
      return b.while(
        [x, b.i32(0)],
        ([y, turns]) => goesOn(y, turns),
        ([y, turns]) => [body(undefined, y), b.operation("i32.add", turns, b.i32(1))],
      )[0];
    }
    const [from, to, step] = this.pick([
      [0, SIZE, 1],
      [SIZE - 1, -1, -1],
      [0, SIZE, 2],
    ]);
    return b.for(b.i32(from), b.i32(to), step, [x], (i, [y]) => [body(i, y)])[0];
  }

  /** A loop that does nothing with what it carries but add to it, on either side, and take away from it. */
  private total(x: Value): Value {
    const { b, indices } = this;
    const [sum] = b.for(b.i32(0), b.i32(SIZE), 1, [x], (i, [so]) => {
      this.indices = [...indices, i];
      for (let k = 1 + this.choose(2); k > 0; k--) {
        const term = this.made(this.loaded(this.u));
        so = this.pick([
          () => b.operation("add", so, term),
          () => b.operation("add", term, so),
          () => b.operation("sub", so, term),
        ])();
      }
      return [so];
    });
    this.indices = indices;
    return b.operation("sin", sum);
  }

  private branch(x: Value, depth: number): Value {
    const side = () => [this.statements(x, depth)];
    const condition = this.b.operation("lt", this.loaded(this.pick(this.buffers)), this.b.f64(0.25));
    return this.b.if(condition, side, this.choose(2) ? side : () => [x])[0];
  }
}

/** Programs with a buffer of which so much is done. */
const counted = { "fill again": 0, "fill again and store": 0, "fill again and accumulate": 0 };

function count({ body, arrays }: Program): void {
  const writes = [...walk(body)].filter((i) => i.kind === "fill" || i.kind === "store" || i.kind === "accumulate");
  const filled = arrays.map((array) => writes.filter((i) => i.array === array).map(({ kind }) => kind));
  const again = filled.filter((kinds) => kinds.filter((kind) => kind === "fill").length > 1);
  if (again.length) counted["fill again"]++;
  if (again.some((kinds) => kinds.includes("store"))) counted["fill again and store"]++;
  if (again.some((kinds) => kinds.includes("accumulate"))) counted["fill again and accumulate"]++;
}

test("400 random programs: reverse mode, forward mode and differences agree", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(999), { minLength: 20, maxLength: 200, size: "max" }), (tape) => {
      const program = new Writer(tape).program();
      count(program);
      checkDerivatives({ program, inputs: { u }, finite: 1e-5 });
    }),
    { numRuns: 400, seed: 1 },
  );
  for (const [what, programs] of Object.entries(counted)) expect(programs, what).toBeGreaterThan(100);
});

/** A program of u[4] and du[4], with a buffer. */
function make(body: (b: Builder, u: ArrayDeclaration, du: ArrayDeclaration, w: ArrayDeclaration) => void): Program {
  const b = new Builder("buffer");
  body(b, b.arrayParameter("u", SIZE, "input"), b.arrayParameter("du", SIZE, "output"), b.localArray("w", SIZE));
  return b.finish();
}

test("an output that is filled anew in each turn, and never read, leaves its cotangent as it was", () => {
  const program = make((b, u, du) => {
    b.for(b.i32(0), b.i32(2), 1, [], (k) => (b.fill(du, b.f64(0)), b.store(du, k, b.load(u, k)), []));
  });
  checkDerivatives({ program, inputs: { u } });
});

test("a buffer that is filled in each turn, and read behind the loop, is that of the last", () => {
  const program = make((b, u, du, w) => {
    b.for(b.i32(0), b.i32(3), 1, [], (k) => (b.fill(w, b.load(u, k)), []));
    b.for(b.i32(0), b.i32(SIZE), 1, [], (i) => (b.store(du, i, b.load(w, i)), []));
  });
  checkDerivatives({ program, inputs: { u } });
});

test("what was accumulated is lost where it is stored over", () => {
  const program = make((b, u, du, w) => {
    b.fill(w, b.f64(0));
    b.accumulate(w, b.i32(1), b.load(u, b.i32(2)));
    b.store(w, b.i32(1), b.load(u, b.i32(3)));
    b.for(b.i32(0), b.i32(SIZE), 1, [], (i) => (b.store(du, i, b.load(w, i)), []));
  });
  checkDerivatives({ program, inputs: { u } });
});

test.each<[string, (b: Builder, i: Value) => Value, (b: Builder, i: Value) => Value]>([
  ["i and i + 1", (_, i) => i, (b, i) => b.operation("i32.add", i, b.i32(1))],
  ["i and 3 - i", (_, i) => i, (b, i) => b.operation("i32.sub", b.i32(3), i)],
  ["i and 2", (_, i) => i, (b) => b.i32(2)],
  ["i / 2 and i + 2", (b, i) => b.operation("i32.div", i, b.i32(2)), (b, i) => b.operation("i32.add", i, b.i32(2))],
])("elements that two stores of a loop write, at %s", (_, first, second) => {
  const program = make((b, u, du, w) => {
    b.fill(w, b.f64(0));
    b.for(b.i32(0), b.i32(2), 1, [], (i) => {
      b.store(w, first(b, i), b.operation("sin", b.load(u, i)));
      b.store(w, second(b, i), b.operation("cos", b.load(u, b.operation("i32.add", i, b.i32(2)))));
      return [];
    });
    b.for(b.i32(0), b.i32(SIZE), 1, [], (i) => (b.store(du, i, b.operation("exp", b.load(w, i))), []));
  });
  checkDerivatives({ program, inputs: { u } });
});

test("elements that a store writes at an index which is carried along", () => {
  const program = make((b, u, du, w) => {
    b.fill(w, b.f64(0));
    // At 1, and at 1 again.
    b.for(b.i32(0), b.i32(2), 1, [b.i32(1)], (i, [rest]) => {
      b.store(w, b.operation("i32.add", i, rest), b.operation("sin", b.load(u, i)));
      return [b.operation("i32.sub", rest, b.i32(1))];
    });
    b.for(b.i32(0), b.i32(SIZE), 1, [], (i) => (b.store(du, i, b.load(w, i)), []));
  });
  checkDerivatives({ program, inputs: { u } });
});
