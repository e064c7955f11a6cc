/**
 * The generalized minimal residual method, restarted (Y. Saad, M. H. Schultz, GMRES: a generalized minimal residual algorithm for solving
 * nonsymmetric linear systems, SIAM J. Sci. Stat. Comput. 7 (1986) 856–869), preconditioned from the right, so that what it makes small is
 * the residual itself. Directions are made orthogonal by the classical Gram–Schmidt method, done twice where the first time leaves too
 * little of a vector to be trusted (L. Giraud, J. Langou, M. Rozložník, J. van den Eshof, Rounding error analysis of the classical
 * Gram–Schmidt orthogonalization process, Numer. Math. 101 (2005) 87–100).
 */
import type { Builder } from "../../src/ir/builder.ts";
import type { ArrayArgument, ArrayDeclaration, Value } from "../../src/ir/ir.ts";
import { dot, loop, minus, plus, subtractProduct, times, type Columns, type Stretch } from "./kernels.ts";

/** Emits what a matrix makes of a vector, in another array. */
export type Apply = (from: ArrayArgument, into: ArrayArgument) => void;

export interface KrylovSystem {
  readonly n: number;
  readonly matrix: Apply;
  /** z = P⁻¹ r for a P that is near the matrix; absent: the identity. */
  readonly preconditioner?: Apply;
  /** Residuals are measured by the Euclidean norm of scale × residual; `unit` is the reciprocal of that. */
  readonly scale: (i: Value) => Value;
  readonly unit: (i: Value) => Value;
  readonly right: (i: Value) => Value;
  /** The residual to come to. What is RELATIVE of the right-hand side's is enough in any case. */
  readonly tolerance: Value;
  /** The solution goes here. */
  readonly x: ArrayDeclaration;
  /** What has to remain of a direction that is made orthogonal to the others, relative to what it was: otherwise that is done again. */
  readonly trusted: number;
  /** Iterations before it begins anew from what it has, and how often it does so at most. */
  readonly restart: number;
  readonly cycles: number;
}

export interface KrylovOutcome {
  /** The residual is as small as asked for. */
  readonly isReached: Value;
  /** Products with the matrix, those of new beginnings aside. */
  readonly iterations: Value;
}

/** Of the right-hand side, a residual that rounding hardly lets become smaller, and one that is still taken for that. */
const RELATIVE = 1e-13;
const ROUNDED = 1e-10;

/** Emits the solution of matrix x = right, from x = 0. */
export function gmres(b: Builder, system: KrylovSystem): KrylovOutcome {
  return new Gmres(b, system).solve();
}

class Gmres {
  private readonly basis: ArrayDeclaration;
  /** R of the least squares problem, by columns, and its right-hand side; the rotations that made it; coefficients of directions. */
  private readonly triangle: ArrayDeclaration;
  private readonly rest: ArrayDeclaration;
  private readonly cosine: ArrayDeclaration;
  private readonly sine: ArrayDeclaration;
  private readonly weights: ArrayDeclaration;
  private readonly w: ArrayDeclaration;
  private readonly direction: ArrayDeclaration;

  constructor(
    private readonly b: Builder,
    private readonly system: KrylovSystem,
  ) {
    const { n, restart } = system;
    this.basis = b.localArray("basis", (restart + 1) * n);
    this.triangle = b.localArray("triangle", restart * (restart + 1));
    this.rest = b.localArray("rest", restart + 1);
    [this.cosine, this.sine] = ["cosine", "sine"].map((name) => b.localArray(name, restart));
    this.weights = b.localArray("weights", restart + 1);
    [this.w, this.direction] = ["w", "direction"].map((name) => b.localArray(name, n));
  }

  solve(): KrylovOutcome {
    const { b, system } = this;
    const { n, x, right, scale, tolerance, cycles } = system;
    b.fill(x, b.f64(0));
    loop(b, 0, n, (i) => b.store(this.w, i, b.operation("mul", scale(i), right(i))));
    const whole = this.norm();
    const goal = b.operation("max", tolerance, b.operation("mul", whole, b.f64(RELATIVE)));
    const [, residual, iterations] = b.while(
      [b.i32(0), whole, b.f64(0), b.operation("i32.from_bool", b.operation("gt", whole, b.f64(0)))],
      ([, , , goes]) => b.operation("i32.ne", goes, b.i32(0)),
      ([cycle, before, sofar]) => {
        const start = b.if(
          b.operation("i32.eq", cycle, b.i32(0)),
          () => [before],
          () => [this.residual()],
        )[0];
        const [count, estimate] = this.expand(start, goal);
        this.advance(count);
        const next = plus(b, cycle, 1);
        const isFar = b.operation("bool.and", b.operation("gt", estimate, goal), b.operation("lt", estimate, start));
        const goes = b.operation("bool.and", isFar, b.operation("i32.lt", next, b.i32(cycles)));
        return [next, estimate, b.operation("add", sofar, b.toF64(count)), b.operation("i32.from_bool", goes)];
      },
      [[0, cycles], undefined, undefined, [0, 1]],
    );
    const enough = b.operation("max", goal, b.operation("mul", whole, b.f64(ROUNDED)));
    return { isReached: b.operation("le", residual, enough), iterations };
  }

  /** The scaled residual into w; returns its size. */
  private residual(): Value {
    const { b, system } = this;
    const { n, x, right, scale } = system;
    system.matrix(whole(b, x), whole(b, this.w));
    loop(b, 0, n, (i) => b.store(this.w, i, b.operation("mul", scale(i), b.operation("sub", right(i), b.load(this.w, i)))));
    return this.norm();
  }

  /** From the residual in w, of size `start`: directions until the goal, or until there is no room for more. Returns how many, and the residual. */
  private expand(start: Value, goal: Value): readonly [Value, Value] {
    const { b, system } = this;
    const { restart } = system;
    this.keep(b.i32(0), start);
    b.store(this.rest, b.i32(0), start);
    const [count, estimate] = b.while(
      [b.i32(0), start],
      ([j, estimate]) => {
        const isFirst = b.operation("i32.eq", j, b.i32(0));
        const isFar = b.operation("bool.or", isFirst, b.operation("gt", estimate, goal));
        return b.operation("bool.and", isFar, b.operation("i32.lt", j, b.i32(restart)));
      },
      ([j]) => {
        this.multiply(j);
        const column = times(b, j, restart + 1);
        const size = this.orthogonalize(j, column);
        this.keep(plus(b, j, 1), size);
        return [plus(b, j, 1), this.rotate(j, column, size)];
      },
      [[0, restart], undefined],
    );
    return [count, estimate];
  }

  /** w into the basis as a unit vector; zeros remain. */
  private keep(j: Value, size: Value): void {
    const { b, system } = this;
    const isThere = b.operation("gt", size, b.f64(0));
    const inverse = b.operation("select", isThere, b.operation("div", b.f64(1), size), b.f64(0));
    const at = times(b, j, system.n);
    loop(b, 0, system.n, (i) => b.store(this.basis, plus(b, at, i), b.operation("mul", inverse, b.load(this.w, i))));
  }

  /** w = S W P⁻¹ S⁻¹ v of a direction. */
  private multiply(j: Value): void {
    const { b, system, direction, w } = this;
    const { n, scale, unit } = system;
    const at = times(b, j, n);
    loop(b, 0, n, (i) => b.store(direction, i, b.operation("mul", b.load(this.basis, plus(b, at, i)), unit(i))));
    system.matrix(whole(b, this.preconditioned()), whole(b, w));
    loop(b, 0, n, (i) => b.store(w, i, b.operation("mul", scale(i), b.load(w, i))));
  }

  /** Of what is in `direction`. */
  private preconditioned(): ArrayDeclaration {
    const { b, system, direction } = this;
    if (!system.preconditioner) return direction;
    const z = b.localArray("z", system.n);
    system.preconditioner(whole(b, direction), whole(b, z));
    return z;
  }

  /** w against the directions up to the j-th, whose coefficients go to a column of the triangle; returns what remains of its size. */
  private orthogonalize(j: Value, column: Value): Value {
    const { b, system, triangle } = this;
    loop(b, 0, plus(b, j, 1), (i) => b.store(triangle, plus(b, column, i), b.f64(0)));
    const taken = this.takeOut(j, column);
    const size = this.norm();
    const least = b.operation("mul", b.f64(system.trusted), b.operation("add", taken, size));
    return b.if(
      b.operation("lt", size, least),
      () => {
        this.takeOut(j, column);
        return [this.norm()];
      },
      () => [size],
    )[0];
  }

  /** Takes out of w what it has of the directions up to the j-th; returns the sum of how much that is of each. */
  private takeOut(j: Value, column: Value): Value {
    const { b, system, triangle, weights } = this;
    const count = plus(b, j, 1);
    const size = b.i32(system.n);
    const [w, h]: Stretch[] = [this.w, weights].map((array) => ({ array, at: b.i32(0) }));
    const [taken] = b.for(b.i32(0), count, 1, [b.f64(0)], (i, [so]) => {
      const coefficient = dot(b, { array: this.basis, at: times(b, i, system.n) }, w, size);
      b.store(weights, i, coefficient);
      const at = plus(b, column, i);
      b.store(triangle, at, b.operation("add", b.load(triangle, at), coefficient));
      return [b.operation("add", so, b.operation("abs", coefficient))];
    });
    subtractProduct(b, w, { array: this.basis, at: b.i32(0), stride: size }, h, count, size);
    return taken;
  }

  /** Givens rotations of a new column whose last element is `size`; returns the residual with it. */
  private rotate(j: Value, column: Value, size: Value): Value {
    const { b, triangle, cosine, sine, rest } = this;
    const product = (x: Value, y: Value): Value => b.operation("mul", x, y);
    loop(b, 0, j, (i) => {
      const [at, next] = [plus(b, column, i), plus(b, column, i, 1)];
      const [x, y, c, s] = [b.load(triangle, at), b.load(triangle, next), b.load(cosine, i), b.load(sine, i)];
      b.store(triangle, at, b.operation("add", product(c, x), product(s, y)));
      b.store(triangle, next, b.operation("sub", product(c, y), product(s, x)));
    });
    const at = plus(b, column, j);
    const last = b.load(triangle, at);
    const length = b.operation("sqrt", b.operation("add", product(last, last), product(size, size)));
    const [c, s] = [last, size].map((part) => b.operation("div", part, length));
    b.store(triangle, at, length);
    b.store(cosine, j, c);
    b.store(sine, j, s);
    const before = b.load(rest, j);
    const after = b.operation("neg", product(s, before));
    b.store(rest, j, product(c, before));
    b.store(rest, plus(b, j, 1), after);
    return b.operation("abs", after);
  }

  /** x by the combination of directions that leaves the smallest residual. */
  private advance(count: Value): void {
    const { b, system, triangle, rest, weights, direction } = this;
    const { n, restart, unit, x } = system;
    const entry = (i: Value, k: Value): Value => b.load(triangle, plus(b, times(b, k, restart + 1), i));
    b.fill(weights, b.f64(0));
    loop(
      b,
      minus(b, count, 1),
      -1,
      (i) => {
        const [sum] = b.for(plus(b, i, 1), count, 1, [b.load(rest, i)], (k, [so]) => [
          b.operation("sub", so, b.operation("mul", entry(i, k), b.load(weights, k))),
        ]);
        b.store(weights, i, b.operation("div", sum, entry(i, i)));
      },
      -1,
    );
    b.fill(direction, b.f64(0));
    const vectors: Columns = { array: this.basis, at: b.i32(0), stride: b.i32(n) };
    const [sum, y]: Stretch[] = [direction, weights].map((array) => ({ array, at: b.i32(0) }));
    subtractProduct(b, sum, vectors, y, count, b.i32(n));
    loop(b, 0, n, (i) => b.store(direction, i, b.operation("mul", b.load(direction, i), unit(i))));
    const step = this.preconditioned();
    loop(b, 0, n, (i) => b.store(x, i, b.operation("sub", b.load(x, i), b.load(step, i))));
  }

  /** Of w. */
  private norm(): Value {
    const { b, system } = this;
    const w = { array: this.w, at: b.i32(0) };
    return b.operation("sqrt", dot(b, w, w, b.i32(system.n)));
  }
}

function whole(b: Builder, array: ArrayDeclaration): ArrayArgument {
  return { array, offset: b.i32(0) };
}
