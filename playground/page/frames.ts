/** Shows one thing after the other, each for a while, however fast they come. */

export class Frames<T> {
  private readonly waiting: T[] = [];
  private showing: Promise<void> | undefined;
  /** Those who asked for less motion see the last one alone. */
  private readonly isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

  constructor(
    private readonly milliseconds: number,
    private readonly show: (one: T) => void,
  ) {}

  add(one: T): void {
    this.waiting.push(one);
    this.showing ??= this.run();
  }

  /** Once all were shown. */
  async end(): Promise<void> {
    await this.showing;
  }

  private async run(): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      if (!this.isStill || this.waiting.length === 0) this.show(next);
      await new Promise((resolve) => setTimeout(resolve, this.isStill ? 0 : this.milliseconds));
    }
    this.showing = undefined;
  }
}
