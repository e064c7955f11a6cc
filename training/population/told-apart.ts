/**
 * Which variances data cannot tell apart. That of an individual's observations is V = Σ τ² bbᵀ + σ² D, of its derivatives b by what is its own and
 * the rows D of a name; variances are told apart where the derivatives of all V by them are linearly independent, as their information is
 * ½ Σ tr(V⁻¹ Vᵢ V⁻¹ Vⱼ).
 */
import { symmetricEigen } from "../judge/symmetric-eigen.ts";
import { namesAlong } from "../judge/unseen.ts";
import type { Population, PopulationPoint } from "./population.ts";

/** An eigenvalue below this, of products whose diagonal is 1, is zero. */
const NONE = 1e-8;

/** A sentence for each direction. */
export function notToldApart(
  { own, sizes, individuals }: Population,
  { parts }: PopulationPoint,
  isGiven: readonly boolean[],
): string[] {
  const columns = own.list.flatMap(({ name }, c) => (isGiven[c] ? [] : [{ c, name }]));
  const sigmas = [...new Set(individuals.flatMap(({ fitted }) => fitted.filter((name) => name !== undefined)))];
  const names = [...columns.map(({ name }) => `the spread of ${name}`), ...sigmas.map((name) => `sigma of ${name}`)];
  const k = names.length;
  const products = new Float64Array(k * k);
  parts.forEach(({ residuals, jacobian }, i) => {
    const width = sizes.shared + sizes.own;
    const { fitted } = individuals[i];
    const along = columns.map(({ c }) => residuals.map((_, row) => jacobian[row * width + sizes.shared + c]));
    // Of bbᵀ or D the product with another one, tr(Vᵢ Vⱼ).
    const product = (a: number, b: number): number => {
      const [first, second] = [along[a], along[b]];
      const rows = [...residuals.keys()].filter((row) =>
        [a, b].every((one) => one < along.length || fitted[row] === sigmas[one - along.length]),
      );
      if (first && second) return rows.reduce((sum, row) => sum + first[row] * second[row], 0) ** 2;
      return rows.reduce((sum, row) => sum + ((first ?? second)?.[row] ?? 1) ** 2, 0);
    };
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) products[a * k + b] += product(a, b);
  });
  const roots = names.map((_, a) => Math.sqrt(products[a * k + a]) || 1);
  const { values, vectors } = symmetricEigen(
    products.map((x, at) => x / (roots[Math.floor(at / k)] * roots[at % k])),
    k,
  );
  return vectors.flatMap((weights, l) => {
    const of = namesAlong(names, weights);
    if (values[l] > NONE || of.length < 2) return [];
    return [
      `The data do not tell ${of.slice(0, -1).join(", ")} and ${of.at(-1)} apart, of which only a sum of squares is known: observe individuals ` +
        "more often, or give one of them.",
    ];
  });
}
