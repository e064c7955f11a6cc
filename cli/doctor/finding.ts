/** What was looked for: what there is of it, and where something is missing, what to do. */
export interface Finding {
  readonly name: string;
  readonly value: string;
  readonly remedy?: string;
}
