/** Right-hand sides, losses and events as people write them: each closes over something. */
import { differentiable, matmul as times, odeProblem, type OdeProblem } from "odegrad";
import * as odegrad from "odegrad";
import * as physics from "./helpers.ts";
import { Decay, drag, growth, saturate } from "./helpers.ts";
import { net } from "./network.ts";

const N = 4;
const table = new Float64Array([0.5, 0.25, 0.125, 0.0625]);
const rows = [
  [-1, 0.5],
  [0.25, -2],
];
const rates = [1, 2, 3];
const config = { cooling: { ambient: 0.3, on: true } };
const { ambient, on } = config.cooling;
const tspan: [number, number] = [0, 1];
const measured = [1, 0.8, 0.6, 0.5];
const times4 = [0, 0.25, 0.5, 0.75];

interface Case {
  readonly problem: OdeProblem<never, never>;
  readonly loss: unknown;
}

const sumOfSquares = { final: (u: ArrayLike<number>) => u[0] ** 2 + u[1 % u.length] };

function caseOf(problem: unknown, loss: unknown = sumOfSquares): Case {
  return { problem, loss } as Case;
}

const size = caseOf(
  odeProblem({
    rhs(du, u, p) {
      for (let i = 0; i < N; i++) du[i] = p[0] * (u[(i + 1) % N] - 2 * u[i] + u[(i + N - 1) % N]);
    },
    u0: [1, 2, 0, 1],
    tspan,
    p: [0.7],
  }),
);

const tables = caseOf(odeProblem({ rhs: (u, p) => u.map((x, i) => -p[0] * table[i] * x), u0: [1, 2, 3, 4], tspan, p: [2] }));

const nested = caseOf(
  odeProblem({
    rhs: (u: readonly number[], p: readonly number[]) => rows.map((row) => p[0] * (row[0] * u[0] + row[1] * u[1])),
    u0: [1, 2],
    tspan,
    p: [1.5],
  }),
);

const importedHelper = caseOf(odeProblem({ rhs: (u, p) => [u[1], p[0] - drag(u[1])], u0: [0, 1], tspan, p: [9.81] }));

const namespaced = caseOf(odeProblem({ rhs: (u, p) => [u[1], p[0] - physics.drag(u[1])], u0: [0, 1], tspan, p: [9.81] }));

const defaults = caseOf(
  odeProblem({ rhs: (u, p) => [p[0] * saturate(u[0]) - u[0], p[1] * saturate(u[1], 2)], u0: [1, 2], tspan, p: [1, 2] }),
);

const decay = new Decay(0.4);
const method = caseOf(odeProblem({ rhs: (u, p) => [decay.slope(u[0], p[0])], u0: [1], tspan, p: [1.1] }));

const arrows = caseOf(
  odeProblem({ rhs: (u, p) => [rates.map((k) => k * p[0]).reduce((a, b) => a + b) * -u[0]], u0: [1], tspan, p: [0.3] }),
);

const network = caseOf(
  odeProblem({
    rhs: (u, p) => {
      const force = net([u[0], u[1]], p.net);
      return [u[1], force.get(0) - u[0]];
    },
    u0: [1, 0.5],
    tspan,
    p: { net: net.initial(3) },
  }),
);

const mixing = odegrad.ndarray(Float64Array.of(-1, 0.5, 0.25, -2), [2, 2]);
const product = caseOf(odeProblem({ rhs: (u, p) => odegrad.mul(times(mixing, u), p[0]), u0: [1, 2], tspan, p: [0.9] }));

function logistic(capacity: number, label: string): Case {
  const inside = (x: number): number => 1 - x / capacity;
  const rhs = (u: ArrayLike<number>, p: ArrayLike<number>): number[] => [p[0] * u[0] * inside(u[0])];
  console.assert(label.length > 0);
  return caseOf(odeProblem({ rhs, u0: [0.1], tspan, p: [3] }));
}

const madeElsewhere = growth(5);
const closures = caseOf(odeProblem({ rhs: (u, p) => [madeElsewhere(u[0], p[0])], u0: [0.1], tspan, p: [3] }));

const spec = {
  rhs(du: number[], u: number[], p: number[]): void {
    du[0] = p[0] * (ambient - u[0]);
    if (on) du[1] = -hoisted(u[1]) * p[0];
  },
  u0: [1, 2],
  tspan,
  p: [0.8],
};
const boundFirst = caseOf(odeProblem(spec));

function hoisted(x: number): number {
  return table[1] * x * N;
}

const data = caseOf(odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], tspan, p: [1.2] }), {
  at: times4,
  of: (u: ArrayLike<number>, _p: unknown, _t: number, i: number) => (u[0] - measured[i]) ** 2 / N,
});

const integral = caseOf(odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: [1], tspan, p: [1.2] }), {
  integral: (u: ArrayLike<number>) => u[0] * u[0] * table[0],
});

const bounce = 0.7;
const floor = { height: 0.1 };
const events = caseOf(
  odeProblem({
    rhs: (u, p) => [u[1], -p[0]],
    u0: [1, 0],
    tspan,
    p: [9.81],
    events: {
      when: (u: ArrayLike<number>) => u[0] - floor.height,
      direction: "down",
      apply: (u: number[]) => {
        u[1] = -bounce * u[1];
      },
    } as never,
  }),
);

const share = 0.4;
const startOfParameters = caseOf(
  odeProblem({ rhs: (u, p) => [-p[0] * u[0]], u0: ((p: number[]) => [share * p[0]]) as never, tspan, p: [1.2] }),
);

const strength = 0.3;
const force = differentiable((x: number) => strength * Math.sin(x));
const own = caseOf(odeProblem({ rhs: (u, p) => [u[1], -p[0] * force(u[0])], u0: [1, 0], tspan, p: [4] }));

const forcing = (t: number): number => {
  const at = Math.min(Math.floor(t * N), N - 1);
  return table[at];
};
const forced = caseOf(odeProblem({ rhs: (u, p, t) => [p[0] * forcing(t) - u[0]], u0: [1], tspan, p: [2] }));

enum Kind {
  Linear = 1,
  Square = 2,
}
const kind: Kind = Kind.Square;
const enums = caseOf(odeProblem({ rhs: (u, p) => [-p[0] * (kind === Kind.Square ? u[0] ** 2 : u[0])], u0: [1], tspan, p: [1] }));

class Reactor {
  readonly volume = 2;
  readonly rhs = (u: ArrayLike<number>, p: ArrayLike<number>): number[] => [(-p[0] * u[0] * table[0]) / N];
  readonly byVolume = (u: ArrayLike<number>, p: ArrayLike<number>): number[] => [(-p[0] * u[0]) / this.volume];
}
const reactor = new Reactor();
const field = caseOf(odeProblem({ rhs: reactor.rhs, u0: [1], tspan, p: [2] }));
const ofThis = caseOf(odeProblem({ rhs: reactor.byVolume, u0: [1], tspan, p: [2] }));

class Tank {
  static readonly leak = 0.5;
  private readonly area = 2;
  get share(): number {
    return Tank.leak / this.area;
  }
  static loss(u: number): number {
    return this.leak * u;
  }
  empty(u: ArrayLike<number>, p: ArrayLike<number>): number[] {
    return [-p[0] * this.share * u[0]];
  }
  fill(du: number[], u: ArrayLike<number>, p: ArrayLike<number>): void {
    du[0] = p[0] - this.share * u[0];
  }
}
const tank = new Tank();
const bound = caseOf(odeProblem({ rhs: tank.empty.bind(tank), u0: [1], tspan, p: [2] }));
const calling = caseOf(
  odeProblem({ rhs: (du: number[], u: number[], p: number[]) => tank.fill(du, u, p), u0: [1], tspan, p: [2] }),
);
const ofClass = caseOf(odeProblem({ rhs: (u, p) => [-p[0] * Tank.loss(u[0])], u0: [1], tspan, p: [2] }));
const scaled = (k: number, u: ArrayLike<number>, p: ArrayLike<number>): number[] => [-k * p[0] * u[0]];
const boundNumber = caseOf(odeProblem({ rhs: scaled.bind(undefined, 0.5), u0: [1], tspan, p: [2] }));

export const cases: Readonly<Record<string, Case>> = {
  size,
  tables,
  nested,
  importedHelper,
  namespaced,
  defaults,
  method,
  arrows,
  network,
  product,
  factory: logistic(2, "logistic"),
  closures,
  boundFirst,
  data,
  integral,
  events,
  startOfParameters,
  own,
  forced,
  enums,
  field,
  ofThis,
  bound,
  calling,
  ofClass,
  boundNumber,
};
