/**
 * How much work a GPU is handed at once, from the times measured. It draws the screen between two kernels, so each is to be short; the
 * processor is answered between two submissions, and a signal is heard there.
 */
const KERNEL_MILLISECONDS = 30;
const SUBMISSION_MILLISECONDS = 240;
/** A kernel alone, where the processor computes: its system sees to the screen, and each kernel begins anew what memory it has. */
const IN_SOFTWARE_MILLISECONDS = 1000;
/** Kernels of a submission, at most: those that find nothing left to do cost microseconds. */
const MOST_KERNELS = 8;
/** What was measured is no more than a hint: of short kernels it is mostly the way there and back. */
const MOST_GROWTH = 8;
const MOST_STEPS = 2 ** 20;

/** Kernels of a submission, and steps that each takes at most. */
export interface Portion {
  readonly kernels: number;
  readonly steps: number;
}

/** A kernel's. Where no more is known of it than what was given, one run of it is tried. */
export class Pace {
  private kernels = 1;
  /** Trajectories at work when it was measured. */
  private active = Infinity;

  /**
   * `draws`: may a screen wait for the GPU? Where the processor computes, none does.
   * `mayChange`: may a run take other than these many steps?
   */
  constructor(
    private steps: number,
    private readonly draws: boolean,
    private readonly mayChange: boolean,
  ) {}

  /** For so many trajectories: of more than were measured, each step is taken to last longer in proportion. */
  next(active: number): Portion {
    const share = Math.min(1, this.active / active);
    if (this.mayChange) return { kernels: this.kernels, steps: Math.max(1, Math.floor(this.steps * share)) };
    return { kernels: Math.max(1, Math.floor(this.kernels * share)), steps: this.steps };
  }

  /** That so many trajectories took these steps. `isWhole`: they did; else there were fewer, and no more is known than that they take no less time. */
  measured({ kernels, steps }: Portion, active: number, milliseconds: number, isWhole: boolean): void {
    const perStep = Math.max(1e-6, milliseconds / (kernels * steps));
    const aim = this.draws ? KERNEL_MILLISECONDS : IN_SOFTWARE_MILLISECONDS;
    const wanted = this.mayChange ? Math.floor(aim / perStep) : steps;
    if (!isWhole && wanted >= steps) return;
    this.active = active;
    this.steps = Math.max(1, Math.min(wanted, MOST_GROWTH * steps, MOST_STEPS));
    const fitting = Math.floor(SUBMISSION_MILLISECONDS / (this.steps * perStep));
    this.kernels = Math.max(1, Math.min(fitting, MOST_KERNELS));
  }
}
