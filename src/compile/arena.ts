/**
 * One stretch of memory that compiled programs and solvers share, so that nothing is copied between them and nothing is
 * allocated while they run. Everything is reserved first; `commit` then makes the memory, which never grows.
 * Addresses are byte offsets.
 */
import { InternalError, TooMuchMemory } from "../core/errors.ts";

const PAGE = 65536;
/** What 32 bits address, but for the last page: views of that length are refused. */
const MOST_PAGES = 65535;
/** Lines of the cache, and room for the widest SIMD load past the end of an array. */
const ALIGNMENT = 64;

/** Chromium reserves 8 GB of addresses for each memory, of a terabyte. */
const manyProblems =
  " Or keep fewer problems at a time: a page has room for about a hundred of these memories, and a problem with its gradient takes nine.";

export class Arena {
  private next = ALIGNMENT;
  private committed: WebAssembly.Memory | { readonly buffer: ArrayBuffer } | undefined;

  /** Reserves `count` elements; returns the address (in bytes) of the first. Nothing at all may be reserved at any time. */
  reserve(count: number, element: "f64" | "i32" = "f64"): number {
    const address = this.next;
    if (this.committed) {
      if (count === 0) return address;
      throw new InternalError("Arena.reserve after commit");
    }
    const bytes = count * (element === "f64" ? 8 : 4);
    this.next = Math.ceil((address + bytes + 1) / ALIGNMENT) * ALIGNMENT;
    return address;
  }

  /** Of 64 KiB, of the memory for what was reserved. Throws {@link TooMuchMemory}. */
  get pages(): number {
    const pages = Math.ceil((this.next + ALIGNMENT) / PAGE);
    if (pages > MOST_PAGES) throw this.tooLarge(pages, MOST_PAGES);
    return pages;
  }

  /** Makes the memory, once. Engines that forbid WebAssembly get a plain buffer (the JavaScript target needs no more). */
  commit(): void {
    if (this.committed) return;
    const { pages } = this;
    try {
      this.committed =
        typeof WebAssembly === "undefined"
          ? { buffer: new ArrayBuffer(pages * PAGE) }
          : new WebAssembly.Memory({ initial: pages, maximum: pages });
    } catch (error) {
      // The engine, or the machine, has less left.
      if (error instanceof RangeError) throw this.tooLarge(pages, pages - 1, manyProblems);
      throw error;
    }
  }

  private tooLarge(pages: number, most: number, more = ""): TooMuchMemory {
    return new TooMuchMemory(
      "The work memory of a compiled problem",
      pages * PAGE,
      most * PAGE,
      "Make its arrays smaller. Where it is the Jacobian, of as many numbers as the square of the states, take an explicit method (tsit5)." +
        more,
    );
  }

  /** A `WebAssembly.Memory`, where there is WebAssembly. */
  get memory(): { readonly buffer: ArrayBufferLike } {
    this.commit();
    return this.committed!;
  }

  get buffer(): ArrayBuffer {
    return this.memory.buffer as ArrayBuffer;
  }

  /** The f64s at an address. Stays valid for the arena's life. */
  f64(address: number, count: number): Float64Array {
    return new Float64Array(this.buffer, address, count);
  }

  i32(address: number, count: number): Int32Array {
    return new Int32Array(this.buffer, address, count);
  }
}
