/** How the decisions of the right-hand side turn out at present (see src/analysis/switching/branches.ts): they are held until one switches. */
import { compiledAlone } from "../../src/problem/comparison.ts";
import type { Target } from "../../src/compile/compile.ts";
import { fillTable } from "../../src/ir/tables.ts";
import type { HeldBranches } from "../step/system.ts";

/** A decision is made by what comes next where it switches no farther off than this many gaps (see stops.ts). */
const AT_ONCE = 2;
/** What switched goes on beyond at this part of its rate before, backwards, where it is pushed back. */
const BACK = 1e-9;
/** Of the first distance at which it is looked what comes next: it doubles so often, at most. */
const DOUBLINGS = 60;
/** After it switched a decision has a margin of a rounding's size, on either side, over which it may stay. */
const RESIDUAL = 2;

/** The derivative of the state by the time, where the decisions are as they are held; undefined where it is not known. */
export type VelocityAt = () => Float64Array | undefined;

export class Branches {
  /** As in the table; shared by all who use the programs, it is filled with these numbers before each use. */
  private readonly numbers: Float64Array;
  private readonly isMet: boolean[];

  constructor(
    private readonly held: HeldBranches,
    private readonly p: Float64Array,
    /** 1 or -1. */
    private readonly direction: number,
    private readonly target: Target,
  ) {
    this.numbers = new Float64Array(held.table.length);
    this.isMet = Array.from({ length: this.count }, () => false);
  }

  get count(): number {
    return (this.held.table.length - 1) / 2;
  }

  /** Is this the sign of a denominator, through which others look? */
  isPole(k: number): boolean {
    return this.held.isPole[k];
  }

  get hasVelocity(): boolean {
    return this.held.hasVelocity;
  }

  get isHeld(): boolean {
    return this.numbers[this.count] !== 0;
  }

  /** Has some decision to leave where it switched? */
  get isLeaving(): boolean {
    return this.numbers.some((x, k) => k > this.count && x !== 0);
  }

  /** Puts this integration's numbers into the table. */
  use(): void {
    const { table } = this.held;
    if (this.numbers.some((x, k) => x !== table[k])) fillTable(table, this.numbers);
  }

  /** Nothing is held any more, for other users of the programs. */
  release(): void {
    this.hold(false);
    this.use();
  }

  hold(isHeld: boolean): void {
    this.numbers[this.count] = Number(isHeld);
  }

  /** A copy of how the decisions turn out. */
  modes(): Float64Array {
    return this.numbers.slice(0, this.count);
  }

  /** Copies of what each decision's margin is, and would be held as, at a state. */
  marginsAt(u: Float64Array, t: number): Float64Array {
    this.use();
    return this.run(this.held.margins, u, t).arrays[0].slice();
  }

  outcomesAt(u: Float64Array, t: number): Float64Array {
    this.use();
    return this.run(this.held.outcomes, u, t).arrays[0].slice();
  }

  /** The slopes of the margins in time along a velocity. */
  private slopesAt(u: Float64Array, t: number, velocity: Float64Array): Float64Array {
    this.use();
    const { arrays } = compiledAlone(this.held.slopes, this.target).run([undefined, this.leading(u), this.p, velocity, [1]], [t]);
    return arrays[arrays.length - 1].slice();
  }

  private run(program: HeldBranches["margins"], u: Float64Array, t: number): { readonly arrays: readonly Float64Array[] } {
    return compiledAlone(program, this.target).run([undefined, this.leading(u), this.p], [t]);
  }

  private leading(u: Float64Array): Float64Array {
    return u.length === this.held.n ? u : u.subarray(0, this.held.n);
  }

  /**
   * All decisions turn out as the state has it, and those that are about to switch as it will have it. The decision that is pushed back
   * from either side, where there is one.
   */
  begin(u: Float64Array, t: number, gap: number, velocityAt: VelocityAt): number | undefined {
    this.numbers.fill(0);
    this.take(this.outcomesAt(u, t), () => true);
    this.hold(true);
    const turned = new Set<number>();
    for (;;) {
      const next = this.aboutToSwitch(u, t, gap, velocityAt);
      if (!next) break;
      const [k, outcome] = next;
      if (turned.has(k)) return k;
      turned.add(k);
      this.numbers[k] = outcome;
      this.decide((j) => !turned.has(j), u, t);
    }
    this.leave(u, t);
    return undefined;
  }

  /** A decision that switches no farther off than some gaps, and how it turns out behind that. */
  private aboutToSwitch(u: Float64Array, t: number, gap: number, velocityAt: VelocityAt): readonly [number, number] | undefined {
    const velocity = velocityAt();
    if (!velocity) return undefined;
    const margins = this.marginsAt(u, t);
    const slopes = this.slopesAt(u, t, velocity);
    const k = margins.findIndex(
      (margin, j) => this.isMet[j] && this.direction * slopes[j] < 0 && Math.abs(margin) <= AT_ONCE * gap * Math.abs(slopes[j]),
    );
    if (k < 0) return undefined;
    const ahead = (by: number): Float64Array => this.leading(u).map((x, i) => x + this.direction * by * velocity[i]);
    const outcomes = this.behind([k], gap, (by) => [ahead(by), t + this.direction * by]);
    return outcomes && [k, outcomes[k]];
  }

  /** The outcomes at the first place, farther and farther ahead, where these decisions have all switched. */
  behind(
    which: readonly number[],
    gap: number,
    placeAt: (by: number) => readonly [Float64Array, number],
    farthest = Infinity,
  ): Float64Array | undefined {
    for (let k = 0, by = gap; k < DOUBLINGS; k++, by *= 2) {
      const [u, t] = placeAt(Math.min(by, farthest));
      const margins = this.marginsAt(u, t);
      if (which.every((j) => margins[j] < 0)) return this.turnedAt(which, u, t);
      if (by >= farthest) return undefined;
    }
    return undefined;
  }

  /** The outcomes where these decisions have switched: of one that is made of what others give, with those as they turn out there. */
  turnedAt(which: readonly number[], u: Float64Array, t: number): Float64Array {
    const [numbers, isMet] = [this.numbers.slice(), [...this.isMet]];
    this.left(u, t);
    this.decide((k) => which.includes(k) || !this.isHeldBack(k), u, t);
    const outcomes = this.modes();
    this.numbers.set(numbers);
    isMet.forEach((met, k) => (this.isMet[k] = met));
    return outcomes;
  }

  /** Has it still to leave where it switched? */
  private isHeldBack(k: number): boolean {
    return this.numbers[this.count + 1 + k] !== 0;
  }

  /**
   * These decisions switch at this state, to the outcomes behind: others that come into play with that, or are made of what jumps there, turn
   * out as the state has it; but for those that have just switched and did not leave yet.
   */
  turn(which: readonly number[], outcomes: Float64Array, u: Float64Array, t: number): void {
    const { count, numbers } = this;
    this.left(u, t);
    for (const k of which) numbers[k] = outcomes[k];
    const isSettled = Array.from({ length: count }, (_, k) => which.includes(k) || this.isHeldBack(k));
    this.hold(true);
    this.decide((k) => !isSettled[k], u, t);
    numbers.fill(0, count + 1);
    this.leave(u, t);
  }

  /** These decisions, and those that were not met before, turn out as the state has it, with what the others give. */
  private decide(isFree: (k: number) => boolean, u: Float64Array, t: number): void {
    const { count, numbers } = this;
    for (let round = 0; round <= count; round++) {
      const before = numbers.slice(0, count);
      const wereMet = [...this.isMet];
      this.take(this.outcomesAt(u, t), (k) => isFree(k) || !wereMet[k]);
      if (before.every((x, k) => x === numbers[k])) break;
    }
  }

  /** Of decisions that have just switched, one that is pushed back to where it did; `rate`: of the margin of the first before that. */
  pushedBack(
    which: readonly number[],
    u: Float64Array,
    t: number,
    velocity: Float64Array | undefined,
    rate: number,
  ): number | undefined {
    if (!velocity) return undefined;
    const slopes = this.slopesAt(u, t, velocity);
    return which.find((k) => this.isMet[k] && this.direction * slopes[k] < -BACK * Math.abs(rate));
  }

  /** A decision of which the margin is not positive yet may stay there. */
  private leave(u: Float64Array, t: number): void {
    const margins = this.marginsAt(u, t);
    margins.forEach((margin, k) => (this.numbers[this.count + 1 + k] = margin <= 0 ? -RESIDUAL * margin : 0));
  }

  /** Decisions that have left where they switched switch there again. */
  left(u: Float64Array, t: number): void {
    const margins = this.marginsAt(u, t);
    const { count, numbers } = this;
    margins.forEach((margin, k) => {
      if (margin > RESIDUAL * numbers[count + 1 + k]) numbers[count + 1 + k] = 0;
    });
  }

  private take(outcomes: Float64Array, isTaken: (k: number) => boolean): void {
    outcomes.forEach((outcome, k) => {
      this.isMet[k] = !Number.isNaN(outcome);
      if (isTaken(k)) this.numbers[k] = this.isMet[k] ? outcome : 0;
    });
  }
}
