/** Where functions of the time change within a small part of a step: looked for in samples, more of them where they tell of it. */

/** Halvings of the span to the first samples, and to the closest. */
const BASE = 12;
const CLOSEST = 20;
/** Samples beyond the first ones, at most. */
const MOST_MORE = 2 ** 14;

/** A step sees what straight lines between so many places of it tell; where something is narrow, steps are of so many. */
const PLACES = 8;
const NARROW_PLACES = 4;
/** They tell it where they are off by no more than this part of what they are off by, at most, in shorter steps nearby. */
const TOLD = 0.05;
/** A smooth function is off its chords by the square of their length; by so much more where it is smooth, and curved elsewhere in the step. */
const SMOOTH = 2;
/** Halvings from the chords that a step's curvature is measured by to the first that are compared with it: eight of them a step. */
const HALVINGS = 3;
/** Chords that a step's curvature is measured by, for each that fits. */
const PHASES = 4;
/** What is smaller is none: of a function's range, and of its size. */
const LEAST = 1e-9;
const ROUNDING = 2 ** -40;

/** Functions of the time, over a span. */
export interface Sampled {
  /** The values of all of them at one time after the other, so many times from t on; they are read before the next call. */
  readonly from: (t: number, step: number, times: number) => Float64Array;
  readonly count: number;
  readonly tspan: readonly [number, number];
  /** Times at which they may jump, or have kinks: it is not looked across them. */
  readonly jumps: readonly number[];
}

/** A sample that is off the chord between its neighbours, farther than curvature tells. */
interface Bend {
  readonly level: number;
  readonly index: number;
  readonly which: number;
  readonly excess: number;
}

/**
 * Times, in the order of the span, such that steps no longer than `longest` see all that was found, where each of these is an end of a step. Empty where
 * such steps see it anyway.
 */
export function narrowTimes(sampled: Sampled, longest: number, base = BASE): number[] {
  const {
    tspan: [t0, t1],
    jumps,
  } = sampled;
  const span = Math.abs(t1 - t0);
  const first = Math.max(Math.floor(Math.log2((PLACES * span) / longest)) + 1, HALVINGS + 1);
  if (!(first <= base)) return [];
  const bends = new Bends(sampled, first, base).found();
  const marks = new Set<number>();
  for (const { level, index } of bends) {
    const unit = 2 ** (CLOSEST - level);
    const from = Math.floor(index / NARROW_PLACES) * NARROW_PLACES;
    for (let end = from - PLACES; end <= from + PLACES + NARROW_PLACES; end += NARROW_PLACES) marks.add(end * unit);
  }
  const time = (mark: number): number => t0 + (t1 - t0) * (mark / 2 ** CLOSEST);
  const within = [...marks].filter((mark) => mark > 0 && mark < 2 ** CLOSEST).sort((a, b) => a - b);
  return within.map(time).filter((t) => !jumps.some((jump) => Math.abs(t - jump) <= span * 2 ** -CLOSEST));
}

class Bends {
  /** Of the first samples, one after the other. */
  private readonly values: Float64Array;
  /** Of others, by their places: so many closest distances from the start. */
  private readonly more = new Map<number, Float64Array>();
  private readonly floors: number[];
  /**
   * Of each function: what the first chords that are compared may be off by, as it is smooth, in each stretch of about a step; and by how much chords
   * are off more than that, at most, in each of a part of that.
   */
  private readonly smooth: readonly Float64Array[];
  private readonly largest: readonly Float64Array[];
  private readonly jumps: Float64Array;

  constructor(
    private readonly sampled: Sampled,
    private readonly first: number,
    private readonly base: number,
  ) {
    const {
      count,
      tspan: [t0, t1],
      jumps,
    } = sampled;
    const size = 2 ** base;
    this.values = sampled.from(t0, (t1 - t0) / size, size + 1).slice(0, (size + 1) * count);
    this.jumps = Float64Array.from(jumps, (t) => ((t - t0) / (t1 - t0)) * 2 ** CLOSEST).sort();
    this.floors = Array.from({ length: count }, (_, k) => this.floorOf(k));
    const stretches = 2 ** (first - HALVINGS - 1);
    this.smooth = this.floors.map((_, which) => {
      const curvature = Float64Array.from({ length: stretches }, (_stretch, k) => this.curvatureOf(which, k));
      return curvature.map((_one, k) => SMOOTH * around(curvature, k));
    });
    this.largest = this.floors.map(() => new Float64Array(2 ** (first - 1)));
  }

  found(): Bend[] {
    const all: Bend[] = [];
    for (let level = this.first; level <= this.base; level++) this.lookAtAll(level, all);
    let budget = MOST_MORE;
    for (let level = this.base; level < CLOSEST && budget > 0; level++) {
      const next = new Set(
        all.filter((bend) => bend.level === level && this.isUntold(bend)).flatMap(({ index }) => [2 * index - 1, 2 * index + 1]),
      );
      for (const index of next) {
        if (budget-- <= 0) break;
        this.sample(index * 2 ** (CLOSEST - level - 1));
        for (let which = 0; which < this.sampled.count; which++)
          this.note(which, level + 1, index, this.bendAt(which, level + 1, index), all);
      }
    }
    return innermost(all.filter((bend) => this.isUntold(bend)));
  }

  private lookAtAll(level: number, all: Bend[]): void {
    const { values, floors } = this;
    const { count } = this.sampled;
    const stride = 2 ** (this.base - level) * count;
    for (let which = 0; which < count; which++) {
      const floor = floors[which];
      for (let index = 1, at = stride + which; at < values.length; index += 2, at += 2 * stride) {
        const bend = Math.abs(values[at] - (values[at - stride] + values[at + stride]) / 2);
        if (bend > floor) this.note(which, level, index, bend, all);
      }
    }
  }

  private note(which: number, level: number, index: number, bend: number, all: Bend[]): void {
    const [smooth, largest] = [this.smooth[which], this.largest[which]];
    const excess = bend - smooth[stretchOf(smooth, level, index)] * 4 ** (this.first - level);
    if (!(excess > this.floors[which]) || this.isAcross(level, index)) return;
    const stretch = stretchOf(largest, level, index);
    largest[stretch] = Math.max(largest[stretch], excess);
    all.push({ level, index, which, excess });
  }

  /** Is it more than steps of this size may miss? */
  private isUntold({ which, level, index, excess }: Bend): boolean {
    const largest = this.largest[which];
    return excess > TOLD * around(largest, stretchOf(largest, level, index));
  }

  /**
   * What chords of the first size that is compared are off by where a function is as curved as by chords of about half a step, and of a step; where
   * none crosses no jump, by shorter ones.
   */
  private curvatureOf(which: number, stretch: number): number {
    let curvature = -Infinity;
    for (let halvings = HALVINGS; halvings > 0; halvings--) {
      if (halvings < HALVINGS - 1 && curvature >= 0) break;
      const [level, each] = [this.first - halvings, 2 ** (HALVINGS - halvings)];
      // Centres lie closer than the chords are long: waves may have no bend at all where they are looked at once in each half of theirs.
      for (let k = 0; k < each * PHASES; k++) {
        const index = 2 * (stretch * each + k / PHASES) + 1;
        if (index + 1 > 2 ** level || this.isAcross(level, index)) continue;
        const bend = this.bendAt(which, level, index);
        if (bend >= 0) curvature = Math.max(curvature, bend / 4 ** halvings);
      }
    }
    return curvature >= 0 ? curvature : Infinity;
  }

  /** How far a function is off the middle of the chord between this sample's neighbours; NaN where it is no number. */
  private bendAt(which: number, level: number, index: number): number {
    const unit = 2 ** (CLOSEST - level);
    const at = index * unit;
    return Math.abs(this.valueAt(which, at) - (this.valueAt(which, at - unit) + this.valueAt(which, at + unit)) / 2);
  }

  /** Is there a jump within that chord? */
  private isAcross(level: number, index: number): boolean {
    const { jumps } = this;
    const unit = 2 ** (CLOSEST - level);
    let [low, high] = [0, jumps.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (jumps[middle] < (index - 1) * unit) low = middle + 1;
      else high = middle;
    }
    return low < jumps.length && jumps[low] <= (index + 1) * unit;
  }

  private valueAt(which: number, place: number): number {
    const { count } = this.sampled;
    const index = place / 2 ** (CLOSEST - this.base);
    return Number.isInteger(index) ? this.values[index * count + which] : this.more.get(place)![which];
  }

  private sample(place: number): void {
    const {
      count,
      from,
      tspan: [t0, t1],
    } = this.sampled;
    this.more.set(place, from(t0 + (t1 - t0) * (place / 2 ** CLOSEST), 0, 1).slice(0, count));
  }

  private floorOf(which: number): number {
    let [least, most] = [Infinity, -Infinity];
    for (let at = which; at < this.values.length; at += this.sampled.count) {
      const value = this.values[at];
      if (!Number.isFinite(value)) continue;
      least = Math.min(least, value);
      most = Math.max(most, value);
    }
    return Math.max(LEAST * (most - least), ROUNDING * Math.max(Math.abs(least), Math.abs(most)));
  }
}

/** The stretch that a sample lies in; of stretches there are as many as of samples, or fewer. */
function stretchOf(stretches: Float64Array, level: number, index: number): number {
  return Math.floor(index * (stretches.length / 2 ** level));
}

/** The largest in a stretch, and in its neighbours. */
function around(stretches: Float64Array, at: number): number {
  return Math.max(stretches[at], stretches[at - 1] ?? 0, stretches[at + 1] ?? 0);
}

/** Those within which shorter chords tell of no more. */
function innermost(bends: readonly Bend[]): Bend[] {
  const keyOf = (level: number, index: number): number => level + index * 2 ** 6;
  const known = new Set(bends.map(({ level, index }) => keyOf(level, index)));
  return bends.filter(({ level, index }) => ![2 * index - 1, 2 * index + 1].some((half) => known.has(keyOf(level + 1, half))));
}
