/** What random closures import. */
const inner = 0.75;
export const offset = { deep: { value: 1.25 } };

export function scaled(x: number): number {
  return x * inner + offset.deep.value * 0.125;
}

export class Gain {
  constructor(private readonly k: number) {}

  of(x: number): number {
    return this.k * x + inner;
  }
}
