/** Is an explicit method held back by stability? (Hairer, Wanner, Solving Ordinary Differential Equations II, IV.2.) */
const NEAR_BOUNDARY = 0.9;
const STIFF_STEPS = 10;
const CALM_STEPS = 6;

export class StiffnessDetector {
  private stiff = 0;
  private calm = 0;

  /** Takes |h λ| over the stability boundary for an accepted step; true once enough steps have been near it. */
  observe(ratio: number): boolean {
    if (ratio > NEAR_BOUNDARY) {
      this.calm = 0;
      return ++this.stiff >= STIFF_STEPS;
    }
    if (++this.calm >= CALM_STEPS) this.stiff = 0;
    return false;
  }
}
