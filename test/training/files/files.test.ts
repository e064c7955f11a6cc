/** Files of parameters: what comes back is the same to the last bit; NumPy's own files are read. */
import { describe, expect, it } from "vitest";
import { ndarray } from "../../../src/arrays/ndarray.ts";
import { BadParameterFile, chain, dense, fromJson, fromNpz, toJson, toNpz } from "../../../training/index.ts";
import { readZip, writeZip } from "../../../training/files/zip.ts";
import { readNpy, writeNpy } from "../../../training/files/npy.ts";

const net = chain(dense(3, 4), dense(4, 2));
const p = {
  rate: -0,
  tiny: [5e-324, -1 / 3],
  net: net.initial(9),
  cube: ndarray(
    Float64Array.from({ length: 8 }, (_, i) => i),
    [2, 2, 2],
  ),
};
const zero = { rate: 0, tiny: [0, 0], net: net.initial(1), cube: ndarray(new Float64Array(8), [2, 2, 2]) };

/**
 * numpy.savez(file, a=array(1.5), **{"net.W": asfortranarray([[1, 2, 3], [4, 5, 6]], dtype f4), "net.b": array([-1, 2], dtype i8)}), by
 * NumPy 2.
 */
const BY_NUMPY =
  "UEsDBC0AAAAAAAAAIQApdonr//////////8FABQAYS5ucHkBABAAiAAAAAAAAACIAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAA+D9QSwMELQAAAAAAAAAhALJn3SP//////////wkAFABuZXQuVy5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogVHJ1ZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAACAPwAAgEAAAABAAACgQAAAQEAAAMBAUEsDBC0AAAAAAAAAIQCn4BrQ//////////8JABQAbmV0LmIubnB5AQAQAJAAAAAAAAAAkAAAAAAAAACTTlVNUFkBAHYAeydkZXNjcic6ICc8aTgnLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMiwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgCv//////////AgAAAAAAAABQSwECLQMtAAAAAAAAACEAKXaJ64gAAACIAAAABQAAAAAAAAAAAAAAgAEAAAAAYS5ucHlQSwECLQMtAAAAAAAAACEAsmfdI5gAAACYAAAACQAAAAAAAAAAAAAAgAG/AAAAbmV0LlcubnB5UEsBAi0DLQAAAAAAAAAhAKfgGtCQAAAAkAAAAAkAAAAAAAAAAAAAAIABkgEAAG5ldC5iLm5weVBLBQYAAAAAAwADAKEAAABdAgAAAAA=";
/** numpy.savez_compressed(file, a=array(1.5)) */
const COMPRESSED =
  "UEsDBC0AAAAIAAAAIQApdonr//////////8FABQAYS5ucHkBABAAiAAAAAAAAABHAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5Gpo6CrUKFAEuBjD4YQ8AUEsBAi0DLQAAAAgAAAAhACl2ietHAAAAiAAAAAUAAAAAAAAAAAAAAIABAAAAAGEubnB5UEsFBgAAAAABAAEAMwAAAH4AAAAAAA==";
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const small = { a: 0, net: { W: ndarray(new Float64Array(6), [2, 3]), b: [0, 0] } };

describe("parameters come back", () => {
  it("from JSON, to the last bit", () => {
    const read = fromJson(toJson(p), zero);
    expect(read).toEqual(p);
    expect(Object.is(read.rate, -0)).toBe(true);
    expect(toJson({ a: ndarray([1, 2, 3, 4], [2, 2]), b: [0.1] })).toBe('{"a":[[1,2],[3,4]],"b":[0.1]}');
  });

  it("from .npz, to the last bit", () => {
    const read = fromNpz(toNpz(p), zero);
    expect(read).toEqual(p);
    expect(Object.is(read.rate, -0)).toBe(true);
    const alone = fromNpz(toNpz(Float64Array.of(1, 2)), new Float64Array(2));
    expect(alone).toEqual(Float64Array.of(1, 2));
  });

  it("from NumPy's own file, whatever its kinds of numbers and its order", () => {
    const read = fromNpz(bytesOf(BY_NUMPY), small);
    expect(read.a).toBe(1.5);
    expect([...read.net.W.data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(read.net.b).toEqual([-1, 2]);
  });

  it("as NumPy writes them, byte by byte", () => {
    expect([...writeNpy(Float64Array.of(1.5), [])]).toEqual([...readZip(bytesOf(BY_NUMPY))[0].bytes]);
  });
});

describe("files of other things are refused by name", () => {
  const bytes = toNpz(p);
  const damaged = bytes.slice();
  damaged[200] ^= 1;
  const other = writeZip([{ name: "a.npy", bytes: new Uint8Array(20) }]);
  const short = writeZip([{ name: "a.npy", bytes: writeNpy(Float64Array.of(1, 2), [2]).slice(0, -1) }]);
  const cut = writeZip([{ name: "a.npy", bytes: writeNpy(Float64Array.of(1, 2), [2]).slice(0, 40) }]);
  // Of version 2, the length of whose header has four bytes, two of which are there.
  const second = writeZip([{ name: "a.npy", bytes: Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"), 2, 0, 1, 1) }]);
  it.each([
    ["no archive", () => fromNpz(new Uint8Array(100), p), "has not the end of one"],
    ["a damaged one", () => fromNpz(damaged, p), "its checksum is another one"],
    ["a compressed one", () => fromNpz(bytesOf(COMPRESSED), { a: 1 }), "numpy.savez, not numpy.savez_compressed"],
    ["of other names", () => fromNpz(bytes, { rate: 1 }), "which the parameters have not"],
    ["of fewer", () => fromNpz(bytesOf(BY_NUMPY), { ...small, more: 1 }), "The file has no more"],
    [
      "of another shape",
      () => fromNpz(bytesOf(BY_NUMPY), { ...small, net: { ...small.net, b: [1, 2, 3] } }),
      "net.b has the shape [2] in the file, but must have [3]",
    ],
    ["no array", () => fromNpz(other, { a: 1 }), "a is no array of NumPy's"],
    ["one that ends early", () => fromNpz(short, { a: [1, 2] }), "ends before its 2 numbers do"],
    ["one that ends in its header", () => fromNpz(cut, { a: [1, 2] }), "a ends within its header"],
    ["one whose header ends before its length", () => fromNpz(second, { a: [1, 2] }), "a ends within its header"],
    ["no bytes", () => fromNpz(new ArrayBuffer(8) as never, p), "but must be its bytes"],
    ["text that is no JSON", () => fromJson("{", p), "no JSON"],
    ["JSON of other names", () => fromJson('{"b": 1}', { a: 1 }), "must have a"],
    ["JSON of another length", () => fromJson('{"a": [1]}', { a: [1, 2] }), "a is an array of length 1, but must be a list of 2"],
    ["JSON of no numbers", () => fromJson('{"a": ["x", 1]}', { a: [1, 2] }), 'a[0] is "x"'],
    ["JSON of no object", () => fromJson("3", { a: [1, 2] }), "must be an object"],
  ])("%s", (_, read, message) => {
    expect(read).toThrow(BadParameterFile);
    expect(read).toThrow(message);
  });

  it("numbers of a kind that there is none of", () => {
    const text = writeNpy(Float64Array.of(1), [1]);
    text.set(new TextEncoder().encode("<c8"), 21);
    expect(() => readNpy(text, "a")).toThrow("a holds <c8");
  });

  it("parameters of which two have the same name are not written: one would be lost", () => {
    const clashing = { net: { W: [1, 2] }, "net.W": [3, 4] };
    expect(() => toNpz(clashing)).toThrow(BadParameterFile);
    expect(() => toNpz(clashing)).toThrow('called "net.W"');
    expect(fromJson(toJson(clashing), { net: { W: [0, 0] }, "net.W": [0, 0] })).toEqual(clashing);
  });

  it("a header of any length is read", () => {
    const short = writeNpy(Float64Array.of(1, 2), [2]);
    const length = 400_000;
    const long = new Uint8Array(short.length + 2 + length).fill(0x20);
    long.set(short.subarray(0, 8));
    long[6] = 2;
    new DataView(long.buffer).setUint32(8, short.length - 16 - 10 + length, true);
    long.set(short.subarray(10, short.length - 16), 12);
    long.set(short.subarray(short.length - 16), long.length - 16);
    expect([...readNpy(long, "a").values]).toEqual([1, 2]);
  });

  it("what is not finite is not written", () => {
    expect(() => toJson({ a: NaN })).toThrow("p.a is NaN");
    expect(() => toNpz({ a: [Infinity] })).toThrow("must be finite");
  });
});
