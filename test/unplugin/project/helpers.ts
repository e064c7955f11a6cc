/** Helpers that close over what is theirs. */
const DENSITY = 1.2;
const halves = { drag: 0.5 };

export function drag(v: number): number {
  return halves.drag * DENSITY * v * Math.abs(v);
}

export const saturate = (x: number, top = DENSITY): number => x / (top + x);

export class Decay {
  constructor(private readonly rate: number) {}

  slope(u: number, p: number): number {
    return -this.rate * DENSITY * p * u;
  }
}

/** A closure, made for another file. */
export function growth(capacity: number) {
  return (x: number, r: number): number => r * x * (1 - x / capacity);
}
