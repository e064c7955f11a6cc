/** Layers one after the other, and around which the input goes on. */
import type { NdArray } from "../../src/arrays/ndarray.ts";
import type { ArrayValue } from "../../src/core/array-values.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { add } from "../../src/operations/plain-operations.ts";
import { BadLayer } from "./errors.ts";
import { mixed } from "../../src/core/random.ts";
import { isLayer, layer, type AnyLayer, type Layer } from "./layer.ts";

/** Layers, and functions without parameters. */
type Parts = readonly ((x: NdArray<Float64Array>, p: never) => ArrayValue)[];

/** { layer0, layer1, … }: the parameters of each part that has some, by its place. */
export type ChainParameters<L extends Parts> = {
  -readonly [K in keyof L & `${number}` as L[K] extends AnyLayer ? `layer${K}` : never]: L[K] extends Layer<infer P> ? P : never;
};

/**
 * Layers one after the other. Functions without parameters may stand among them: `chain((x) => pow(x, 3), dense(2, 50, tanh), dense(50, 2))`.
 *
 * @param parts - The layers.
 * @returns The layer of all, whose parameters are { layer0, layer1, … } by their places.
 * @throws BadLayer.
 */
export function chain<const L extends Parts>(...parts: L): Layer<ChainParameters<L>> {
  if (parts.length === 0) throw new BadLayer("chain: there is no layer. Give some: chain(dense(2, 16, tanh), dense(16, 2)).");
  for (const [k, part] of parts.entries()) {
    if (typeof part === "function") continue;
    throw new BadLayer(`chain: layer ${k} is ${shown(part)}, but must be a layer, such as dense(2, 16, tanh), or a function.`);
  }
  const names = parts.map((part, k) => (isLayer(part) ? `layer${k}` : undefined));
  const initial = (seed: number): Readonly<Record<string, unknown>> =>
    Object.fromEntries(parts.flatMap((part, k) => (isLayer(part) ? [[`layer${k}`, part.initial(mixed(seed, k))]] : [])));
  const whole = layer(
    "chain",
    (x, p: Readonly<Record<string, unknown>>, { parts, names }) =>
      parts.reduce((y, part, k) => {
        const name = names[k];
        return name === undefined ? part(y) : part(y, p[name]);
      }, x),
    { parts: parts as unknown as readonly ((x: unknown, p?: unknown) => NdArray<Float64Array>)[], names },
    initial,
  );
  return whole as unknown as Layer<ChainParameters<L>>;
}

/**
 * x + inner(x): a layer around which its input goes on (K. He et al., Deep residual learning for image recognition, CVPR 2016).
 *
 * @param inner - The layer, with as many outputs as inputs.
 * @returns The layer, with the parameters of the inner one.
 * @throws BadLayer.
 */
export function skip<P>(inner: Layer<P>): Layer<P> {
  if (!isLayer(inner)) throw new BadLayer(`skip: it is given ${shown(inner)}, but takes a layer, such as dense(4, 4, tanh).`);
  return layer("skip", (x, p, { inner, add }) => add(inner(x, p), x), { inner, add }, inner.initial);
}
