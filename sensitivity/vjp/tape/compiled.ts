/**
 * Recordings compiled, and found again: each holds as long as its decisions come out as they did. Recordings that agree up to
 * a decision and differ in it are linked there, so that the one that holds is found along the decisions that changed.
 */
import { Arena } from "../../../src/compile/arena.ts";
import { compile, type Compiled, type Target } from "../../../src/compile/compile.ts";
import { reverse } from "../../../src/derive/reverse.ts";
import { derivativeProgram, guardProgram, type Sizes } from "./program.ts";
import type { Recording } from "./recording.ts";

export type Input = "u" | "p";

/** A recording, compiled. It works in memory of its own: what solvers share never grows. */
export class CompiledRecording {
  /** Recordings that agree with this one before the decision of that number, and differ in it. */
  readonly flipped = new Map<number, CompiledRecording>();
  private readonly linked: Record<"guards" | Input, Compiled>;
  private readonly hasGuards: boolean;
  private readonly addresses: Record<"u" | "p" | "v" | "out", number>;
  private readonly memory: Record<"u" | "p" | "v" | "out", Float64Array>;
  private readonly result: Record<Input, Float64Array>;

  constructor(recording: Recording, sizes: Sizes, target: Target) {
    const arena = new Arena();
    const { n, np } = sizes;
    const counts = { u: n, p: np, v: n, out: Math.max(n, np) };
    const derivative = derivativeProgram(recording, sizes);
    const guards = guardProgram(recording, sizes);
    this.hasGuards = guards !== undefined;
    const unit = compile(
      { u: reverse(derivative, { wrt: ["u"] }), p: reverse(derivative, { wrt: ["p"] }), guards: guards ?? derivative },
      arena,
      target,
    );
    const reserve = <T>(make: (name: keyof typeof counts) => T): Record<keyof typeof counts, T> => ({
      u: make("u"),
      p: make("p"),
      v: make("v"),
      out: make("out"),
    });
    this.addresses = reserve((name) => arena.reserve(counts[name]));
    this.linked = unit.link();
    this.memory = reserve((name) => arena.f64(this.addresses[name], counts[name]));
    this.result = { u: this.memory.out.subarray(0, n), p: this.memory.out.subarray(0, np) };
  }

  /** The number of the first decision that comes out otherwise at this point; 0 where the recording holds. */
  changedDecision(u: Float64Array, p: Float64Array, t: number): number {
    this.memory.u.set(u);
    this.memory.p.set(p);
    return this.hasGuards ? this.linked.guards(this.addresses.u, this.addresses.p, t) : 0;
  }

  /** At the point that was last tested. */
  vjp(out: Float64Array, input: Input, t: number, v: Float64Array): void {
    const { addresses, memory } = this;
    memory.v.set(v);
    this.linked[input](addresses.u, addresses.p, t, addresses.v, addresses.out);
    out.set(this.result[input]);
  }
}

/** Where a recording that holds at a point is, or is to be put. */
export type Place = { readonly found: CompiledRecording } | { readonly put: (recording: CompiledRecording) => void };

export class CompiledRecordings {
  private root: CompiledRecording | undefined;
  private latest: CompiledRecording | undefined;
  count = 0;

  find(u: Float64Array, p: Float64Array, t: number): Place {
    // Neighbouring points mostly decide alike.
    if (this.latest?.changedDecision(u, p, t) === 0) return { found: this.latest };
    let at = this.root;
    while (at) {
      const changed = at.changedDecision(u, p, t);
      if (changed === 0) return { found: (this.latest = at) };
      const next = at.flipped.get(changed);
      if (!next) return this.placeAt(at, changed);
      at = next;
    }
    return { put: (recording) => this.keep((this.root = recording)) };
  }

  private placeAt(parent: CompiledRecording, decision: number): Place {
    return {
      put: (recording) => {
        parent.flipped.set(decision, recording);
        this.keep(recording);
      },
    };
  }

  private keep(recording: CompiledRecording): void {
    this.latest = recording;
    this.count++;
  }
}
