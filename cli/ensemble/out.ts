/** `--out`: states, or what they were reduced to, as a file of NumPy's or as comma-separated values. */
import { writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import type { EnsembleSolution } from "../../ensemble/solve-ensemble.ts";
import { writeNpy } from "../../training/files/npy.ts";
import { BadOptionValue, CannotWrite } from "../messages/errors.ts";
import { makeFolder } from "../output/picture.ts";
import { columnsOf } from "./reduce.ts";

type Solved = Pick<EnsembleSolution, "t" | "names" | "u" | "reduced">;

/** By the file's extension. */
const formats: Readonly<Record<string, (solved: Solved) => Uint8Array | Iterable<string>>> = {
  ".npy": npy,
  ".csv": csv,
};

/** The path of a file that can be written. */
export function outPath(path: string): string {
  if (Object.hasOwn(formats, extname(path))) return path;
  throw new BadOptionValue("--out", path, `a path that ends in ${Object.keys(formats).join(" or ")}`);
}

/** Throws {@link CannotWrite}. */
export async function writeOut(path: string, solved: Solved): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, formats[extname(path)](solved));
  } catch (error) {
    throw new CannotWrite(`"${path}"`, error);
  }
}

/** States are [trajectories, K, n], what they were reduced to is [columns, K, n]. */
function npy(solved: Solved): Uint8Array {
  const { t, names, u } = solved;
  if (u) return writeNpy(u.data, u.shape);
  const columns = columnsOf(solved);
  const values = columns.flatMap(({ at }) => Array.from(t, (_, k) => names.map((__, c) => at(k, c))).flat());
  return writeNpy(Float64Array.from(values), [columns.length, t.length, names.length]);
}

/** RFC 4180: a row for each time, of states for each trajectory and time. */
function* csv(solved: Solved): Iterable<string> {
  const { t, names, u } = solved;
  if (u) {
    yield line(["trajectory", "t", ...names]);
    for (let m = 0; m < u.shape[0]; m++)
      for (let k = 0; k < t.length; k++) yield line([m, t[k], ...names.map((_, c) => u.get(m, k, c))]);
    return;
  }
  const columns = columnsOf(solved);
  yield line(["t", ...names.flatMap((name) => columns.map(({ label }) => `${name} ${label}`))]);
  for (let k = 0; k < t.length; k++) yield line([t[k], ...names.flatMap((_, c) => columns.map(({ at }) => at(k, c)))]);
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map((cell) => (/[",]/.test(String(cell)) ? `"${String(cell).replaceAll('"', '""')}"` : cell)).join(",")}\n`;
}
