/** Decides which numbers among the constants are data: those on which neither lengths of loops nor indices depend. */
import { ReadError } from "../core/errors.ts";
import { dependenceOn } from "../analysis/dependence.ts";
import { walk, type ArrayDeclaration, type Instruction, type Program, type Value } from "../ir/ir.ts";
import { isTable, ownerOf } from "../ir/tables.ts";
import type { DataChoice, DataFields } from "./state/host-storages.ts";

type Read = (data?: DataChoice) => Program;

/**
 * Reads with as much of it for data as can be: arrays and these numbers, or arrays, or nothing. No length of a loop depends on them.
 */
export function withData(fields: DataFields | undefined, read: Read): Program {
  const tries = fields === undefined ? [] : fields.size > 0 ? [fields, NO_FIELDS] : [NO_FIELDS];
  for (const data of tries) {
    try {
      const program = read({ fields: data, code: NOTHING });
      if (!countsByData(program)) return program;
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
    }
  }
  return read();
}

const NO_FIELDS: DataFields = new Map();
const NOTHING: ReadonlySet<object> = new Set();

/** Do its loops? They are of a length that is known, as far as the text tells. */
function countsByData(program: Program): boolean {
  const tables = tablesOf(program);
  if (tables.length === 0) return false;
  const { values } = dependenceOn(program, tables);
  return walk(program.body).some((i) => {
    if (i.kind === "for") return values.has(i.from) || values.has(i.to);
    return i.kind === "while" && i.condition.yields.some((value) => values.has(value));
  });
}

/**
 * Reads with those arrays for data that no length of a loop, and no index of an array, follows from alone: what depends on what is
 * known from these.
 */
export function withTables(read: Read): Program {
  const code = new Set<object>();
  try {
    for (;;) {
      const program = read({ fields: NO_FIELDS, code });
      const deciding = decidingTables(program);
      if (deciding.length === 0) return program;
      for (const { data } of deciding) code.add(ownerOf(data!));
    }
  } catch (error) {
    if (!(error instanceof ReadError)) throw error;
    return read();
  }
}

function decidingTables(program: Program): readonly ArrayDeclaration[] {
  const tables = tablesOf(program);
  if (tables.length === 0) return tables;
  const given = program.parameters.map((parameter) => (parameter.kind === "array" ? parameter.array : parameter.value));
  const unknown = dependenceOn(program, given).values;
  const deciding = walk(program.body)
    .flatMap(decidingValues)
    .filter((value) => !unknown.has(value));
  const decide = (roots: readonly ArrayDeclaration[]): boolean => {
    const { values } = dependenceOn(program, roots);
    return deciding.some((value) => values.has(value));
  };
  return decide(tables) ? tables.filter((table) => decide([table])) : [];
}

/** Lengths of loops and indices of arrays. */
function decidingValues(i: Instruction): readonly Value[] {
  switch (i.kind) {
    case "load":
    case "store":
    case "accumulate":
      return [i.index];
    case "for":
      return [i.from, i.to];
    case "while":
      return i.condition.yields;
    case "call":
      return i.args.flatMap((argument) => ("array" in argument ? [argument.offset] : []));
    default:
      return [];
  }
}

function tablesOf({ arrays }: Program): readonly ArrayDeclaration[] {
  return arrays.filter(({ data }) => data && isTable(data));
}
