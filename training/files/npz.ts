/** Parameters as a file that NumPy writes and reads: numpy.load(path)["layer0.W"]. */
import { layoutOf } from "../../src/arrays/layout.ts";
import { packFinite, unpack, type Shaped } from "../../src/arrays/pack.ts";
import { sameShape, showShape, sizeOf } from "../../src/arrays/shape.ts";
import { shown } from "../../src/core/options/kinds.ts";
import { BadParameterFile } from "./errors.ts";
import { leavesOf } from "./leaves.ts";
import { readNpy, writeNpy } from "./npy.ts";
import { readZip, writeZip } from "./zip.ts";

/**
 * Parameters as the bytes of an `.npz` file, an array each, by the names of the components: "layer0.W".
 *
 * @param p - Numbers, arrays, ndarrays, and nested objects of them: those of a network, or all of a problem.
 * @returns What to write to a file.
 * @throws UnsupportedValue for what parameters cannot be, NonFinite, and BadParameterFile where two of them have the same name.
 * @example
 * writeFileSync("network.npz", toNpz(fitted.p.net));
 */
export function toNpz(p: unknown): Uint8Array<ArrayBuffer> {
  const layout = layoutOf(p, "p");
  const flat = packFinite(layout, p, "p");
  const files = leavesOf(layout).map(({ name, offset, size, shape }) => {
    return { name: `${name}.npy`, bytes: writeNpy(flat.subarray(offset, offset + size), shape) };
  });
  return writeZip(files);
}

/**
 * The parameters in the bytes of an `.npz` file, of f8, f4 or whole numbers, as `numpy.savez` writes it.
 *
 * @param bytes - The file.
 * @param like - Parameters of the same names and shapes, such as `net.initial()`.
 * @returns Parameters in the shape of those.
 * @throws BadParameterFile where it is no such file, or one of other parameters.
 * @example
 * const net = fromNpz(readFileSync("network.npz"), network.initial());
 */
export function fromNpz<P>(bytes: Uint8Array, like: P): Shaped<P> {
  if (!(bytes instanceof Uint8Array)) {
    throw new BadParameterFile(
      `The file is ${shown(bytes)}, but must be its bytes: new Uint8Array(await response.arrayBuffer()).`,
    );
  }
  const layout = layoutOf(like, "like");
  const files = new Map(readZip(bytes).map(({ name, bytes: own }) => [name.replace(/\.npy$/, ""), own]));
  const flat = new Float64Array(layout.size);
  const leaves = leavesOf(layout);
  const unknown = [...files.keys()].filter((name) => !leaves.some((leaf) => leaf.name === name));
  if (unknown.length > 0) {
    throw new BadParameterFile(
      `The file has ${unknown.join(", ")}, which the parameters have not: ${leaves.map(({ name }) => name).join(", ")}.`,
    );
  }
  for (const { name, offset, shape } of leaves) {
    const own = files.get(name);
    if (!own) throw new BadParameterFile(`The file has no ${name}. It has ${[...files.keys()].join(", ") || "no array at all"}.`);
    const array = readNpy(own, name);
    const isAlike = sameShape(array.shape, shape) || (sizeOf(array.shape) === 1 && shape.length === 0);
    if (!isAlike)
      throw new BadParameterFile(
        `${name} has the shape ${showShape(array.shape)} in the file, but must have ${showShape(shape)}.`,
      );
    flat.set(array.values, offset);
  }
  return unpack<P>(layout, flat);
}
