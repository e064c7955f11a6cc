/** The named problems as the command line knows them: by the names of the functions that make them. */
import { brusselatorCells, brusselatorCellsDefaults } from "./brusselator-cells.ts";
import { bouncingBall } from "./bouncing-ball.ts";
import { brusselator, brusselatorDefaults } from "./brusselator.ts";
import { heat, heatDefaults } from "./heat.ts";
import { kuramotoSivashinsky, kuramotoSivashinskyDefaults } from "./kuramoto-sivashinsky.ts";
import { lotkaVolterra, lotkaVolterraDefaults } from "./lotka-volterra.ts";
import { hires } from "./hires.ts";
import { orego, oregoDefaults } from "./orego.ts";
import { vanDerPol, vanDerPolDefaults } from "./van-der-pol.ts";
import { e5, e5Defaults } from "./e5.ts";
import { medicalAkzoNobel, medicalAkzoNobelDefaults } from "./medical-akzo-nobel.ts";
import { ringModulator } from "./ring-modulator.ts";
import { beam, beamDefaults } from "./beam.ts";
import { grayScott, grayScottDefaults } from "./gray-scott.ts";
import { allenCahn, allenCahnDefaults } from "./allen-cahn.ts";
import { hodgkinHuxley, hodgkinHuxleyDefaults } from "./hodgkin-huxley.ts";
import { lorenz, lorenzDefaults } from "./lorenz.ts";
import { pleiades } from "./pleiades.ts";
import { arenstorf } from "./arenstorf.ts";
import { rigidBody, rigidBodyDefaults } from "./rigid-body.ts";
import type { NamedProblem } from "./named-problem.ts";
import { pkpd } from "./pkpd.ts";
import { pollution } from "./pollution.ts";
import { robertson, robertsonDefaults } from "./robertson.ts";
import { robertsonDAE } from "./robertson-dae.ts";
import { chemicalAkzoNobel } from "./chemical-akzo-nobel.ts";
import { transistorAmplifier } from "./transistor-amplifier.ts";
import { pendulumDAE, pendulumDAEDefaults } from "./pendulum-dae.ts";
import { lotkaVolterraUDE, lotkaVolterraUDEDefaults } from "./lotka-volterra-ude.ts";
import { spiralNeuralODE } from "./spiral-neural-ode.ts";

export interface ProblemEntry {
  readonly description: string;
  /** The options with their defaults. */
  readonly options: object;
  /** What a wrong option breaks, the problem itself reports. */
  readonly make: (options: Readonly<Record<string, unknown>>) => NamedProblem;
}

function entry<Options extends object, U, P, C, L>(
  description: string,
  options: Options,
  make: (options: Partial<Options>) => NamedProblem<U, P, C, L>,
): ProblemEntry {
  return { description, options, make: make as unknown as ProblemEntry["make"] };
}

export const problemTable: Readonly<Record<string, ProblemEntry>> = {
  lotkaVolterra: entry("predators and prey: 2 states, 4 parameters, not stiff", lotkaVolterraDefaults, lotkaVolterra),
  brusselator: entry(
    "reaction and diffusion on an n x n grid, written as loops, arrays or mixed: 2n² states, 3 parameters, stiff",
    brusselatorDefaults,
    brusselator,
  ),
  brusselatorCells: entry(
    "the Brusselator with parameters of its own in every cell: 2n² states, 4n² parameters, stiff",
    brusselatorCellsDefaults,
    brusselatorCells,
  ),
  pkpd: entry("a drug given every 24 hours and its effect: 5 states, 14 parameters, not stiff, with events", {}, pkpd),
  bouncingBall: entry(
    "a ball that loses speed at every bounce, with a closed form: 2 states, 2 parameters, with events",
    {},
    bouncingBall,
  ),
  pollution: entry("air pollution, POLLU: 20 states, 25 parameters, stiff", {}, pollution),
  robertson: entry("an autocatalytic reaction: 3 states, 3 parameters, very stiff", robertsonDefaults, robertson),
  kuramotoSivashinsky: entry(
    "flame fronts, chaotic in time, on n points: n states, 1 parameter, stiff",
    kuramotoSivashinskyDefaults,
    kuramotoSivashinsky,
  ),
  heat: entry("heat in a rod of n cells, with a closed form: n states, 1 parameter, stiff", heatDefaults, heat),
  hires: entry("HIRES, a chain of plant pigments: 8 states, 13 parameters, stiff", {}, hires),
  orego: entry("the Oregonator: 3 states, 3 parameters, stiff, oscillating", oregoDefaults, orego),
  vanDerPol: entry("Van der Pol's relaxation oscillator: 2 states, 1 parameter, very stiff", vanDerPolDefaults, vanDerPol),
  e5: entry("a pyrolysis over twenty decades: 4 states, 4 parameters, very stiff", e5Defaults, e5),
  medicalAkzoNobel: entry(
    "antibodies that enter a tissue of n points: 2n states, 2 parameters, stiff, with a switch in time",
    medicalAkzoNobelDefaults,
    medicalAkzoNobel,
  ),
  ringModulator: entry("a circuit with four diodes: 15 states, 3 parameters, stiff and oscillating", {}, ringModulator),
  beam: entry("an elastic beam of n parts: 2n states, 1 parameter, stiff and oscillating", beamDefaults, beam),
  grayScott: entry(
    "autocatalysis on an n x n grid: 2n² states, 4 parameters, stiffer on a shorter side",
    grayScottDefaults,
    grayScott,
  ),
  allenCahn: entry("two phases on an n x n grid: n² states, 1 parameter, stiff by diffusion", allenCahnDefaults, allenCahn),
  hodgkinHuxley: entry("a nerve that fires: 4 states, 4 parameters, mildly stiff", hodgkinHuxleyDefaults, hodgkinHuxley),
  lorenz: entry("Lorenz's convection: 3 states, 3 parameters, chaotic, not stiff", lorenzDefaults, lorenz),
  pleiades: entry("seven stars with near collisions: 28 states, 7 parameters, not stiff", {}, pleiades),
  arenstorf: entry("a satellite's closed orbit around earth and moon: 4 states, 1 parameter, not stiff", {}, arenstorf),
  rigidBody: entry("Euler's rigid body, with a closed form: 3 states, 3 parameters, not stiff", rigidBodyDefaults, rigidBody),
  robertsonDAE: entry(
    "an autocatalytic reaction with its mass conserved by an algebraic equation: 3 states, 3 parameters, very stiff",
    robertsonDefaults,
    robertsonDAE,
  ),
  chemicalAkzoNobel: entry("a process with an algebraic equilibrium: 6 states, 9 parameters, stiff", {}, chemicalAkzoNobel),
  transistorAmplifier: entry(
    "a circuit with two transistors and a singular mass matrix: 8 states, 6 parameters, stiff",
    {},
    transistorAmplifier,
  ),
  pendulumDAE: entry(
    "a pendulum in Cartesian coordinates with its tension, with a closed form: 5 states, 1 parameter",
    pendulumDAEDefaults,
    pendulumDAE,
  ),
  spiralNeuralODE: entry("a neural network fitted to a spiral: 2 states, 252 parameters, not stiff", {}, spiralNeuralODE),
  lotkaVolterraUDE: entry(
    "predators and prey whose interaction is a neural network, to be learned from data: 2 states, 57 parameters, not stiff",
    lotkaVolterraUDEDefaults,
    lotkaVolterraUDE,
  ),
};
