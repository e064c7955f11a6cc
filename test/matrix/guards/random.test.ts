/**
 * Random functions full of guards, at points where many of what they guard is at its edge or beyond: every backend gives the same
 * derivatives, and none that is no number. The tape runs what JavaScript runs, so it is the reference.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { gradientOf, hessian, jvp } from "../../../sensitivity/vjp/operators/operators.ts";

const POINT = [0, -0.7, 1.3, 0.45];

/** Writes expressions, choosing by the numbers on a tape; at its end the first, simplest choice. Live derivatives are bounded. */
class Writer {
  private at = 0;
  private count = 0;
  private readonly lines: string[] = [];

  constructor(private readonly tape: readonly number[]) {}

  body(): string {
    const lines = [
      "const d = [0.5, NaN, -0.2, NaN], a = new Float64Array(4), g = new Float64Array(4);",
      "let y = x[0] * x[2], z = x[1];",
    ];
    for (let k = 0; k < 2 + this.pick(4); k++) {
      const statement = this.statement();
      lines.push(...this.lines.splice(0), statement);
    }
    const last = this.guarded(2);
    lines.push(...this.lines, `return Math.sin(y) + z * Math.cos(a[1]) + a[0] + a[2] * a[3] + ${last};`);
    return lines.join("\n");
  }

  private pick(n: number): number {
    return this.at < this.tape.length ? this.tape[this.at++] % n : 0;
  }

  private smooth(depth: number): string {
    const inner = (): string => this.value(depth - 1);
    switch (depth <= 0 ? this.pick(4) : this.pick(8)) {
      case 0:
        return `x[${this.pick(4)}]`;
      case 1:
        return ["y", "z", "a[1]", "a[2]"][this.pick(4)];
      case 2:
        return ["0", "0.3", "-0.8"][this.pick(3)];
      case 3:
        return `Math.max(0, x[${this.pick(4)}])`;
      case 4:
        return `Math.sin(${inner()})`;
      case 5:
        return `(${inner()} - ${inner()})`;
      case 6:
        return `Math.tanh(${inner()} * ${inner()})`;
      default:
        return `Math.tanh(${inner()}) ** 4`;
    }
  }

  private value(depth: number): string {
    return this.pick(3) === 2 ? this.guarded(depth) : this.smooth(depth);
  }

  /** Something whose derivative is infinite, or no number, where it does not count. */
  private guarded(depth: number): string {
    const e = `e${this.count++}`;
    const other = this.smooth(depth - 1);
    const k = this.pick(4);
    const text = this.value(depth - 1);
    this.lines.push(`const ${e} = ${text};`);
    switch (this.pick(10)) {
      case 0:
        return `(${e} > 0.1 ? Math.sqrt(${e}) : ${other})`;
      case 1:
        return `(${e} > 0.1 ? Math.log(${e}) * ${other} : 0)`;
      case 2:
        return `Math.sqrt(Math.max(${e} > 0.1 ? ${e} : -1, 0))`;
      case 3:
        return `(Math.abs(${e}) > 0.3 ? ${other} / ${e} : 1)`;
      case 4:
        return `(${e} > 0.1 ? ${e} ** 0.7 * ${e} ** (${other}) : ${other})`;
      case 5:
        return `(Number.isNaN(d[${k}]) ? 0 : (${e} - d[${k}]) ** 2)`;
      case 6:
        this.lines.push(`const r${e} = Math.cbrt(${e}), h${e} = Math.hypot(${e}, ${e});`);
        return `(Math.abs(${e}) > 0.2 ? r${e} * h${e} : ${other})`;
      case 7:
        this.lines.push(`for (let i = 0; i < 4; i++) g[i] = Math.sqrt(x[i]) * (i > 0 ? g[i - 1] : ${e});`);
        // Sums of the last case stay below 300; the root at zero would be live beyond.
        return `(${e} > 300 ? g[${k}] : ${other})`;
      case 8:
        return `Math.min(1, Math.max(${e} > 0.1 ? Math.sqrt(${e}) : -2, Math.log(1.5 + Math.tanh(${other}))))`;
      default:
        this.lines.push(`let s${e} = ${other}; for (let i = 0; i < 4; i++) if (x[i] > 0.1) s${e} += Math.sqrt(x[i]) * ${e};`);
        return `s${e}`;
    }
  }

  private statement(): string {
    switch (this.pick(5)) {
      case 0:
        return `y = Math.sin(${this.value(2)});`;
      case 1:
        return `if (${this.smooth(1)} > 0.05) z = Math.tanh(${this.value(2)}); else a[${this.pick(4)}] = Math.sin(${this.value(2)});`;
      case 2:
        return `a[${this.pick(4)}] = Math.tanh(${this.guarded(2)});`;
      case 3:
        return `for (let i = 0; i < 4; i++) a[i] = Math.sin((i > 0 ? a[i - 1] : ${this.value(1)}) + x[i]);`;
      default:
        return `for (let i = 0; i < 3; i++) { y = Math.tanh(y > 0.2 ? Math.sqrt(y) : ${this.smooth(1)}); z = Math.sin(z + y); }`;
    }
  }
}

const guardedFunction = fc.array(fc.nat(999), { minLength: 20, maxLength: 200, size: "max" }).map((tape) => {
  const body = new Writer(tape).body();
  return { body, f: new Function("x", body) as (x: number[]) => number };
});

function expectClose(found: ArrayLike<number>, reference: ArrayLike<number>, body: string): void {
  const scale = Array.from(reference).reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  for (let i = 0; i < reference.length; i++) {
    expect(Math.abs(found[i] - reference[i]) / scale, `${Array.from(found)}, not ${Array.from(reference)}\n${body}`).toBeLessThan(
      1e-10,
    );
  }
}

test("every backend gives what the tape gives, and no NaN", () => {
  fc.assert(
    fc.property(guardedFunction, ({ body, f }) => {
      const reference = gradientOf(f, { backend: "tape" })(POINT);
      for (const backend of ["source", "dual", "compiledTape"]) expectClose(gradientOf(f, { backend })(POINT), reference, body);
      const along = jvp(f, { backend: "dual" })(POINT, [1, 2, 3, 4]);
      expectClose([along], [reference.reduce((sum, slope, i) => sum + slope * (i + 1), 0)], body);
      const second = hessian(f, { backend: "tape" })(POINT).data;
      expectClose(hessian(f)(POINT).data, second, body);
    }),
    { numRuns: 25 },
  );
});
