/** How weights start, one row each: uniform within a bound, or normal with a deviation, of the numbers of inputs and outputs. */
import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { mixed, normals, uniforms } from "../../src/core/random.ts";
import { BadLayer } from "./errors.ts";

interface Distribution {
  readonly draw: (seed: number) => () => number;
  /** What draws are multiplied by. */
  readonly size: (inputs: number, outputs: number) => number;
}

const symmetric = (seed: number): (() => number) => {
  const uniform = uniforms(seed);
  return () => 2 * uniform() - 1;
};

const rows = {
  /** X. Glorot, Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS 2010, equation 16. */
  glorotUniform: { draw: symmetric, size: (inputs, outputs) => Math.sqrt(6 / (inputs + outputs)) },
  /** Of the same variance (equation 12). */
  glorotNormal: { draw: normals, size: (inputs, outputs) => Math.sqrt(2 / (inputs + outputs)) },
  /** For `relu`: K. He et al., Delving deep into rectifiers, ICCV 2015, equation 10, uniform with that variance. */
  kaimingUniform: { draw: symmetric, size: (inputs) => Math.sqrt(6 / inputs) },
  kaimingNormal: { draw: normals, size: (inputs) => Math.sqrt(2 / inputs) },
  /** For a last layer whose network is to start as no change at all. */
  zeros: { draw: () => () => 0, size: () => 1 },
} as const satisfies Readonly<Record<string, Distribution>>;

export type InitialisationName = keyof typeof rows;

/** Throws {@link BadLayer}. */
export function requireInitialisation(name: unknown, where: string): asserts name is InitialisationName {
  if (typeof name === "string" && Object.hasOwn(rows, name)) return;
  throw new BadLayer(`${where}: weights are ${shown(name)}. They may be ${Object.keys(rows).join(", ")}.`);
}

/** Weights of shape [outputs, inputs], always the same of a seed. Throws {@link BadLayer} for what is no seed. */
export function initialWeights(name: InitialisationName, inputs: number, outputs: number, seed: number): NdArray<Float64Array> {
  if (!Number.isInteger(seed)) throw new BadLayer(`The seed is ${shown(seed)}, but must be a whole number.`);
  const { draw, size } = rows[name];
  const next = draw(mixed(seed, 0));
  const factor = size(inputs, outputs);
  return ndarray(
    Float64Array.from({ length: inputs * outputs }, () => factor * next()),
    [outputs, inputs],
  );
}
