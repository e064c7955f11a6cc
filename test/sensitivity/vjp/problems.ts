/** Problems on which every backend is held against the reverse program. */
import { brusselator } from "../../../problems/brusselator.ts";
import { lotkaVolterra } from "../../../problems/lotka-volterra.ts";
import { pollution } from "../../../problems/pollution.ts";
import { spiralNeuralODE } from "../../../problems/spiral-neural-ode.ts";
import { remake, type OdeProblem } from "../../../src/problem/problem.ts";
import { start, type Point } from "./harness.ts";

export interface Scenario {
  readonly name: string;
  readonly problem: OdeProblem;
  readonly point: Point;
}

function scenario(name: string, problem: unknown, t = 0.7): Scenario {
  const fresh = remake(problem as OdeProblem, { constants: { ...(problem as { constants: object }).constants } });
  return { name, problem: fresh, point: start(fresh, t) };
}

export const lotka = (): Scenario => scenario("Lotka–Volterra", lotkaVolterra().problem);
/** Rate constants over many decades, and states that are zero. */
export const pollutionModel = (): Scenario => scenario("pollution", pollution().problem);
/** Array code with parameters that are numbers. */
export const brusselatorArrays = (): Scenario => scenario("brusselator", brusselator({ n: 4, form: "arrays" }).problem, 1.2);
export const brusselatorLoops = (): Scenario =>
  scenario("brusselator in loops", brusselator({ n: 4, form: "loops" }).problem, 1.2);
export const network = (): Scenario => scenario("spiral network", spiralNeuralODE().problem);

export const scenarios = (): readonly Scenario[] => [
  lotka(),
  pollutionModel(),
  brusselatorArrays(),
  brusselatorLoops(),
  network(),
];
