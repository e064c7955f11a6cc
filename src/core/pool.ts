/** The one pool of things that serve one at a time: memory with programs over it, prepared solvers, backward passes, arrays. */

export interface PoolOptions<T> {
  /** How many are kept that nobody uses. Default: all, which are as many as were in use at once. */
  readonly most?: number;
  /** Is it worth keeping? Default: it is. */
  readonly keeps?: (item: T) => boolean;
}

export class Pool<T> {
  private readonly idle: T[] = [];
  private readonly most: number;
  private readonly keeps: (item: T) => boolean;

  constructor({ most = Infinity, keeps = () => true }: PoolOptions<T> = {}) {
    this.most = most;
    this.keeps = keeps;
  }

  /**
   * Calls `use` with an item that nobody uses until what that returns, or promises, is there: a call within a call, or at the same time,
   * gets another, which is made where there is none. What `use` leaves in the middle of its work, by a throw, is not used again.
   */
  use<R>(make: () => T, use: (item: T) => R): R {
    const item = this.take() ?? make();
    const result = use(item);
    if (result instanceof Promise) return result.then((value) => (this.give(item), value)) as R;
    this.give(item);
    return result;
  }

  /** The one that was in use last; undefined where there is none. Whoever takes it gives it back, if it is whole. */
  take(): T | undefined {
    return this.idle.pop();
  }

  /** Takes back what nobody uses any more. */
  give(item: T): void {
    if (this.idle.length < this.most && this.keeps(item)) this.idle.push(item);
  }
}
