/**
 * Components that are below their absolute tolerances and grow there in proportion to themselves. Nothing holds their errors to a part of them
 * there: their sizes, and even their signs, are what earlier errors left, and so is all that they grow to.
 */

/** By this factor a component has grown, after which it counts. */
const MATTERS = Math.log(10);
/** Of its derivative, what is left of it without those that are below their tolerances, where something else feeds it. */
const FED = 0.1;
/** And where others that are small do not grow it. */
const OWN = 0.5;
/** So far what feeds others is followed from one that is below its tolerance to the next; behind that, all count as fed. */
const MOST_LINKS = 20;

/** The derivative at the end of step k, the first number 1, with zeros in place of these components. */
export type SlopeWithout = (k: number, components: readonly number[]) => ArrayLike<number>;

/** Steps one after the other, whose ends lie `stride` apart in `data`: states, and the derivatives behind them. */
export interface ObservedSteps {
  readonly data: Float64Array;
  readonly stride: number;
  /** Of a state, and of a derivative. */
  readonly size: number;
  readonly count: number;
  readonly atol: Float64Array;
  /** Where step k ends, the first number 1; of 0 where that starts. */
  readonly time: (k: number) => number;
  readonly slopeWithout: SlopeWithout;
  /** Are those derivatives, as they are not with a mass matrix? */
  readonly hasSlopes: boolean;
}

/** A component that grew below its tolerance, and when it was there. */
export interface Growth {
  readonly component: number;
  readonly from: number;
  to: number;
}

export class GrowthBelow {
  readonly found: Growth[] = [];
  /** The logarithm of the factor by which each has grown below its tolerance, by what its derivatives say too: implicit methods damp what grows unseen. */
  private readonly growth: Float64Array;
  /** Since when it is below. */
  private readonly since: Float64Array;
  /** Those that something else is known to feed, until they are above their tolerances again. */
  private readonly isFed: Uint8Array;

  private known: { readonly t: number; readonly slope: ArrayLike<number> } = { t: NaN, slope: [] };

  constructor(private readonly n: number) {
    [this.growth, this.since, this.isFed] = [new Float64Array(n), new Float64Array(n).fill(NaN), new Uint8Array(n)];
  }

  /** A component is above its tolerance, or is made anew by an event. */
  begin(i: number): void {
    [this.growth[i], this.since[i], this.isFed[i]] = [0, NaN, 0];
  }

  /** A component that is below its tolerance at the start of step k. */
  observe(i: number, k: number, steps: ObservedSteps): void {
    const { growth, since } = this;
    const { data, stride, atol, time } = steps;
    const before = Math.abs(data[(k - 1) * stride + i]);
    const isAbove = Math.abs(data[k * stride + i]) >= atol[i];
    if (Number.isNaN(since[i])) since[i] = time(k - 1);
    // What grows above its tolerance in a step counts as far as to it, whatever the derivatives behind that are.
    const by = isAbove ? Math.log(atol[i] / before) : growthOver(i, k, steps);
    growth[i] = Math.max(0, growth[i] + by) || 0;
    const known = this.found.find(({ component }) => component === i);
    if (known?.from === since[i]) known.to = time(k);
    else if (!known && this.isFed[i] === 0 && growth[i] >= MATTERS) {
      if (!isAbove) this.judge(i, k, steps);
      else if (growsBehind(i, k - 1, steps) && !this.isMade(i, k, steps))
        this.found.push({ component: i, from: since[i], to: time(k) });
    }
    if (isAbove) this.begin(i);
  }

  /** Does it, which is large behind step k, and was not before, owe that to others? They feed it then, at one of the step's ends. */
  private isMade(i: number, k: number, { data, stride, atol, time, slopeWithout, hasSlopes }: ObservedSteps): boolean {
    const h = time(k) - time(k - 1);
    const after = data[k * stride + i];
    return [k - 1, k].some((at) => {
      const u = (j: number): number => Math.abs(data[at * stride + j]);
      const below = Array.from({ length: this.n }, (_, j) => j).filter((j) => j === i || (u(j) !== 0 && u(j) < atol[j]));
      const slope = Float64Array.from(slopeWithout(at, []), (f, j) => (j === i && hasSlopes ? after / h : f));
      return !withoutFed(below, slope, (others) => slopeWithout(at, others)).includes(i);
    });
  }

  /** As the right-hand side has it, evaluated once for all components. */
  private slopeAt(k: number, { time, slopeWithout }: ObservedSteps): ArrayLike<number> {
    if (this.known.t !== time(k)) this.known = { t: time(k), slope: slopeWithout(k, []) };
    return this.known.slope;
  }

  /** Does it grow by itself, or in a circle with others that are as small and grow too? */
  private judge(i: number, k: number, steps: ObservedSteps): void {
    const { data, stride, atol, time, slopeWithout } = steps;
    const { n, growth, since, isFed } = this;
    const u = (j: number): number => data[k * stride + j];
    const direction = Math.sign(time(k) - time(k - 1));
    const slope = this.slopeAt(k, steps);
    // Derivatives that methods leave are noise where states are: this one says what it has grown by at most.
    if (!((slope[i] / u(i)) * (time(k) - since[i]) >= MATTERS)) return void (growth[i] = MATTERS / 2);
    const below = Array.from({ length: n }, (_, j) => j).filter((j) => j === i || (u(j) !== 0 && Math.abs(u(j)) < atol[j]));
    const own = withoutFed(below, slope, (others) => slopeWithout(k, others));
    const isGrowing = (j: number): boolean => direction * slope[j] * u(j) > 0;
    for (const j of below) if (isGrowing(j) && !own.includes(j)) isFed[j] = 1;
    if (isFed[i] === 1) return;
    const rest = own.filter((j) => !(isGrowing(j) && growth[j] >= MATTERS / 2));
    const alone = rest.length > 0 ? slopeWithout(k, rest)[i] : slope[i];
    if (!rest.includes(i) && alone / slope[i] > OWN) this.found.push({ component: i, from: since[i], to: time(k) });
    else growth[i] = MATTERS / 2;
  }
}

/** Does it grow behind step k? Explicit steps at the bound of their stability throw up what decays. Where derivatives are not known, it may. */
function growsBehind(i: number, k: number, { data, stride, time, slopeWithout, hasSlopes }: ObservedSteps): boolean {
  return !hasSlopes || (time(k + 1) - time(k)) * slopeWithout(k, [])[i] * data[k * stride + i] > 0;
}

/** What the states show, or, where the derivatives are known and say more at both ends, these. */
function growthOver(i: number, k: number, { data, stride, size, time, hasSlopes }: ObservedSteps): number {
  const [start, end] = [(k - 1) * stride + i, k * stride + i];
  const shown = Math.log(Math.abs(data[end] / data[start]));
  if (!hasSlopes) return shown;
  const h = time(k) - time(k - 1);
  return Math.max(shown, Math.min((h * data[start + size]) / data[start], (h * data[end + size]) / data[end]));
}

/** Without those that what is left feeds, and those that these feed. */
function withoutFed(
  below: readonly number[],
  slope: ArrayLike<number>,
  without: (some: readonly number[]) => ArrayLike<number>,
): readonly number[] {
  let own = below;
  for (let links = 0; links < MOST_LINKS; links++) {
    const rest = without(own);
    const left = own.filter((j) => Math.abs(rest[j]) < FED * Math.abs(slope[j]));
    if (left.length === own.length) return own;
    own = left;
  }
  return [];
}
