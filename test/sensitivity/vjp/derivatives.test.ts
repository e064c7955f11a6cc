/** Every derivative by every backend, made of what the backend has, against extrapolated differences of the plain function. */
import { describe, expect, test, vi } from "vitest";
import { PreparedDerivatives, type Input } from "../../../sensitivity/vjp/derivatives.ts";
import { vjpBackends } from "../../../sensitivity/vjp/backends/index.ts";
import { Arena } from "../../../src/compile/arena.ts";
import { compile } from "../../../src/compile/compile.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { BackendRefused, SignatureMismatch } from "../../../sensitivity/vjp/errors.ts";
import { odeProblem, type OdeProblem } from "../../../src/problem/problem.ts";
import { jacobianOf } from "../../matrix/jacobian.ts";
import { expectClose, start } from "./harness.ts";
import { brusselatorLoops, lotka, network, type Scenario } from "./problems.ts";

const { user: _, ...backends } = vjpBackends;
const cells = Object.values(backends).flatMap((backend) =>
  (backend.capabilities.scalars ? [lotka(), brusselatorLoops(), network()] : [network()]).map((scenario) => ({
    backend,
    scenario,
  })),
);

/** Row-major. */
function expectedJacobian({ problem, point }: Scenario, input: Input): Float64Array {
  const { code, layout } = problem;
  const columns = jacobianOf((x) => {
    const du = new Float64Array(layout.u.size);
    code.plain(du, input === "u" ? x : point.u, input === "p" ? x : point.p, point.t);
    return du;
  }, point[input]);
  const matrix = new Float64Array(layout.u.size * columns.length);
  columns.forEach((column, j) => column.forEach((x, i) => (matrix[i * columns.length + j] = x)));
  return matrix;
}

function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const { length } = vector;
  return Float64Array.from({ length: matrix.length / length }, (_, i) =>
    vector.reduce((sum, x, j) => sum + matrix[i * length + j] * x, 0),
  );
}

describe.each(cells)("$scenario.name by $backend.name", ({ backend, scenario }) => {
  const { problem, point } = scenario;
  const derivatives = new PreparedDerivatives(backend, problem.code, "wasm");
  const tolerance = backend.capabilities.exact ? 1e-7 : 1e-5;
  const J = { u: expectedJacobian(scenario, "u"), p: expectedJacobian(scenario, "p") };

  test.each(["u", "p"] as const)("Jacobian by %s, dense and sparse", (input) => {
    expectClose(derivatives.jacobian(input, point), J[input], tolerance);
    const { pattern, values } = derivatives.sparseJacobian(input, point);
    expect(values.length).toBe(pattern.rowIndices.length);
    expect([pattern.rows, pattern.columns]).toEqual([point.u.length, point[input].length]);
  });

  test("vjp and jvp", () => {
    const [uDot, pDot] = [point.u, point.p].map((x) => x.map((_, j) => Math.sin(1 + 3 * j)));
    const [u, p] = [times(J.u, uDot), times(J.p, pDot)];
    expectClose(
      derivatives.jvp(point, uDot, pDot),
      u.map((x, i) => x + p[i]),
      tolerance,
    );
    for (const input of ["u", "p"] as const) {
      const size = point[input].length;
      const expected = point[input].map((_, j) => point.v.reduce((sum, v, i) => sum + v * J[input][i * size + j], 0));
      expectClose(derivatives.vjp(input, point, point.v), expected, tolerance);
    }
  });

  test("Hessian-vector product, or its refusal", () => {
    const [uDot, pDot] = [point.u, point.p].map((x) => x.map((_, j) => Math.cos(2 + j)));
    const product = (input: Input): Float64Array => derivatives.hessianVectorProduct(input, point, point.v, uDot, pDot);
    if ([vjpBackends.closure, vjpBackends.finite].includes(backend)) return expect(() => product("u")).toThrow(BackendRefused);
    for (const input of ["u", "p"] as const) {
      // The derivative of the vjp along the line, at its start.
      const [expected] = jacobianOf(([s]) => {
        const at = { u: point.u.map((x, j) => x + s * uDot[j]), p: point.p.map((x, j) => x + s * pDot[j]), t: point.t };
        return derivatives.vjp(input, at, point.v);
      }, Float64Array.of(0));
      expectClose(product(input), expected, 1e-6);
    }
  });
});

test("few products give a sparse Jacobian, also of a backend that only has products", () => {
  const problem = odeProblem({
    rhs(du: Float64Array, u: Float64Array) {
      for (let i = 0; i < 60; i++) du[i] = u[(i + 59) % 60] - 2 * u[i] ** 2 + u[(i + 1) % 60];
    },
    u0: new Float64Array(60).fill(1),
    tspan: [0, 1],
  }) as OdeProblem;
  const plain = vi.spyOn(problem.code, "plain");
  const { values } = new PreparedDerivatives(backends.finite, problem.code, "wasm").sparseJacobian("u", start(problem));
  expect(values.length).toBe(3 * 60);
  // Two calls a direction, and a ring of sixty needs three colours.
  expect(plain).toHaveBeenCalledTimes(6);
});

test("a tape that is too short gives no gradient, and says how long it had to be", () => {
  const problem = odeProblem({
    rhs(du: number[], u: number[]) {
      let x = u[0];
      while (x > 1) x = Math.sqrt(x) * 1.01 - 0.05;
      du[0] = x;
    },
    u0: [50],
    tspan: [0, 1],
  } as never) as OdeProblem;
  const run = (tapeCapacity: number): { needed: number; gradient: number } => {
    const program = reverse(problem.code.rhsProgram(), { wrt: ["u"], tapeCapacity });
    const arena = new Arena();
    const [u, p, v, bar] = [1, 0, 1, 1].map((size) => arena.reserve(size));
    const { vjp } = compile({ vjp: program }, arena, "wasm").link();
    arena.f64(u, 1)[0] = 50;
    arena.f64(v, 1)[0] = 1;
    const needed = vjp(u, p, 0, v, bar);
    return { needed, gradient: arena.f64(bar, 1)[0] };
  };
  const short = run(2);
  expect(short.needed).toBeGreaterThan(2);
  expect(short.gradient).toBeNaN();
  const enough = run(short.needed);
  expect(enough.needed).toBe(0);
  expectClose(
    [enough.gradient],
    jacobianOf((x) => {
      const du = new Float64Array(1);
      problem.code.plain(du, x, new Float64Array(0), 0);
      return du;
    }, Float64Array.of(50))[0],
    1e-8,
  );
});

test.each(Object.values(backends))("mismatches are listed by argument: $name", (backend) => {
  const { problem, point } = network();
  const derivatives = new PreparedDerivatives(backend, problem.code, "wasm");
  const wrong = (): unknown => derivatives.vjp("u", { ...point, u: new Float64Array(3) }, new Float64Array(1));
  expect(wrong).toThrow(SignatureMismatch);
  expect(wrong).toThrow(/u has 3 numbers, but must have 2\n {2}du_bar has 1 numbers, but must have 2/);
});
