/** How laws are written. */

export function power(name: string, exponent: number): string {
  return exponent === 1 ? name : `${name}^${exponent}`;
}

/** A letter as it is, a word upright. */
export function latexName(name: string): string {
  const escaped = name.replaceAll(/[_#%&$]/g, (character) => `\\${character}`);
  return name.length === 1 ? escaped : `\\mathrm{${escaped}}`;
}

/** "-0.9 x y + 2 x", or "0". */
export function sumOf(terms: readonly { readonly coefficient: number; readonly name: string }[]): string {
  const written = terms.map(({ coefficient, name }, k) => {
    const size = `${Number(Math.abs(coefficient).toPrecision(4))}${name === "1" ? "" : ` ${name}`}`;
    if (k === 0) return coefficient < 0 ? `-${size}` : size;
    return coefficient < 0 ? ` - ${size}` : ` + ${size}`;
  });
  return written.join("") || "0";
}
