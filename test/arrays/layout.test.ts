import { ndarray, type NdArray } from "../../src/arrays/ndarray.ts";
import { describe, expect, expectTypeOf, it } from "vitest";
import { componentName, componentNames, layoutOf, sameLayout } from "../../src/arrays/layout.ts";
import { pack, requireFinite, unpack, type Shaped } from "../../src/arrays/pack.ts";
import { view } from "../../src/arrays/view.ts";
import { NonFinite, UnknownComponent, UnsupportedValue, WrongLength } from "../../src/core/errors.ts";

const W = ndarray(new Float64Array([1, 2, 3, 4, 5, 6]), [2, 3]);
const nested = { prey: 7, layer: { W, b: [8, 9] }, typed: new Float32Array([10, 11]) };
const layout = layoutOf(nested, "p");

describe("layoutOf", () => {
  it("lays components out in order of appearance", () => {
    expect(layout).toEqual({
      kind: "struct",
      offset: 0,
      size: 11,
      fields: {
        prey: { kind: "scalar", offset: 0, size: 1 },
        layer: {
          kind: "struct",
          offset: 1,
          size: 8,
          fields: {
            W: { kind: "array", offset: 1, size: 6, shape: [2, 3], container: "ndarray" },
            b: { kind: "array", offset: 7, size: 2, shape: [2], container: "array" },
          },
        },
        typed: { kind: "array", offset: 9, size: 2, shape: [2], container: "typed" },
      },
    });
  });

  it("takes a number, and nothing", () => {
    expect(layoutOf(3, "u0")).toEqual({ kind: "scalar", offset: 0, size: 1 });
    expect(layoutOf([], "p").size).toBe(0);
  });

  it("knows equal layouts", () => {
    expect(sameLayout(layout, layoutOf({ ...nested, prey: 0 }, "p"))).toBe(true);
    expect(sameLayout(layoutOf([1, 2], "p"), layoutOf([1, 2, 3], "p"))).toBe(false);
    expect(sameLayout(layoutOf({ a: 1, b: 2 }, "p"), layoutOf({ b: 1, a: 2 }, "p"))).toBe(false);
  });

  it.each([
    [
      {
        W: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      /p\.W\[0\] is itself an array.*ndarray\(.*\[2, 3\]\)/,
    ],
    [{ a: "1" }, /p\.a is a string/],
    [[1, undefined], /p\[1\] is undefined/],
    [{ when: new Date(0) }, /p\.when is a Date/],
    [null, /p is null/],
    [new BigInt64Array(2), /p is a BigInt64Array/],
  ])("refuses %o", (value, message) => {
    expect(() => layoutOf(value, "p")).toThrow(UnsupportedValue);
    expect(() => layoutOf(value, "p")).toThrow(message);
  });
});

describe("componentNames", () => {
  it("names every component", () => {
    const rows = [0, 1].flatMap((i) => [0, 1, 2].map((j) => `layer.W[${i},${j}]`));
    expect(componentNames(layout, "p")).toEqual(["prey", ...rows, "layer.b[0]", "layer.b[1]", "typed[0]", "typed[1]"]);
    expect(componentNames(layoutOf([1, 2], "u0"), "u")).toEqual(["u[0]", "u[1]"]);
    expect(componentName(layoutOf(1, "u0"), 0, "u")).toBe("u");
  });
});

describe("pack and unpack", () => {
  it("go there and back", () => {
    const flat = pack(layout, nested, "p");
    expect([...flat]).toEqual([7, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]);
    const back = unpack<typeof nested>(layout, flat);
    expect(back.prey).toBe(7);
    expect(back.layer.W.get(1, 2)).toBe(6);
    expect(back.layer.b).toEqual([8, 9]);
    expect(back.typed).toEqual(new Float64Array([10, 11]));
    flat.fill(0);
    expect(back.layer.W.get(1, 2)).toBe(6);
  });

  it("reads ndarrays in any memory order", () => {
    const transposed = W.transpose(1, 0);
    expect([...pack(layoutOf(transposed, "u0"), transposed, "u0")]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it("takes any kind of vector", () => {
    const vector = layoutOf([1, 2], "u0");
    expect([...pack(vector, ndarray(new Float64Array([3, 4])), "du")]).toEqual([3, 4]);
    expect([...pack(vector, new Float32Array([5, 6]), "du")]).toEqual([5, 6]);
  });

  it("writes into given memory", () => {
    const into = new Float64Array(2);
    expect(pack(layoutOf([1, 2], "u0"), [3, 4], "u0", into)).toBe(into);
    expect([...into]).toEqual([3, 4]);
  });

  it("writes from an element on, whatever the shape", () => {
    const into = new Float64Array(layout.size + 3).fill(NaN);
    pack(layout, nested, "p", into, 2);
    expect([...into]).toEqual([NaN, NaN, ...pack(layout, nested, "p"), NaN]);
    const transposed = W.transpose(1, 0);
    const rows = new Float64Array(8);
    pack(layoutOf(transposed, "u0"), transposed, "u0", rows, 2);
    expect([...rows]).toEqual([0, 0, 1, 4, 2, 5, 3, 6]);
  });

  it.each([
    [{ prey: 1, layer: { W, b: [8, 9] } }, UnknownComponent, /p lacks typed\. Its components are prey, layer, typed/],
    [{ ...nested, pray: 1 }, UnknownComponent, /p has unknown pray\./],
    [{ ...nested, layer: { W, B: [8, 9] } }, UnknownComponent, /p\.layer lacks b and has unknown B/],
    [{ ...nested, layer: { W, b: [8] } }, WrongLength, /p\.layer\.b is an array of length 1, but must be an array of length 2/],
    [
      { ...nested, layer: { W: W.transpose(1, 0), b: [8, 9] } },
      WrongLength,
      /p\.layer\.W is an ndarray of shape \[3, 2\], but must be an ndarray of shape \[2, 3\]/,
    ],
    [{ ...nested, prey: [1] }, UnsupportedValue, /p\.prey is an array of length 1, but must be a number/],
    [{ ...nested, layer: 3 }, UnsupportedValue, /p\.layer is the number 3, but must be an object with W, b/],
    [[1, 2], UnsupportedValue, /p is an array of length 2, but must be an object/],
  ])("refuses %o", (value, error, message) => {
    expect(() => pack(layout, value, "p")).toThrow(error);
    expect(() => pack(layout, value, "p")).toThrow(message);
  });

  it("names what is not finite", () => {
    const flat = pack(layout, { ...nested, layer: { W, b: [8, NaN] } }, "p");
    expect(() => requireFinite(layout, flat, "p")).toThrow(NonFinite);
    expect(() => requireFinite(layout, flat, "p")).toThrow(/p\.layer\.b\[1\] is NaN/);
    expect(() => requireFinite(layoutOf([1], "u0"), new Float64Array([-Infinity]), "u0")).toThrow(/u0\[0\] is -Infinity/);
  });
});

describe("view", () => {
  interface Seen {
    prey: number;
    layer: { W: NdArray<Float64Array>; b: Float64Array };
    typed: Float64Array;
  }
  const memory = (): [Float64Array, Seen] => {
    const flat = pack(layout, nested, "p");
    return [flat, view(layout, flat, "p") as Seen];
  };

  it("reads and writes the memory", () => {
    const [flat, seen] = memory();
    flat[0] = 70;
    expect(seen.prey).toBe(70);
    seen.prey += 1;
    seen.layer.W.set(1, 2, 60);
    seen.layer.b[1] = 90;
    expect([flat[0], flat[6], flat[8]]).toEqual([71, 60, 90]);
    const names = [];
    for (const name in seen) names.push(name);
    expect(names).toEqual(["prey", "layer", "typed"]);
    expect(pack(layout, seen, "p")).toEqual(flat);
  });

  it("copies what is assigned to a whole component, and checks it", () => {
    const [flat, seen] = memory();
    const fresh = new Float64Array([20, 21]);
    seen.layer.b = fresh;
    fresh[0] = 0;
    expect([flat[7], flat[8]]).toEqual([20, 21]);
    expect(() => (seen.layer.b = new Float64Array(3))).toThrow(/p\.layer\.b is a Float64Array of length 3/);
  });

  it("throws at a misspelt name", () => {
    const [, seen] = memory();
    expect(() => Object.assign(seen, { pray: 1 })).toThrow(TypeError);
  });
});

it("Shaped keeps names and shapes", () => {
  expectTypeOf<Shaped<typeof nested>>().toEqualTypeOf<{
    prey: number;
    layer: { W: NdArray<Float64Array>; b: number[] };
    typed: Float64Array;
  }>();
  expectTypeOf<Shaped<readonly number[]>>().toEqualTypeOf<number[]>();
  expectTypeOf<Shaped<number>>().toEqualTypeOf<number>();
});
