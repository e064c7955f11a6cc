/**
 * Compiled recordings, each of which holds as long as its decisions come out as they did. Recordings that agree up to a decision and differ
 * in it are linked there, so that the one that holds is found along the decisions that changed.
 */
import { memo } from "../../../../src/core/memo.ts";
import type { Compiled } from "../../../../src/compile/compile.ts";
import type { Program } from "../../../../src/ir/ir.ts";
import { kept, type Recording } from "../../../../src/tape/recording.ts";

/** What is computed from a recording, by a program that returns the number of its first changed decision, or 0. */
export interface Product {
  program(recording: Recording): Program;
  link(program: Program): Compiled;
}

class CompiledRecording {
  /** The recordings that agree with this one before the decision of a number, and differ in it. */
  readonly flipped = new Map<number, CompiledRecording>();
  private readonly linked = memo((product: Product): Compiled => product.link(product.program(this.recording)));

  constructor(private readonly recording: Recording) {}

  /** Runs a product, which is compiled when it is first run. */
  run(product: Product, args: readonly number[]): number {
    return this.linked(product)(...args);
  }
}

/** The recordings of one function. */
export class CompiledRecordings {
  private root: CompiledRecording | undefined;
  private latest: CompiledRecording | undefined;
  /** Links a recording where the last search ended. */
  private insert: ((recording: CompiledRecording) => void) | undefined;
  count = 0;

  /** Forgets all. */
  clear(): void {
    this.root = this.latest = this.insert = undefined;
    this.count = 0;
  }

  /** Runs the recording that holds at these arguments; false where none does. */
  run(product: Product, args: readonly number[]): boolean {
    // Neighbouring points mostly decide alike.
    if (this.latest?.run(product, args) === 0) return true;
    this.insert = (recording) => (this.root = recording);
    let at = this.root;
    while (at) {
      const changed = at.run(product, args);
      if (changed === 0) {
        this.latest = at;
        return true;
      }
      const { flipped } = at;
      this.insert = (recording) => flipped.set(changed, recording);
      at = flipped.get(changed);
    }
    return false;
  }

  /** Adds the recording of the point where none held. */
  add(recording: Recording): void {
    this.latest = new CompiledRecording(kept(recording));
    this.insert?.(this.latest);
    this.count++;
  }
}
