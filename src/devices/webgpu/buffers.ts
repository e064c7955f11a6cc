/** Buffers of a device, kept for reuse by usage and size. */
import { memo } from "../../core/memo.ts";
import { GpuOutOfMemory } from "../errors.ts";

export const buffersOf = memo((device: GPUDevice): Buffers => new Buffers(device));

/** Bytes of idle buffers that are kept. */
const KEPT = 2 ** 28;
const SMALLEST = 256;

/** Those that nobody uses are told apart by what they are for and how large they are, so this is no `Pool`. */
export class Buffers {
  private idle: GPUBuffer[] = [];

  constructor(private readonly device: GPUDevice) {}

  /** Of at least so many bytes, with anything in it. Throws {@link GpuOutOfMemory}. */
  async take(bytes: number, usage: number): Promise<GPUBuffer> {
    const at = this.idle.findIndex(
      (buffer) => buffer.usage === usage && buffer.size >= bytes && buffer.size <= 2 * bytes + SMALLEST,
    );
    if (at >= 0) return this.idle.splice(at, 1)[0];
    const size = Math.max(SMALLEST, Math.ceil(bytes / 4) * 4);
    this.device.pushErrorScope("out-of-memory");
    const buffer = this.device.createBuffer({ size, usage });
    const error = await this.device.popErrorScope();
    if (!error) return buffer;
    buffer.destroy();
    throw new GpuOutOfMemory(size, error.message);
  }

  give(buffers: readonly GPUBuffer[]): void {
    this.idle.push(...buffers);
    let kept = this.idle.reduce((sum, { size }) => sum + size, 0);
    while (kept > KEPT) {
      const oldest = this.idle.shift()!;
      kept -= oldest.size;
      oldest.destroy();
    }
  }
}
