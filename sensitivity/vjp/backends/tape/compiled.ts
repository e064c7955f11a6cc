/**
 * Recordings compiled, and found again: each holds as long as its decisions come out as they did. Recordings that agree up to
 * a decision and differ in it are linked there, so that the one that holds is found along the decisions that changed.
 */
import type { Compiled } from "../../../../src/compile/compile.ts";
import type { Program } from "../../../../src/ir/ir.ts";
import { kept, type Recording } from "../../../../src/tape/recording.ts";

/** What is computed from a recording: a program that returns the number of its first changed decision, or 0. */
export interface Product {
  program(recording: Recording): Program;
  link(program: Program): Compiled;
}

class CompiledRecording {
  /** Recordings that agree with this one before the decision of that number, and differ in it. */
  readonly flipped = new Map<number, CompiledRecording>();
  private readonly linked = new Map<Product, Compiled>();

  constructor(private readonly recording: Recording) {}

  /** Compiled when first run. */
  run(product: Product, args: readonly number[]): number {
    let compiled = this.linked.get(product);
    if (!compiled) this.linked.set(product, (compiled = product.link(product.program(this.recording))));
    return compiled(...args);
  }
}

export class CompiledRecordings {
  private root: CompiledRecording | undefined;
  private latest: CompiledRecording | undefined;
  /** Keeps a recording where the last search ended. */
  private place: ((recording: CompiledRecording) => void) | undefined;
  count = 0;

  /** Forgets all. */
  clear(): void {
    this.root = this.latest = this.place = undefined;
    this.count = 0;
  }

  /** Runs the recording that holds at these arguments; false where none does. */
  run(product: Product, args: readonly number[]): boolean {
    // Neighbouring points mostly decide alike.
    if (this.latest?.run(product, args) === 0) return true;
    this.place = (recording) => (this.root = recording);
    let at = this.root;
    while (at) {
      const changed = at.run(product, args);
      if (changed === 0) {
        this.latest = at;
        return true;
      }
      const { flipped } = at;
      this.place = (recording) => flipped.set(changed, recording);
      at = flipped.get(changed);
    }
    return false;
  }

  /** Adds the recording of the point where none held. */
  add(recording: Recording): void {
    this.latest = new CompiledRecording(kept(recording));
    this.place?.(this.latest);
    this.count++;
  }
}
