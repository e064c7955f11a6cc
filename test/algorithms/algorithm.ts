/** A numerical routine as people write it: a number made of a few. */
export interface Algorithm {
  readonly name: string;
  readonly f: (x: Float64Array, p: readonly number[], constants: never) => number;
  /** Where it is run; it is smooth there. */
  readonly x: readonly number[];
  /** Known by other means; otherwise what the plain function gives. */
  readonly value?: number;
  readonly constants?: Readonly<Record<string, unknown>>;
}

/** Writes down the rows of a field. */
export function rows(...list: readonly Algorithm[]): readonly Algorithm[] {
  return list;
}
