/** What the page holds, as its links do. */

/** What a link restores. */
export interface Shared {
  readonly text: string;
  /** Values by name that differ from the text's. */
  readonly p?: Readonly<Record<string, number>>;
  readonly u0?: Readonly<Record<string, number>>;
  readonly solver?: string;
  readonly rtol?: number;
  readonly logTime?: boolean;
  readonly csv?: string;
  readonly fitInitial?: boolean;
}
