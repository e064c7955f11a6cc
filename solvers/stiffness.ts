/**
 * Is an explicit method held back by stability? The dominant eigenvalue of the Jacobian is followed by the power method on
 * differences of the right-hand side, an iteration every few steps (B. P. Sommeijer, L. F. Shampine, J. G. Verwer, RKC: An
 * explicit solver for parabolic PDEs, J. Comput. Appl. Math. 88 (1998) 315–326, section 3.3). Unlike quotients of stage
 * differences it finds a stiff mode that the solution does not excite, as tight tolerances leave it.
 */

/** Steps between two looks. */
const INTERVAL = 5;
/** Looks in a row that must find the step near the stability boundary. */
const STIFF_LOOKS = 3;
const NEAR_BOUNDARY = 0.9;
/** Relative size of the differences: the root of the rounding error. */
const DIFFERENCE = 2 ** -26;

/** The right-hand side at a state that is written to `trial`; the derivative it gives may be overwritten. */
export interface Probe {
  readonly trial: Float64Array;
  evaluate(): Float64Array;
}

export class StiffnessDetector {
  private steps = 0;
  private stiff = 0;
  /** The eigenvector so far, of length one; zero before the first look. */
  private readonly direction: Float64Array;

  /** `boundary`: of the method's stability domain on the negative real axis; `n` components. */
  constructor(
    private readonly boundary: number,
    n: number,
  ) {
    this.direction = new Float64Array(n);
  }

  /** Is a look due after this step? */
  get isDue(): boolean {
    return ++this.steps % INTERVAL === 0;
  }

  /** True once step after step has been as long as stability allows. `u`, `f`: state and derivative after a step of length h. */
  look(u: Float64Array, f: Float64Array, h: number, probe: Probe): boolean {
    const near = Math.abs(h) * this.spectralRadius(u, f, probe) > NEAR_BOUNDARY * this.boundary;
    this.stiff = near ? this.stiff + 1 : 0;
    return this.stiff >= STIFF_LOOKS;
  }

  private spectralRadius(u: Float64Array, f: Float64Array, probe: Probe): number {
    const { direction } = this;
    if (this.steps === INTERVAL && normalize(direction, f) === 0) direction.fill(1 / Math.sqrt(u.length));
    const size = DIFFERENCE * (norm(u) || 1);
    for (let i = 0; i < u.length; i++) probe.trial[i] = u[i] + size * direction[i];
    const image = probe.evaluate();
    for (let i = 0; i < u.length; i++) image[i] = (image[i] - f[i]) / size;
    return normalize(direction, image);
  }
}

function norm(x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * x[i];
  return Math.sqrt(sum);
}

/** into = x / |x|, where that is a number; returns |x|. */
function normalize(into: Float64Array, x: Float64Array): number {
  const length = norm(x);
  if (length > 0 && length < Infinity) for (let i = 0; i < x.length; i++) into[i] = x[i] / length;
  return length;
}
