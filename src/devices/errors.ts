/** Errors of batches and of the devices that they run on. */
import type { SourceLocation } from "../core/source-location.ts";
import { OdegradError } from "../core/errors.ts";

/** A batch of the wrong shape, of no trajectories, or with a number that is not finite. */
export class BadBatch extends OdegradError {
  static override readonly name = "BadBatch";
}

/** No WebGPU, or no adapter. */
export class NoGpu extends OdegradError {
  static override readonly name = "NoGpu";
}

/** The GPU device was lost, and its successor too. */
export class DeviceLost extends OdegradError {
  static override readonly name = "DeviceLost";

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `The GPU device was lost twice in the same work${reason ? ` (${reason})` : ""}. ` +
        `A kernel may run too long for the driver: give it less work at once, or use device: "cpu".`,
      options,
    );
  }
}

export class GpuOutOfMemory extends OdegradError {
  static override readonly name = "GpuOutOfMemory";

  constructor(bytes: number, reason: string) {
    super(`The GPU has no ${bytes} bytes left for a buffer (${reason}). Save fewer times, or use device: "cpu".`);
  }
}

/** One trajectory alone does not fit a device's memory. */
export class BatchTooLarge extends OdegradError {
  static override readonly name = "BatchTooLarge";

  constructor(name: string, bytes: number, limit: number) {
    super(
      `${name} needs ${bytes} bytes for each trajectory, but the memory of this device holds ${limit}. ` +
        `Save fewer times, take fewer steps, or take the trajectories one by one.`,
    );
  }
}

/** `maxTime` was over before all trajectories had ended. */
export class BatchOutOfTime extends OdegradError {
  static override readonly name = "BatchOutOfTime";

  constructor(verb: string, milliseconds: number) {
    super(
      `${verb}: maxTime (${milliseconds} ms) was over. Raise it, give fewer trajectories at a time, or loosen the tolerances.`,
    );
  }
}

/** The driver does not take the shader of a function. */
export class ShaderFailed extends OdegradError {
  static override readonly name = "ShaderFailed";

  constructor(name: string, reason: string, source: SourceLocation | undefined, options?: ErrorOptions) {
    const where = source ? `, from line ${source.line}, column ${source.column + 1} of it` : "";
    super(`The shader of ${name} does not compile${where}: ${reason} Use device: "cpu".`, options);
  }
}

/** Worker threads do not start here. */
export class NoThreads extends OdegradError {
  static override readonly name = "NoThreads";

  constructor(cause: Error) {
    super(
      `Worker threads do not start here (${cause.message.split(". ")[0]}). A page's policy has to allow them, worker-src 'self', and blob: where the ` +
        `library is one file or comes from another site. Or use device: "cpu".`,
      { cause },
    );
  }
}

/** Worker threads ended in the middle of their work. */
export class ThreadLost extends OdegradError {
  static override readonly name = "ThreadLost";

  constructor(first: number, last: number, cause: Error) {
    super(
      `Worker threads ended with the trajectories ${first} to ${last} (${cause.message.split(". ")[0]}). Memory may be short: give fewer ` +
        `trajectories, save fewer times, take fewer threads, or use device: "cpu".`,
      { cause },
    );
  }
}

/** A device that does not exist. */
export class UnknownDevice extends OdegradError {
  static override readonly name = "UnknownDevice";

  constructor(device: string, known: readonly string[]) {
    super(`There is no device "${device}". Devices are ${known.map((name) => `"${name}"`).join(", ")}.`);
  }
}

/** Pairs of f32 asked of a GPU on which they are no better than f32: what it rounds away cannot be told. */
export class NoPairs extends OdegradError {
  static override readonly name = "NoPairs";

  constructor(found: string) {
    super(
      `precision: "f32x2" does not hold on this GPU: in pairs of f32 it finds ${found}. Its driver moves, fuses or rounds operations in a way of ` +
        `its own. Leave out precision, or use device: "cpu".`,
    );
  }
}

/** f64 asked of a device that computes in f32. */
export class NoDoublePrecision extends OdegradError {
  static override readonly name = "NoDoublePrecision";

  constructor(device: string) {
    super(
      `The device "${device}" computes in f32, not in f64: about seven digits. Use device: "cpu", precision: "f32x2" (about 14 digits), or leave it out.`,
    );
  }
}
