/**
 * Text that was made of traced numbers, and numbers made of text again. The engine's text of a number gives that number when it
 * is read, so a number that is read is the traced one of its value. That this is no coincidence shows at another point, where
 * the same must be read: see Recorder.
 */
export class TextOrigins<T> {
  /** By their values, the numbers of which text was made; null where there are several of one value. */
  private readonly origins = new Map<number, { readonly number: T; readonly position: number } | null>();
  private isTextMade = false;
  /** Where on the tape what was read is, as text; or a value that is not of the tape. */
  private read: (string | number)[] = [];

  forget(): void {
    if (!this.isTextMade) return;
    this.origins.clear();
    this.isTextMade = false;
    this.read = [];
  }

  /** All numbers that were read since text was made of traced ones. */
  get numbersRead(): readonly (string | number)[] {
    return this.read;
  }

  /** Text is made of a number. */
  note(value: number, number: T, position: number): void {
    this.isTextMade = true;
    const found = this.origins.get(value);
    if (found === undefined) this.origins.set(value, { number, position });
    else if (found && found.position !== position) this.origins.set(value, null);
  }

  /** The number that text was made of; null where there are several of this value, undefined where there is none. */
  originOf(value: number): T | null | undefined {
    const found = this.isTextMade ? this.origins.get(value) : undefined;
    return found && found.number;
  }

  /** A number was made of text: of a traced one at this index of the tape, or of another of this value. */
  noteRead(value: number, index?: number): void {
    if (this.isTextMade) this.read.push(index === undefined ? value : String(index));
  }
}
