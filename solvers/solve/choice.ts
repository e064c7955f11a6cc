/**
 * Which method goes on, where stability holds an explicit one back and every now and then after that: the one that takes the rest of the
 * time span with the least work. Its steps' length follows from how fast the solution changes, which accuracy makes of the steps of any
 * method that stability does not limit (the table of costs.ts compares their lengths), and from the Jacobian's dominant eigenvalue.
 */
import { TooMuchMemory } from "../../src/core/errors.ts";
import { dominantMode, type DominantMode } from "../solution/spectral-radius.ts";
import { boundaryOf } from "../step/method.ts";
import type { Prepared } from "../step-loop/prepare.ts";
import { lengthOf, type Candidates, type Role } from "./candidates.ts";
import { costOfCalls, costOfWork, PREPARATION } from "./costs.ts";

/**
 * Another method has to be so many times cheaper: to begin anew costs steps, and the costs are known to a factor of two. After each change it has to be
 * so many times more: methods between which there is little to choose would else take turns.
 */
const WORTH = 1.5;
/** Steps that any solution takes, by tsit5 at rtol = 1e-6: what is not known of it is hoped for, and tried. */
const FEWEST_STEPS = 20;
/** Of a spectrum that is real enough for a stabilised method, the part that the quotient of Rayleigh has of the radius. */
const REAL = 0.7;
/** Tries before a method that was taken on trust is looked at, and then ever twice as many; of an explicit one that stays more, it is known. */
const TRIAL = { explicit: 64, stabilized: 8, implicit: 8 };
/** A look may cost such a part of the steps before it; in nanoseconds, once and of a component in each of its iterations. */
const SHARE = 0.05;
const LOOK = { once: 5e3, each: 10 };
const ITERATIONS = 8;
/** Of the boundary of stability, what the first step may be. */
const AT_BOUNDARY = 0.5;

/** Where the steps of a method ended. */
export interface Standing {
  readonly prepared: Prepared;
  readonly candidates: Candidates;
  readonly role: Role;
  readonly t0: number;
  readonly t: number;
  readonly t1: number;
  /** The length of the next step, and whether stability limits it. */
  readonly h: number;
  readonly isLimited: boolean;
  /** Has there been no step yet? */
  readonly isStart: boolean;
  readonly rtol: number;
}

export interface Next {
  readonly role: Role;
  /** Tries until the choice is to be looked at again. */
  readonly pauseAfter: number;
  /** Nanoseconds that the rest of the time span would take; infinite of what cannot, or was not looked at as it takes too many steps. */
  readonly costs?: Costs;
}

export type Costs = Readonly<Record<Role, number>>;

/** The explicit method, until stability holds it back. */
export const WATCHED: Next = { role: "explicit", pauseAfter: 0 };

export class Choice {
  /** The length of steps that accuracy alone limits, in the unit of costs.ts, at least; and when it was seen, if it ever was. */
  private known = 0;
  private knownAt: number | undefined;
  /** The longest that was seen. */
  private longest = 0;
  /** The power of the time since the beginning that their length has grown with, and when and how long they were before. */
  private growth = 0;
  private before: { readonly elapsed: number; readonly unit: number } | undefined;
  /** Looks in a row that changed nothing. */
  private stays = 0;
  private worth = WORTH;
  /** Was the explicit method the cheapest by the look before? What is not stiff may be so for moments only: it comes back by two in a row. */
  private isWished = false;
  private readonly prepared = new Set<Role>(["explicit"]);

  next(at: Standing): Next {
    const mode = modeOf(at);
    if (at.isStart && !isHeldBack(at, mode)) return WATCHED;
    this.learn(at);
    const costs = this.costsWithinMemory(at, mode);
    const best = (Object.keys(costs) as Role[]).reduce((a, b) => (costs[b] < costs[a] ? b : a));
    const wished = this.worth * costs[best] < costs[at.role] ? best : at.role;
    const isSure = wished !== "explicit" || at.role === "explicit" || this.isWished;
    const role = isSure ? wished : at.role;
    this.isWished = !isSure;
    if (role !== at.role) this.worth *= WORTH;
    this.stays = role === at.role ? this.stays + 1 : 0;
    this.prepared.add(role);
    return { role, pauseAfter: this.patience(at, role), costs };
  }

  private learn({ candidates, role, isLimited, rtol, h, t0, t }: Standing): void {
    const unit = Math.abs(h) / lengthOf(candidates[role], rtol);
    this.known = isLimited ? Math.max(this.known, unit) : unit;
    this.longest = Math.max(this.longest, this.known);
    if (isLimited) return;
    this.knownAt = t;
    // Of the first step, its end.
    const elapsed = Math.max(Math.abs(t - t0), Math.abs(h));
    if (this.before && elapsed > this.before.elapsed) {
      const growth = Math.log(unit / this.before.unit) / Math.log(elapsed / this.before.elapsed);
      this.growth = Math.min(1, Math.max(0, growth));
    }
    this.before = { elapsed, unit };
  }

  /** Of a Jacobian that there is no room for, the explicit method alone. */
  private costsWithinMemory(at: Standing, mode: DominantMode): Costs {
    try {
      return this.costs(at, mode);
    } catch (error) {
      if (error instanceof TooMuchMemory && at.role === "explicit")
        return { explicit: 0, stabilized: Infinity, implicit: Infinity };
      throw error;
    }
  }

  /** Nanoseconds for the rest of the time span. */
  private costs(at: Standing, { radius, along }: DominantMode): Costs {
    const { prepared, candidates, rtol, t0, t, t1 } = at;
    const { system } = prepared;
    const left = Math.abs(t1 - t);
    const units = unitsIn(left, Math.abs(t - t0), this.growth) / this.unitAt(at, left);
    const steps = (role: Role): number => Math.max(1, units / lengthOf(candidates[role], rtol));

    const boundary = boundaryOf(candidates.explicit.method())!;
    const explicit =
      Math.max(steps("explicit"), (left * radius) / boundary) *
      costOfWork(system, candidates.explicit.method(), candidates.explicit.work);

    let stabilized = Infinity;
    const readying = this.prepared.has("stabilized") ? 0 : readyingOf(system);
    if (along < -REAL * radius && readying < explicit) {
      const { reach, offset, polynomials } = candidates.stabilized.method().tableau;
      const count = Math.max(steps("stabilized"), (left * radius) / (reach * polynomials.at(-1)!.degree ** 2));
      const stages = 1 + Math.sqrt(((left / count) * radius + offset) / reach);
      const step = stages * costOfCalls(system) + costOfWork(system, candidates.stabilized.method(), candidates.stabilized.work);
      stabilized = readying + count * step;
    }

    return { explicit, stabilized, implicit: this.implicitCost(at, steps("implicit"), Math.min(explicit, stabilized)) };
  }

  /**
   * Of so many implicit steps. What is dear to find out is not looked for where the rest is more than another method takes already: the
   * order of elimination, and then the Jacobian.
   */
  private implicitCost({ prepared: { system }, candidates }: Standing, steps: number, others: number): number {
    const { rhsCalls, factorizations, linearSolves, jacobians } = candidates.implicit.work;
    const isPrepared = this.prepared.has("implicit");
    const readying = isPrepared ? 0 : readyingOf(system);
    let cost = readying;
    for (const work of [{ rhsCalls }, { factorizations, linearSolves }, { jacobians }]) {
      if (cost >= others && !isPrepared) return Infinity;
      cost += steps * costOfWork(system, candidates.implicit.method(), work);
    }
    return cost;
  }

  /** What was not seen is hoped for: at the beginning all, later what was seen before, or as slow as it may have become since. */
  private unitAt({ isLimited, t }: Standing, left: number): number {
    if (!isLimited) return this.known;
    const hoped = this.knownAt === undefined ? left : Math.abs(t - this.knownAt);
    return Math.max(this.longest, hoped / FEWEST_STEPS);
  }

  private patience({ prepared, candidates }: Standing, role: Role): number {
    const { system } = prepared;
    const calls = costOfCalls(system);
    const look = LOOK.once + ITERATIONS * (calls + LOOK.each * system.n);
    const { method, work } = candidates[role];
    const step = role === "stabilized" ? calls : costOfWork(system, method(), work);
    return Math.ceil(Math.max(TRIAL[role], look / (SHARE * step))) * 2 ** Math.min(this.stays, 20);
  }
}

/**
 * How many steps of length 1 at the time `elapsed` since the beginning the rest takes where their length grows with a power of that time:
 * what falls to rest by rates of many sizes takes as many from 1 to 10 as from 10 to 100.
 */
function unitsIn(left: number, elapsed: number, growth: number): number {
  if (elapsed === 0 || growth === 0) return left;
  const ratio = Math.log1p(left / elapsed);
  return elapsed * (growth === 1 ? ratio : Math.expm1((1 - growth) * ratio) / (1 - growth));
}

function readyingOf({ n }: Standing["prepared"]["system"]): number {
  return PREPARATION.method + PREPARATION.perState * n;
}

/** Would stability limit steps as long as the first one? */
function isHeldBack({ candidates, h }: Standing, { radius, decays }: DominantMode): boolean {
  return decays && Math.abs(h) * radius > AT_BOUNDARY * boundaryOf(candidates.explicit.method())!;
}

/** By the right-hand side as it is compiled, in the memory of the step after the last, which is at rest. */
function modeOf({ prepared, t, h, rtol, isStart }: Standing): DominantMode {
  const { code, system, arena } = prepared;
  const { here, there, address, rhs, view, look } = code;
  const { n } = system.primal ?? system;
  there.state.set(here.state);
  const derivative = (u: Float64Array, time: number): Float64Array => {
    there.state.set(u);
    rhs(there.f, there.u, address.p, time);
    return there.slope.subarray(0, n);
  };
  // An explicit method has looked for it on the way.
  const direction = !isStart && look && arena.f64(address.direction, n);
  return dominantMode(derivative, here.state.subarray(0, n), t, h, rtol, view.atol, {
    iterations: ITERATIONS,
    direction: direction || undefined,
  });
}
