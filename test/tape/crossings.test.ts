/** Functions that cannot be read switch at times that their tapes tell: short doses are not stepped over, and their times count. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, remake, solve } from "../../index.ts";
import { withoutInspector } from "../without-inspector.ts";

interface Dose {
  readonly time: number;
  readonly duration: number;
  readonly rate: number;
}

const daily: readonly Dose[] = Array.from({ length: 14 }, (_, day) => ({ time: 24 * day, duration: 0.25, rate: 100 }));
const k = 0.1;

/** Of u' = Σ rates - k u, u(0) = 0. */
function amount(t: number, doses: readonly Dose[], rate = k): number {
  return doses.reduce((sum, dose) => {
    if (t <= dose.time) return sum;
    const end = Math.min(t, dose.time + dose.duration);
    return sum + (dose.rate / rate) * (Math.exp(-rate * (t - end)) - Math.exp(-rate * (t - dose.time)));
  }, 0);
}

type Rhs = (
  du: number[],
  u: readonly number[],
  p: { readonly k: number },
  t: number,
  constants: { readonly doses: readonly Dose[] },
) => void;

const forms: Readonly<Record<string, Rhs>> = {
  "filter and reduce": (du, u, p, t, { doses }) => {
    const active = doses.filter((dose) => t >= dose.time && t < dose.time + dose.duration);
    du[0] = active.reduce((sum, dose) => sum + dose.rate, 0) - p.k * u[0];
  },
  "for … in": (du, u, p, t, { doses }) => {
    const rates = new Set<number>();
    // As people write it.
    // oxlint-disable-next-line typescript/no-for-in-array
    for (const i in doses) if (t >= doses[i].time && t < doses[i].time + doses[i].duration) rates.add(doses[i].rate);
    du[0] = [...rates].reduce((sum, rate) => sum + rate, 0) - p.k * u[0];
  },
  findLast: (du, u, p, t, { doses }) => {
    const last = doses.findLast((dose) => t >= dose.time);
    du[0] = (last && t < last.time + last.duration ? last.rate : 0) - p.k * u[0];
  },
  "a phase as text": (du, u, p, t) => {
    const rates = new Map([
      ["on", 100],
      ["off", 0],
    ]);
    du[0] = rates.get(t % 24 < 0.25 ? "on" : "off")! - p.k * u[0];
  },
  "an exception": (du, u, p, t) => {
    let rate = 100;
    try {
      if (t - 24 * Math.floor(t / 24) >= 0.25) throw new Error("over");
    } catch {
      rate = 0;
    }
    du[0] = rate - p.k * u[0];
  },
};

describe.each(Object.entries(forms))("daily infusions by %s", (_, rhs) => {
  const problem = odeProblem({ rhs, u0: [0], p: { k }, tspan: [0, 335], constants: { doses: daily } });

  it("are all met", () => {
    const { u, stats, warnings } = solve(problem, { saveat: [20, 335] });
    expect(stats.compiled).toBe(false);
    expect(warnings).toEqual([]);
    expect(stats.stops).toHaveLength(27);
    [20, 335].forEach((t, i) => expect(u[i][0] / amount(t, daily) - 1).toBeCloseTo(0, 6));
  });

  it("backwards as well", () => {
    // Errors grow on the way: e^4-fold.
    const { u } = solve(problem, { u0: [amount(60, daily)], tspan: [60, 20], saveat: [20] });
    expect(u[0][0] / amount(20, daily) - 1).toBeCloseTo(0, 4);
  });

  it("give derivatives", () => {
    const { gradient: slope } = gradient(problem, { loss: { final: (u) => u[0] } });
    const h = 1e-5;
    const exact = (amount(335, daily, k + h) - amount(335, daily, k - h)) / (2 * h);
    expect(slope.p!.k / exact - 1).toBeCloseTo(0, 5);
  });
});

describe("times that parameters move", () => {
  const slow = 0.01;
  const once = odeProblem({
    rhs(du: number[], u: readonly number[], p: { k: number; start: number; duration: number }, t: number) {
      const rates = new Set([0]);
      if (t >= p.start && t < p.start + p.duration) rates.add(100);
      du[0] = Math.max(...rates) - p.k * u[0];
    },
    u0: [0],
    p: { k: slow, start: 30, duration: 0.1 },
    tspan: [0, 200],
  });
  const at = (start: number, duration: number): number => amount(200, [{ time: start, duration, rate: 100 }], slow);

  it("are met where they are one two thousandth of the span apart, and differentiated", () => {
    const { value, gradient: slope, switches } = gradient(once, { loss: { final: (u) => u[0] } });
    expect(value / at(30, 0.1) - 1).toBeCloseTo(0, 6);
    const h = 1e-4;
    expect(slope.p!.start / ((at(30 + h, 0.1) - at(30 - h, 0.1)) / (2 * h)) - 1).toBeCloseTo(0, 5);
    expect(slope.p!.duration / ((at(30, 0.1 + h) - at(30, 0.1 - h)) / (2 * h)) - 1).toBeCloseTo(0, 5);
    expect(switches.map(({ on, times, by, differentiated }) => [on, times, by, differentiated])).toEqual([
      ["time", [30, 30.1], ["p.start", "p.duration"], true],
    ]);
  });

  it("are found anew for other parameters", () => {
    for (const start of [3, 77.7, 150]) {
      const { u } = solve(remake(once, { p: { k: slow, start, duration: 0.1 } }), { saveat: [200] });
      expect(u[0][0] / at(start, 0.1) - 1).toBeCloseTo(0, 6);
    }
  });
});

describe("what is not known is told", () => {
  describe("of a function that no tape can take", () => {
    withoutInspector();

    it("for what it captures", () => {
      const width = 0.1;
      const rhs = (du: number[], u: readonly number[], _p: unknown, t: number): void => {
        du[0] = (t >= 30 && t < 30 + width ? 1 : 0) - u[0];
      };
      const { warnings } = solve(odeProblem({ rhs, u0: [0], p: [0], tspan: [0, 200] }));
      expect(warnings).toEqual([
        expect.stringMatching(/^The times at which rhs switches are not known.*`width`.*`stops`.*`maxStep`/s),
      ]);
    });
  });

  it("of changed data, which are looked at again", () => {
    const doses = [{ time: 10, duration: 0.1, rate: 100 }];
    const problem = odeProblem({ rhs: forms.findLast, u0: [0], p: { k }, tspan: [0, 100], constants: { doses } });
    const end = (): number => solve(problem, { saveat: [100] }).u[0][0];
    expect(end() / amount(100, doses) - 1).toBeCloseTo(0, 6);
    doses[0].time = 70;
    expect(end() / amount(100, doses) - 1).toBeCloseTo(0, 6);
  });
});
