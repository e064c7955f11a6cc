/** Where and how an ensemble was solved, and why. */
import type { Precision } from "../src/devices/device.ts";
import { counted } from "../src/core/in-words.ts";

interface Chosen {
  /** What computed it. */
  readonly ran: { readonly device: string; readonly precision: Precision };
  /** Trajectories of a chunk, and how many there were. */
  readonly chunk: number;
  readonly chunks: number;
  /** Of kernels, and why that, where none was asked for. */
  readonly method?: { readonly name: string; readonly because?: string };
  /** Why trajectories were solved one by one, where some were. */
  readonly oneByOne?: string;
  /** Of those that failed in kernels, how many came to the end by themselves. */
  readonly solvedAgain: number;
  /** Why this device, where it was chosen. */
  readonly why?: string;
}

export class EnsemblePlan {
  readonly device: string;
  readonly precision: Precision;
  readonly chunk: number;
  readonly chunks: number;
  /** "kernels": many trajectories at once. "one by one": as `solve` does. */
  readonly solved: "kernels" | "one by one";
  /** The method of all that kernels did; one by one each trajectory may have another, where none is asked for. */
  readonly solver?: string;
  /** Why, in sentences. */
  readonly reasons: readonly string[];

  constructor({ ran, chunk, chunks, method, oneByOne, solvedAgain, why }: Chosen) {
    this.device = ran.device;
    this.precision = ran.precision;
    this.chunk = chunk;
    this.chunks = chunks;
    this.solved = oneByOne === undefined ? "kernels" : "one by one";
    const isOfAll = method && (oneByOne === undefined || method.because === undefined);
    if (isOfAll) this.solver = method.name;
    const because = isOfAll && method.because !== undefined ? [`By ${method.name}: ${method.because}.`] : [];
    this.reasons = [
      ...(why === undefined ? [] : [why]),
      ...because,
      ...(oneByOne === undefined ? [] : [`One by one: ${oneByOne}`]),
      ...(solvedAgain === 0 ? [] : [`Of the trajectories that failed in kernels ${solvedAgain} came to the end one by one.`]),
    ];
  }

  toString(): string {
    const how = this.solved === "kernels" ? "many at once, in kernels" : "one by one";
    const by = this.solver === undefined ? "" : `, by ${this.solver}`;
    const what = `${counted(this.chunks, "chunk")} of ${this.chunk}, on "${this.device}" in ${this.precision}, ${how}${by}`;
    return [what, ...this.reasons].join("\n");
  }
}
