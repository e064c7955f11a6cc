/** Memory of compiled programs. */
import { expect, it, vi } from "vitest";
import { Arena } from "../../src/compile/arena.ts";
import { TooMuchMemory } from "../../src/core/errors.ts";

it("says what may be the matter where the engine has no room for another memory", () => {
  vi.stubGlobal("WebAssembly", {
    Memory: class {
      constructor() {
        throw new RangeError("WebAssembly.Memory(): could not allocate memory");
      }
    },
  });
  try {
    const arena = new Arena();
    arena.reserve(1);
    expect(() => arena.commit()).toThrow(TooMuchMemory);
    expect(() => arena.commit()).toThrow(/keep fewer problems at a time/);
  } finally {
    vi.unstubAllGlobals();
  }
});
