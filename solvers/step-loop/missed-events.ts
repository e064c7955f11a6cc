/**
 * Conditions that get to the side that their event is for without crossing zero, so that it does not take place: they begin at zero or are
 * left there at rest, and go on from there, or another event carries them over.
 */

/** An event that did not take place at t: its condition left zero from the start, from rest behind the event itself, or moved by another event. */
export interface MissedEvent {
  readonly event: number;
  readonly t: number;
  readonly how: "start" | "rest" | "other";
}

/** What is asked of a condition. */
interface Watched {
  readonly event: number;
  readonly direction: number;
  readonly moves: boolean;
}

/** What took place where a solve begins, or goes on. */
export type After = "start" | "event" | "switch";

/** A condition there. */
interface Begun {
  readonly t: number;
  readonly after: After;
  readonly before: { readonly value: number; readonly sign: number };
  readonly value: number;
  readonly sign: number;
  /** Is its slope known to be zero? */
  readonly isAtRest: boolean;
}

/** How a condition came to be zero. `from`: the sign before. */
interface AtZero extends Pick<Begun, "t" | "isAtRest"> {
  readonly how: MissedEvent["how"];
  readonly from: number;
  /** What took place last while it stayed there: another event moves it; a right-hand side that switches releases it, which is meant. */
  readonly since?: After;
}

export class MissedEvents {
  readonly found: MissedEvent[] = [];
  private readonly atZero = new Map<number, AtZero>();
  /** Conditions whose events take place, with the signs that they come from. */
  private readonly own = new Map<number, number>();

  constructor(private readonly list: readonly Watched[]) {}

  /** Conditions that are at zero, and whose way from there is not known yet. */
  get open(): Iterable<number> {
    return this.atZero.keys();
  }

  isOpen(j: number): boolean {
    return this.atZero.has(j);
  }

  /** The event of condition j, which has this sign before, takes place. */
  takesPlace(j: number, from: number): void {
    this.own.set(j, from);
  }

  begin(j: number, begun: Begun): void {
    const { after, before, value, sign, t, isAtRest } = begun;
    const [known, from] = [this.atZero.get(j), this.own.get(j)];
    this.own.delete(j);
    const rests = (how: MissedEvent["how"], comes: number): void => {
      if (sign === 0) this.atZero.set(j, { how, t, from: comes, isAtRest });
      else this.atZero.delete(j);
    };
    if (after === "start") return rests("start", 0);
    if (from !== undefined) return rests("rest", from);
    if (known && (sign === 0 || value === before.value)) return void this.atZero.set(j, { ...known, since: after });
    if (value === before.value) return;
    if (known) {
      this.atZero.set(j, { ...known, since: after });
      return this.leaves(j, sign);
    }
    if (before.sign === 0) return;
    if (sign === -before.sign) this.carried(j, sign, t);
    else rests("other", before.sign);
  }

  /** Condition j, which was at zero, is on this side of it now. */
  leaves(j: number, sign: number): void {
    const one = this.atZero.get(j)!;
    this.atZero.delete(j);
    if (this.isMissed(j, sign, one)) this.note(j, one.since === "event" ? "other" : one.how, one.t);
  }

  /** Another event carried condition j to this side. */
  private carried(j: number, sign: number, t: number): void {
    const { direction, moves } = this.list[j];
    if (direction === sign || (direction === 0 && moves)) this.note(j, "other", t);
  }

  private note(j: number, how: MissedEvent["how"], t: number): void {
    const { event } = this.list[j];
    // The first of each kind is enough to say.
    if (!this.found.some((one) => one.event === event && one.how === how)) this.found.push({ event, how, t });
  }

  /** From zero a condition without direction may leave to either side: only at rest, or moved by another event, is that no crossing. */
  private isMissed(j: number, sign: number, { how, from, isAtRest, since }: AtZero): boolean {
    const { direction, moves } = this.list[j];
    const [isAsked, isEither] = [direction === sign, direction === 0 && moves];
    if (since === "switch" || from === sign) return false;
    if (how === "other") return isAsked || isEither;
    if (how === "rest") return since === "event" ? isAsked : isAtRest && moves && (isAsked || isEither);
    if (since === "event") return isAsked || isEither;
    return isAsked ? isAtRest || moves : isEither && isAtRest;
  }
}
