/** Where in the user's text an instruction comes from (1-based line, 0-based column of the function's own text). */
export interface SourceLocation {
  readonly line: number;
  readonly column: number;
  /** Where it ends in the function's text: how many characters come before that. */
  readonly end?: number;
  /** The function, which may be one that the user's calls. */
  readonly of?: { readonly name: string; readonly text: string };
}
