/**
 * Named problems: each a definition, a loss, and known answers.
 * @module odegrad/problems
 */
export { brusselatorCells, type BrusselatorCellsParameters } from "./brusselator-cells.ts";
export { brusselator, type BrusselatorOptions, type BrusselatorParameters } from "./brusselator.ts";
export { heat, type HeatOptions, type HeatParameters } from "./heat.ts";
export {
  kuramotoSivashinsky,
  type KuramotoSivashinskyOptions,
  type KuramotoSivashinskyParameters,
} from "./kuramoto-sivashinsky.ts";
export { lotkaVolterra, type LotkaVolterraParameters, type LotkaVolterraState } from "./lotka-volterra.ts";
export type { NamedProblem, Reference } from "./named-problem.ts";
export { pkpd, type PkpdParameters, type PkpdState } from "./pkpd.ts";
export { pollution } from "./pollution.ts";
export { robertson, type RobertsonParameters } from "./robertson.ts";
export { hires } from "./hires.ts";
export { orego, type OregoParameters, type OregoState } from "./orego.ts";
export { vanDerPol, type VanDerPolParameters, type VanDerPolState } from "./van-der-pol.ts";
export { e5 } from "./e5.ts";
export { medicalAkzoNobel, type MedicalAkzoNobelOptions, type MedicalAkzoNobelParameters } from "./medical-akzo-nobel.ts";
export { ringModulator } from "./ring-modulator.ts";
export { beam, type BeamOptions, type BeamParameters, type BeamState } from "./beam.ts";
export { grayScott, type GrayScottOptions, type GrayScottParameters, type GrayScottState } from "./gray-scott.ts";
export { allenCahn, type AllenCahnOptions, type AllenCahnParameters } from "./allen-cahn.ts";
export { hodgkinHuxley, type HodgkinHuxleyParameters, type HodgkinHuxleyState } from "./hodgkin-huxley.ts";
export { lorenz, type LorenzParameters, type LorenzState } from "./lorenz.ts";
export { pleiades, type PleiadesState } from "./pleiades.ts";
export { bouncingBall, type BallParameters, type BallState } from "./bouncing-ball.ts";
export { arenstorf, type ArenstorfParameters, type ArenstorfState } from "./arenstorf.ts";
export { rigidBody, type RigidBodyParameters } from "./rigid-body.ts";
export { robertsonDAE } from "./robertson-dae.ts";
export { chemicalAkzoNobel, type ChemicalAkzoNobelParameters } from "./chemical-akzo-nobel.ts";
export { transistorAmplifier, type TransistorAmplifierParameters } from "./transistor-amplifier.ts";
export { pendulumDAE, type PendulumParameters, type PendulumState } from "./pendulum-dae.ts";
export { lotkaVolterraUDE, lotkaVolterraUDEDefaults, type UDEParameters } from "./lotka-volterra-ude.ts";
export { spiralNeuralODE, type SpiralParameters } from "./spiral-neural-ode.ts";
export { problemTable, type ProblemEntry } from "./table.ts";
