/** Things that take place along an integration, each at its times, and when they do so too often. */

/** Of the span or the time: about how long something takes that is as small as the rounding of a state. */
export const SHORT = 2 ** -23;
/** So many within a short time have no end. */
export const CHATTER = 100;

export class Recurrence {
  /** Times at which each took place, the latest last, and at which any did. */
  private readonly each = new Map<number, number[]>();
  private readonly all: number[] = [];

  constructor(
    /** Of the whole solve. */
    private readonly span: number,
  ) {}

  /** These take place at t. False where they do so ever more often. */
  note(which: readonly number[], t: number): boolean {
    const { all, each } = this;
    for (const j of which) {
      const times = [...(each.get(j) ?? []), t];
      each.set(j, times.slice(-4));
    }
    all.push(t);
    if (all.length > CHATTER) all.shift();
    const short = SHORT * Math.max(this.span, Math.abs(t));
    const isChatter = all.length === CHATTER && Math.abs(t - all[0]) <= short;
    return !isChatter && which.every((j) => !accumulates(each.get(j)!, short));
  }
}

/** Do the times between meetings shrink so that they add up to a short one? */
function accumulates(times: readonly number[], short: number): boolean {
  if (times.length < 4) return false;
  const [first, second, third] = [1, 2, 3].map((k) => Math.abs(times[k] - times[k - 1]));
  if (!(second < first && third < second)) return false;
  const ratio = third / second;
  return third * (ratio / (1 - ratio)) <= short;
}
