/** All derivatives of a function du = f(u, p, t) by one backend: those that it has, and the others made of them. */
import { memo } from "../../src/core/memo.ts";
import { requireRoom } from "../../src/core/memory.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import { colourColumns } from "../../src/derive/colouring.ts";
import { transpose } from "../../src/analysis/pattern.ts";
import type { ProblemCode } from "../../src/problem/code.ts";
import type { Target } from "../../src/compile/compile.ts";
import { forward } from "../../src/derive/forward.ts";
import { BackendRefused } from "./errors.ts";
import type { SparsityPattern } from "../../src/analysis/sparsity.ts";
import type { External, Program } from "../../src/ir/ir.ts";
import type { PreparedVjp, VjpBackend } from "./backend.ts";
import { NamedCall } from "./named-call.ts";
import { patternOf } from "./pattern.ts";

export type Input = "u" | "p";

/** Arguments of the function, flat. */
export interface Point {
  readonly u: Float64Array;
  readonly p: Float64Array;
  readonly t: number;
}

/** A sparse matrix, with the values in the order of the pattern's entries. */
export interface SparseMatrix {
  readonly pattern: SparsityPattern;
  readonly values: Float64Array;
}

/**
 * Derivatives that are made, compiled and checked when they are first asked for. Each throws what the backend throws where it cannot take
 * the function.
 */
export class PreparedDerivatives {
  constructor(
    readonly backend: VjpBackend,
    private readonly code: ProblemCode,
    private readonly target: Target,
  ) {}

  /** (∂f/∂u)ᵀ v or (∂f/∂p)ᵀ v. */
  vjp(input: Input, at: Point, v: Float64Array): Float64Array {
    const name = input === "u" ? "wrtU" : "wrtP";
    return this.call(name, undefined, (prepared) => prepared[name]).run({ ...at, du_bar: v }, `${input}_bar`);
  }

  /** ∂f/∂u uDot + ∂f/∂p pDot. */
  jvp(at: Point, uDot: Float64Array, pDot: Float64Array): Float64Array {
    if (this.backend.capabilities.modes.includes("forward"))
      return this.call("jvp", undefined, ({ jvp }) => jvp!).run({ ...at, u_dot: uDot, p_dot: pDot }, "du_dot");
    const out = new Float64Array(this.code.output.size);
    const directions = { u: uDot, p: pDot };
    for (const input of ["u", "p"] as const) {
      if (directions[input].every((d) => d === 0)) continue;
      const { pattern, values } = this.sparseJacobian(input, at);
      eachEntry(pattern, (row, column, e) => (out[row] += values[e] * directions[input][column]));
    }
    return out;
  }

  /** ∂f/∂u or ∂f/∂p, row-major. */
  jacobian(input: Input, at: Point): Float64Array {
    requireRoom(
      `A Jacobian of ${this.code.output.size} rows and ${this.code.layout[input].size} columns, as one matrix`,
      this.code.output.size,
      this.code.layout[input].size,
      (most) => `${most} rows would do. Take its products with vectors: jvp and vjp.`,
    );
    const { pattern, values } = this.sparseJacobian(input, at);
    const matrix = new Float64Array(pattern.rows * pattern.columns);
    eachEntry(pattern, (row, column, e) => (matrix[row * pattern.columns + column] = values[e]));
    return matrix;
  }

  /** The entries of the Jacobian that may be non-zero; all of them where the function cannot be read. */
  sparseJacobian(input: Input, at: Point): SparseMatrix {
    return this.jacobianBy(input)(at);
  }

  private readonly jacobianBy = memo((input: Input) =>
    this.backend.capabilities.programs ? this.program(input) : this.coloured(input),
  );

  /** The Jacobian by a program of its own. */
  private program(input: Input): (at: Point) => SparseMatrix {
    const { pattern, values } = derivativesOf(this.code.rhsProgram()).jacobian(input);
    const call = new NamedCall(() => values, this.target);
    return (at) => ({ pattern, values: call.run({ ...at }, "values") });
  }

  /** The Jacobian by products: lines of one colour meet no common line of the other kind, so one product gives them all. */
  private coloured(input: Input): (at: Point) => SparseMatrix {
    const pattern = patternOf(this.code, input);
    const byColumns = this.backend.capabilities.modes.includes("forward");
    const { count, colors } = colourColumns(byColumns ? pattern : transpose(pattern));
    return (at) => {
      const values = new Float64Array(pattern.rowIndices.length);
      const none = { u: new Float64Array(at.u.length), p: new Float64Array(at.p.length) };
      for (let color = 0; color < count; color++) {
        const seed = Float64Array.from(colors, (c) => Number(c === color));
        const directions = { ...none, [input]: seed };
        const product = byColumns ? this.jvp(at, directions.u, directions.p) : this.vjp(input, at, seed);
        eachEntry(pattern, (row, column, e) => {
          if (colors[byColumns ? column : row] === color) values[e] = product[byColumns ? row : column];
        });
      }
      return { pattern, values };
    };
  }

  /** ∂/∂input of vᵀ f, differentiated once more along uDot and pDot: forward over what the backend does. */
  hessianVectorProduct(input: Input, at: Point, v: Float64Array, uDot: Float64Array, pDot: Float64Array): Float64Array {
    const name = input === "u" ? "wrtU" : "wrtP";
    const call = this.call("hvp", input, (prepared) => {
      if (prepared.hvp) return prepared.hvp[input];
      if (!this.backend.capabilities.programs)
        throw new BackendRefused(this.backend.name, "what it computes is no program, and is not derived again", "source");
      return forward(prepared[name] as Program, { wrt: ["u", "p"] });
    });
    return call.run({ ...at, du_bar: v, u_dot: uDot, p_dot: pDot }, `${input}_bar_dot`);
  }

  private readonly call = memo(
    (_name: keyof PreparedVjp, _input: Input | undefined, pick: (prepared: PreparedVjp) => Program | External): NamedCall => {
      const { backend, code, target } = this;
      return new NamedCall((arena, tapeCapacity) => pick(backend.prepare({ code, arena, target, tapeCapacity })), target);
    },
    { by: (name, input) => [name, input] },
  );
}

function eachEntry(pattern: SparsityPattern, use: (row: number, column: number, e: number) => void): void {
  const { columns, columnPointers, rowIndices } = pattern;
  for (let column = 0; column < columns; column++) {
    for (let e = columnPointers[column]; e < columnPointers[column + 1]; e++) use(rowIndices[e], column, e);
  }
}
