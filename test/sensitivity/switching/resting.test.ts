/** What rests behind its switch: fuel that is used up, a level that is reached. Closed forms. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, rodas5P, tsit5 } from "../../../index.ts";
import { adjointMethods } from "../../../sensitivity/adjoints/index.ts";

const names = Object.keys(adjointMethods);
const solvers = { tsit5: tsit5(), rodas5P: rodas5P() };

interface Rocket {
  readonly flow: number;
  readonly exhaust: number;
  readonly dry: number;
}
const rocket = odeProblem({
  rhs(du: { fuel: number; height: number; speed: number }, u: { fuel: number; speed: number }, p: Rocket) {
    const burning = u.fuel > 0;
    du.fuel = burning ? -p.flow : 0;
    du.height = u.speed;
    du.speed = (burning ? (p.flow * p.exhaust) / (p.dry + u.fuel) : 0) - 9.81;
  },
  u0: { fuel: 2, height: 0, speed: 0 },
  p: { flow: 0.7, exhaust: 60, dry: 1 },
  tspan: [0, 8],
});

/** Tsiolkovsky's equation, integrated: the height at t = 8. */
function height([flow, exhaust, dry, fuel]: readonly number[]): number {
  const burn = fuel / flow;
  const speed = exhaust * Math.log((dry + fuel) / dry) - 9.81 * burn;
  const reached = exhaust * (burn - (dry / flow) * Math.log((dry + fuel) / dry)) - (9.81 * burn ** 2) / 2;
  return reached + speed * (8 - burn) - (9.81 * (8 - burn) ** 2) / 2;
}

const at = [0.7, 60, 1, 2];
const slopes = at.map((x, i) => {
  const h = 1e-4 * x;
  const moved = (by: number): number => height(at.map((y, j) => (j === i ? y + by : y)));
  return (8 * (moved(h) - moved(-h)) - (moved(2 * h) - moved(-2 * h))) / (12 * h);
});

describe.each(Object.entries(solvers))("by %s", (_, solver) => {
  it.each(names)("a rocket whose fuel ends, by %s", (adjoint) => {
    const { flat, switches, warnings } = gradient(rocket, {
      loss: { final: (u) => u.height },
      wrt: ["p", "u0"],
      adjoint,
      solver,
      ...(adjoint === "backsolve" ? { backward: { solver: tsit5() } } : {}),
      rtol: 1e-9,
      atol: 1e-9,
    });
    [...flat.p!, flat.u0![0]].forEach((x, i) => expect(Math.abs(x / slopes[i] - 1)).toBeLessThan(1e-6));
    expect(switches.map(({ text, differentiated }) => [text, differentiated])).toEqual([["u.fuel > 0", true]]);
    expect(warnings.join()).not.toContain("switches at");
  });

  it("a level that is reached and kept", () => {
    const filling = odeProblem({
      rhs: (u: number[], p: { rate: number; level: number }) => [u[0] < p.level ? p.rate : 0],
      u0: [0],
      p: { rate: 0.7, level: 1 },
      tspan: [0, 3],
    });
    const { gradient: slope, warnings } = gradient(filling, { loss: { final: (u) => u[0] }, wrt: ["p", "u0"], solver });
    expect(slope.p!.level).toBeCloseTo(1, 9);
    expect(slope.p!.rate).toBeCloseTo(0, 9);
    expect((slope.u0 as number[])[0]).toBeCloseTo(0, 9);
    expect(warnings).toEqual([]);
  });
});
