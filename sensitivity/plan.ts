/** What was chosen for a gradient, and why. */
export class Plan {
  constructor(
    readonly solver: string,
    readonly adjoint: string,
    readonly vjp: string,
    readonly because: readonly string[],
  ) {}

  toString(): string {
    return [
      `solver ${this.solver}, adjoint ${this.adjoint}, vjp ${this.vjp}`,
      ...this.because.map((reason) => `  ${reason}`),
    ].join("\n");
  }
}
