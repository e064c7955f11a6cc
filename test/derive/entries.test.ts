/** Jacobians entry by entry, against differences of the plain function; and what is left to other means. */
import { describe, expect, it } from "vitest";
import { jacobianOf } from "../../src/derive/jacobian.ts";
import { entryIndex } from "../../src/analysis/pattern.ts";
import { pack } from "../../src/arrays/pack.ts";
import { Arena } from "../../src/compile/arena.ts";
import { compile, type Target } from "../../src/compile/compile.ts";
import { entriesOf } from "../../src/derive/entries.ts";
import { odeProblem, type OdeProblem } from "../../src/problem/problem.ts";
import { sparsityOf } from "../../src/analysis/sparsity.ts";
import { brusselator } from "../../problems/brusselator.ts";
import { pollution } from "../../problems/pollution.ts";
import { jacobianOf as differencesOf } from "../matrix/jacobian.ts";

type Rhs = (du: Float64Array, u: Float64Array, p: Float64Array, t: number, constants: { n: number; table: Float64Array }) => void;

const n = 9;
const table = Float64Array.from([3, 0, 7, 1, 8, 2, 6, 4, 5]);

function problemOf(rhs: Rhs): OdeProblem {
  const u0 = Float64Array.from({ length: n }, (_, i) => 1 + Math.sin(i) / 2);
  return odeProblem({ rhs, u0, tspan: [0, 1], p: new Float64Array([0.7, 1.3]), constants: { n, table } } as never) as OdeProblem;
}

function hasEntries({ code }: OdeProblem): boolean {
  const rhs = code.rhsProgram();
  const pattern = sparsityOf(rhs, "du", "u");
  const size = pattern.rowIndices.length;
  return entriesOf(rhs, { output: "du", input: "u", size, position: entryIndex(pattern) }) !== undefined;
}

/** Columns, with zeros between the entries. */
function columnsOf({ code, layout, u0, p }: OdeProblem, target: Target, t: number): number[][] {
  const { pattern, values } = jacobianOf(code.rhsProgram());
  const arena = new Arena();
  const [at, u, parameters] = [pattern.rowIndices.length, layout.u.size, layout.p.size].map((size) => arena.reserve(size));
  const { jacobian } = compile({ jacobian: values }, arena, target).link();
  pack(layout.u, u0, "u0", arena.f64(u, layout.u.size));
  pack(layout.p, p, "p", arena.f64(parameters, layout.p.size));
  const entries = arena.f64(at, pattern.rowIndices.length).fill(NaN);
  jacobian(at, u, parameters, t);
  return Array.from({ length: pattern.columns }, (_, column) => {
    const dense = new Array<number>(pattern.rows).fill(0);
    for (let e = pattern.columnPointers[column]; e < pattern.columnPointers[column + 1]; e++)
      dense[pattern.rowIndices[e]] = entries[e];
    return dense;
  });
}

function expectRight(problem: OdeProblem, t = 2): void {
  const { code, layout } = problem;
  const u = pack(layout.u, problem.u0, "u0");
  const p = pack(layout.p, problem.p, "p");
  const expected = differencesOf((x) => {
    const du = new Float64Array(u.length);
    code.plain(du, x, p, t);
    return du;
  }, u);
  for (const target of ["wasm", "javascript"] as const) {
    const columns = columnsOf(problem, target, t);
    const scale = expected.flatMap((column) => [...column]).reduce((max, x) => Math.max(max, Math.abs(x)), 1);
    columns.forEach((column, j) =>
      column.forEach((entry, i) => {
        if (!(Math.abs(entry - expected[j][i]) <= 1e-8 * scale))
          expect.fail(`${target}: ∂f${i}/∂u${j} is ${entry}, differences give ${expected[j][i]}`);
      }),
    );
  }
}

/** `direct`: entry by entry. */
const cases: Record<string, { direct: boolean; rhs: Rhs }> = {
  "components by name": {
    direct: true,
    rhs(du, u, p) {
      du[0] = p[0] * u[0] * u[1] - u[2];
      for (let i = 1; i < 9; i++) du[i] = 0;
    },
  },
  "a stencil with ends": {
    direct: true,
    rhs(du, u, p, t, { n }) {
      for (let i = 0; i < n; i++) {
        const left = i === 0 ? 0 : u[i - 1];
        const right = i === n - 1 ? 0 : u[i + 1];
        du[i] = p[0] * (left - 2 * u[i] + right) + u[i] * u[i] * Math.exp(-p[1] * u[i]) + t;
      }
    },
  },
  "backwards, by twos": {
    direct: true,
    rhs(du, u, p, _t, { n }) {
      for (let i = n - 1; i >= 0; i -= 2) du[i] = u[(i + 3) % n] ** 2;
      for (let i = 1; i < n; i += 2) du[i] = p[0] / u[n - i];
    },
  },
  "indices from a table": {
    direct: true,
    rhs(du, u, _p, _t, { n, table }) {
      for (let i = 0; i < n; i++) du[table[i]] = Math.sin(u[i]) * u[table[table[i]]];
    },
  },
  "two loops deep": {
    direct: true,
    rhs(du, u) {
      for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) du[3 * i + j] = u[3 * j + i] * u[3 * i];
    },
  },
  "the same element twice in a row": {
    direct: true,
    rhs(du, u, _p, _t, { n }) {
      for (let i = 0; i < n; i++) du[i] = u[i] * u[(i * i) % n] + u[(2 * i) % n];
    },
  },
  "a sum that grows in place": {
    direct: true,
    rhs(du, u, p, _t, { n }) {
      for (let i = 0; i < n; i++) {
        du[i] = u[i] ** 3;
        du[i] += p[0] * u[n - 1 - i];
      }
    },
  },
  "fluxes handed to both sides": {
    direct: true,
    rhs(du, u, p, _t, { n }) {
      du.fill(0);
      for (let i = 0; i < n - 1; i++) {
        const flux = p[0] * (u[i + 1] ** 2 - u[i] ** 2);
        du[i] += flux;
        du[i + 1] -= flux;
      }
    },
  },
  "a matrix times the state, in place": {
    direct: true,
    rhs(du, u, _p, _t, { n, table }) {
      for (let i = 0; i < n; i++) {
        du[i] = 0;
        for (let j = 0; j < n; j++) du[i] += Math.cos(i + table[j]) * u[j] * u[j];
      }
    },
  },
  "piecewise in the state": {
    direct: true,
    rhs(du, u, p, _t, { n }) {
      for (let i = 0; i < n; i++) du[i] = u[i] > 1.2 ? u[i] * p[0] : u[(i + 1) % n];
    },
  },
  "a local sum": {
    direct: false,
    rhs(du, u, _p, _t, { n }) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let j = 0; j <= i; j++) sum += u[j] * u[j];
        du[i] = sum;
      }
    },
  },
  "an array in between": {
    direct: false,
    rhs(du, u, _p, _t, { n }) {
      const square = new Float64Array(n);
      for (let i = 0; i < n; i++) square[i] = u[i] * u[i];
      for (let i = 0; i < n; i++) du[i] = square[(i + 1) % n] - square[i];
    },
  },
  "elements written again": {
    direct: false,
    rhs(du, u, _p, _t, { n }) {
      for (let i = 0; i < n; i++) du[i] = u[i] ** 2;
      for (let i = 0; i < n; i += 2) du[i] = u[n - 1 - i] ** 3;
    },
  },
  "elements emptied after sums": {
    direct: false,
    rhs(du, u, _p, _t, { n }) {
      du.fill(0);
      for (let i = 0; i < n - 1; i++) {
        du[i + 1] += u[i] ** 2;
        du[i] = u[i + 1];
      }
      du[n - 1] = u[0];
    },
  },
  "filled in the end": {
    direct: false,
    rhs(du, u, p, _t, { n }) {
      for (let i = 0; i < n; i++) du[i] = u[i];
      du.fill(p[0]);
    },
  },
  "the derivative read back": {
    direct: false,
    rhs(du, u, _p, _t, { n }) {
      for (let i = 0; i < n; i++) du[i] = u[i] ** 2;
      for (let i = 1; i < n; i++) du[i] += du[i - 1] * u[i];
    },
  },
  "written where the state says": {
    direct: false,
    rhs(du, u, p, _t, { n }) {
      for (let i = 0; i < n; i++) {
        if (u[i] > 1.2) {
          du[i] = Math.exp(u[i]) * Math.sin(u[i]);
        } else {
          du[i] = Math.pow(u[i], p[0]);
        }
      }
    },
  },
};

describe.each(Object.entries(cases))("%s", (_, { rhs, direct }) => {
  const problem = problemOf(rhs);
  it(direct ? "is done entry by entry" : "is left to colouring", () => expect(hasEntries(problem)).toBe(direct));
  it("is right", () => expectRight(problem));
});

describe("named problems", () => {
  it.each([2, 3, 8])("Brusselator on a grid of %d, where neighbours may be the same", (size) => {
    const { problem } = brusselator({ n: size });
    expect(hasEntries(problem as OdeProblem)).toBe(true);
    expectRight(problem as OdeProblem);
  });

  it("pollution", () => {
    const { problem } = pollution();
    expect(hasEntries(problem as OdeProblem)).toBe(true);
    expectRight(problem as OdeProblem);
  });
});
