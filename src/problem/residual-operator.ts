/** A residual F(u', u, p, t) as a right-hand side: that of W u' = v, 0 = F(W⁺ v, u, p, t), of u and v (see derivative-form.ts). */
import { memo } from "../core/memo.ts";
import { fromRows } from "../analysis/sparsity.ts";
import { ownLayout, type ExtendedLayout, type Layout } from "../arrays/layout.ts";
import { Builder } from "../ir/builder.ts";
import { inline } from "../ir/clone.ts";
import type { ArrayDeclaration, Program } from "../ir/ir.ts";
import { eliminate } from "../passes/eliminate.ts";
import type { Reading } from "../read/index.ts";
import type { DerivativeForm } from "./derivative-form.ts";
import { derivativesOf } from "../derive/program-derivatives.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import { BadProblem } from "./errors.ts";
import { Operator, type AsEquation } from "./operator.ts";
import { operators } from "./operators.ts";
import type { Frame, Inputs } from "./plain-operator.ts";

/** The state with the derivatives that a residual depends on behind it. */
export function stateWithDerivatives(own: Layout, { rows }: DerivativeForm): ExtendedLayout {
  const components = [...Array(own.size).keys(), ...rows.map(({ component }) => -1 - component)];
  return { kind: "extended", offset: 0, size: components.length, own: ownLayout(own), components };
}

/** What the right-hand side gives: equations of the residual by the components that they are at, and derivatives. */
function equationsOf(own: Layout, { rows, places }: DerivativeForm): ExtendedLayout {
  const components = new Array<number>(own.size + rows.length);
  rows.forEach(({ component }) => (components[component] = -1 - component));
  places.forEach((place, equation) => (components[place] = equation));
  return { kind: "extended", offset: 0, size: components.length, own: ownLayout(own), components };
}

/** M with W in the rows of the components that those of W are solved for. */
export function massOfDerivatives(n: number, { rows }: DerivativeForm): MassMatrix {
  const entries = Array.from({ length: n + rows.length }, () => new Map<number, number>());
  for (const { component, others } of rows) entries[component] = new Map([[component, 1], ...others]);
  const pattern = fromRows(
    entries.map((row) => Int32Array.from(row.keys()).sort()),
    entries.length,
  );
  const values = new Float64Array(pattern.rowIndices.length);
  for (let column = 0, e = 0; column < pattern.columns; column++) {
    for (; e < pattern.columnPointers[column + 1]; e++) values[e] = entries[pattern.rowIndices[e]].get(column)!;
  }
  return { pattern, values };
}

/** v = W u'. */
export function derivativesIn({ rows }: DerivativeForm, du: Float64Array): Float64Array {
  return Float64Array.from(rows, ({ component, others }) =>
    others.reduce((sum, [other, weight]) => sum + weight * du[other], du[component]),
  );
}

export class ResidualOperator extends Operator {
  constructor(
    /** (du, u, p, t) of the user's layouts. */
    readonly residual: Operator,
    readonly form: DerivativeForm,
    points: () => readonly Inputs[],
    /** Makes the equation anew, of another state. */
    override readonly restated: (derivative: Float64Array) => AsEquation,
  ) {
    const { fn, name, constants, inPlace, spaces } = residual;
    const extended = { u: stateWithDerivatives(spaces.u, form), p: spaces.p, du: equationsOf(spaces.u, form) };
    super(operators.rhs, { fn, name, constants, inPlace, spaces: extended, points });
  }

  override read(): Reading {
    const reading = this.residual.read();
    const { program } = reading;
    const depends = new Set(this.form.rows.flatMap(({ component, others }) => [component, ...others.map(([other]) => other)]));
    const { columnPointers, columns } = derivativesOf(program).pattern("du");
    for (let j = 0; j < columns; j++) {
      if (columnPointers[j + 1] === columnPointers[j] || depends.has(j)) continue;
      throw new BadProblem(
        `${this.name}: with its constants as they are now it depends on derivatives that it did not depend on when the problem was stated. ` +
          "Make the problem anew: daeProblem({ … }).",
      );
    }
    return reading.with(asRightHandSide(program, this.form));
  }

  override with(constants: unknown): Operator {
    return new ResidualOperator(this.residual.with(constants), this.form, this.options.points, this.restated);
  }

  /** Of what W leaves open of u' any will do: it is none of v's, so that where F depends on it, this is not what the program gives. */
  override evaluate(into: Float64Array, [state, p, t]: Inputs): void {
    const { rows, places } = this.form;
    const n = places.length;
    const all = state as Float64Array;
    const du = new Float64Array(n);
    rows.forEach(({ component, others }, j) => {
      for (const [other] of others) du[other] = all[n + j] / 2;
      du[component] = all[n + j];
    });
    for (const { component, others } of rows) for (const [other, weight] of others) du[component] -= weight * du[other];
    const r = new Float64Array(n);
    this.residual.evaluate(r, [du, all.slice(0, n), p, t]);
    rows.forEach(({ component }, j) => (into[component] = all[n + j]));
    places.forEach((place, i) => (into[place] = r[i]));
  }

  override over({ value, inputs }: Frame): void {
    this.evaluate(value, inputs);
  }
}

const asRightHandSide = memo(
  (program: Program, form: DerivativeForm): Program => {
    const { rows, places } = form;
    const n = places.length;
    const b = new Builder(program.name);
    const named = new Map<string, ArrayDeclaration>();
    const derivatives = b.localArray("derivatives", n);
    const residual = b.localArray("residual", n);
    const out = b.arrayParameter("du", n + rows.length, "output");
    const u = b.arrayParameter("u", n + rows.length, "input");
    for (const parameter of program.parameters) {
      if (parameter.kind !== "array") continue;
      const { name, size, role } = parameter.array;
      if (role === "output") named.set(name, residual);
      else named.set(name, name === "du" ? derivatives : name === "u" ? u : b.arrayParameter(name, size, "input"));
    }
    const t = b.scalarParameter("t");
    const zero = b.i32(0);
    if (rows.length < n) b.fill(derivatives, b.f64(0));
    const behind = rows.map(({ component }, j) => ({ from: n + j, to: component }));
    copyRuns(b, u, derivatives, behind);
    inline(
      b,
      program,
      program.parameters.map((parameter) =>
        parameter.kind === "array" ? { array: named.get(parameter.array.name)!, offset: zero } : t,
      ),
    );
    copyRuns(b, u, out, behind);
    copyRuns(
      b,
      residual,
      out,
      places.map((to, from) => ({ from, to })),
    );
    const { host, buffers } = program;
    return { ...eliminate(b.finish()), host, buffers };
  },
  { by: (program, form) => [program, JSON.stringify(form)] },
);

/** into[to] = from[from], by loops where both go up by one. */
function copyRuns(
  b: Builder,
  from: ArrayDeclaration,
  into: ArrayDeclaration,
  pairs: readonly { readonly from: number; readonly to: number }[],
): void {
  for (let i = 0; i < pairs.length;) {
    const start = pairs[i];
    let length = 1;
    while (pairs[i + length]?.from === start.from + length && pairs[i + length].to === start.to + length) length++;
    i += length;
    const move = (k: ReturnType<Builder["i32"]>): void => {
      const at = (offset: number): ReturnType<Builder["i32"]> => b.operation("i32.add", b.i32(offset), k);
      b.store(into, at(start.to), b.load(from, at(start.from)));
    };
    if (length === 1) move(b.i32(0));
    else b.for(b.i32(0), b.i32(length), 1, [], (k) => (move(k), []));
  }
}
