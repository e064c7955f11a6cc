/** What one must know of a batch's numbers. */
export interface Warning {
  readonly message: string;
  /** The index of the trajectory that it is of, where it is of one. */
  readonly trajectory?: number;
}

/** Among so many trajectories. */
export function inWords({ message, trajectory }: Warning, count: number): string {
  return trajectory === undefined || count === 1 ? message : `Trajectory ${trajectory}: ${message}`;
}
