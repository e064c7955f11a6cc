/** Which numbers among the constants can be data: those that no length of a loop, and nothing of the text, depends on. */
import { ReadError } from "../../errors.ts";
import { dependenceOn } from "../inspect/dependence.ts";
import { walk, type Program } from "../ir.ts";
import { isTable } from "../tables.ts";
import type { DataFields } from "./host-storages.ts";

/** Reads with as much of it for data as can be: arrays and these numbers, or arrays, or nothing. */
export function withData(fields: DataFields | undefined, read: (data: DataFields | undefined) => Program): Program {
  const tries = fields === undefined ? [] : fields.size > 0 ? [fields, NONE] : [NONE];
  for (const data of tries) {
    try {
      const program = read(data);
      if (!countsByData(program)) return program;
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
    }
  }
  return read(undefined);
}

const NONE: DataFields = new Map();

/** Do its loops? They are of a length that is known, as far as the text tells. */
function countsByData(program: Program): boolean {
  const tables = program.arrays.filter(({ data }) => data && isTable(data));
  if (tables.length === 0) return false;
  const { values } = dependenceOn(program, tables);
  return [...walk(program.body)].some((i) => {
    if (i.kind === "for") return values.has(i.from) || values.has(i.to);
    return i.kind === "while" && i.condition.yields.some((value) => values.has(value));
  });
}
