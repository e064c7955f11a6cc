/** Memory of WebAssembly that is made while something is done. */
const PAGE = 65536;

/** What `work` promises, and the bytes of all memories that were made for it. */
export async function memoryMade<T>(work: () => Promise<T>): Promise<[T, number]> {
  const { Memory } = WebAssembly;
  let bytes = 0;
  const Counting = function (descriptor: WebAssembly.MemoryDescriptor): WebAssembly.Memory {
    bytes += descriptor.initial * PAGE;
    return new Memory(descriptor);
  };
  WebAssembly.Memory = Counting as unknown as typeof Memory;
  try {
    return [await work(), bytes];
  } finally {
    WebAssembly.Memory = Memory;
  }
}
