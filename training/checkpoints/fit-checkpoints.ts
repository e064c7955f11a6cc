/** Checkpoints of fits. */
import type { AbortSignalLike } from "../../src/core/options/abort-signal.ts";
import { Attempts } from "../objective/attempts.ts";
import type { Misfit } from "../objective/misfit.ts";
import type { Iterate } from "../optimisers/optimiser.ts";
import { checkpointOf, requireSameValue, stateOf, type Checkpoint } from "./checkpoint.ts";
import type { Identity } from "./identity.ts";

/** Those of one fit. */
export class FitCheckpoints {
  constructor(
    private readonly misfit: Misfit,
    private readonly identity: Identity,
    private readonly signal: AbortSignalLike | undefined,
  ) {}

  async made(state: Iterate, iteration: number): Promise<Checkpoint> {
    return checkpointOf(iteration, this.identity, await this.valueAt(state.x), state);
  }

  /** Throws BadTrainingOption where it is of something else. */
  async resumed(checkpoint: Checkpoint): Promise<Iterate> {
    const state = stateOf<Iterate>(checkpoint, this.identity, "fit");
    requireSameValue(checkpoint, await this.valueAt(state.x), "fit");
    return state;
  }

  /** Without derivatives, which other optimisers take in other ways. */
  private async valueAt(x: Float64Array): Promise<number> {
    const alone = new Attempts(this.signal);
    return (await alone.at({ value: Infinity }, () => ({ value: this.misfit.compared(x).value }))).value;
  }
}
