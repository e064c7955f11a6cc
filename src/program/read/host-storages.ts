/** One storage for each array among the constants, however often and under whatever name it is met. */
import { elementOf } from "./elements.ts";
import { Storage } from "./storage.ts";

export class HostStorages {
  private readonly known = new Map<object, Storage>();

  /** `buffers`: those that are known to be written. */
  constructor(private readonly buffers: ReadonlySet<object>) {}

  of(data: ArrayLike<number> & object, name: string): Storage {
    return this.keep(data, data, name);
  }

  /** Of arrays nested evenly. */
  flattened(nested: readonly unknown[], name: string): Storage {
    return this.known.get(nested) ?? this.keep(nested, flatten(nested), name);
  }

  private keep(key: object, data: ArrayLike<number> & object, name: string): Storage {
    let storage = this.known.get(key);
    if (!storage) {
      storage = new Storage(name, "host", data.length, elementOf(data), undefined, data, undefined, this.buffers.has(data));
      this.known.set(key, storage);
    }
    return storage;
  }
}

function flatten(nested: unknown): number[] {
  return typeof nested === "number" ? [nested] : Array.from(nested as ArrayLike<unknown>).flatMap(flatten);
}
