/** Parameters or initial values: what the model states, and what the reader has changed. */

export class Values {
  names: readonly string[] = [];
  stated: readonly number[] = [];
  /** What counts. */
  list: readonly number[] = [];

  /** Of a model that has changed. What the reader changed stays, where the model still states the same. */
  restate(names: readonly string[], stated: readonly number[], given: Readonly<Record<string, number>> = {}): void {
    const changed = this.changed();
    const before = Object.fromEntries(this.names.map((name, i) => [name, this.stated[i]]));
    this.list = names.map((name, i) => {
      if (Object.hasOwn(given, name)) return given[name];
      return Object.hasOwn(changed, name) && before[name] === stated[i] ? changed[name] : stated[i];
    });
    this.names = names;
    this.stated = stated;
  }

  reset(): void {
    this.list = this.stated;
  }

  changed(): Record<string, number> {
    return Object.fromEntries(
      this.names.flatMap((name, i) => (this.list[i] === this.stated[i] ? [] : [[name, this.list[i]] as const])),
    );
  }

  get isChanged(): boolean {
    return this.list.some((value, i) => value !== this.stated[i]);
  }
}
