/**
 * Loop distribution (Allen & Kennedy, "Optimizing Compilers for Modern Architectures", 2001, section 5.2): an innermost loop that
 * adds to overlapping pairs of neighbours, as the adjoint of a stencil does, is done as one loop for the even and one for the odd
 * neighbours. Two lanes added at i and then at i + 1 share an element, and a processor waits when it loads what it has
 * half stored; within each of the two loops pairs are the same or apart.
 */
import { affine } from "../ir/affine.ts";
import { tripCount } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import {
  operandsOf,
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type Block,
  type For,
  type Instruction,
  type Program,
  type Value,
} from "../ir/ir.ts";

const FEWEST_ITERATIONS = 8;

export function distributeLoops(program: Program): Program {
  for (const instruction of walk(program.body)) {
    if (instruction.kind === "for" && oddOnes(instruction).size > 0) return rebuild(program, (b) => new Distributor(b));
  }
  return program;
}

class Distributor extends Clone {
  override instruction(instruction: Instruction): void {
    const odd = instruction.kind === "for" ? oddOnes(instruction) : undefined;
    if (instruction.kind !== "for" || !odd?.size) return super.instruction(instruction);
    const { instructions, yields } = instruction.body;
    const isWrite = (i: Instruction): boolean => i.kind === "store" || i.kind === "accumulate";
    const evens = slice(
      instruction.body,
      instructions.filter((i) => isWrite(i) && !odd.has(i)),
      yields,
    );
    const odds = slice(instruction.body, [...odd], []);
    super.instruction({ ...instruction, body: { instructions: evens, yields } });
    super.instruction({ ...instruction, carried: [], results: [], body: { instructions: odds, yields: [] } });
  }
}

/** The accumulates of a loop that are odd neighbours of others; none where the loop may not be distributed, or does not gain. */
function oddOnes(loop: For): ReadonlySet<Instruction> {
  const none = new Set<Instruction>();
  if (Math.abs(loop.step) !== 1 || (tripCount(loop.from, loop.to, loop.step) ?? 0) < FEWEST_ITERATIONS) return none;
  const read = new Set<ArrayDeclaration>();
  const written = new Set<ArrayDeclaration>();
  const odd = new Set<Instruction>();
  const firstOffsets = new Map<string, number>();
  for (const i of loop.body.instructions) {
    if (i.kind === "load") read.add(i.array);
    else if (i.kind === "store" || i.kind === "accumulate") written.add(i.array);
    else if (i.kind !== "let") return none;
    if (i.kind === "accumulate" && isOddNeighbour(i, loop, firstOffsets)) odd.add(i);
  }
  if (odd.size === 0) return none;
  const phis = new Set(loop.carried.map((c) => c.phi));
  const mayMove =
    [...written].every((array) => !read.has(array)) &&
    !slice(loop.body, [...odd], []).some((i) => operandsOf(i).some((v) => phis.has(v)));
  return mayMove ? odd : none;
}

/** Is it an odd number of elements from the first accumulate that differs by a constant? */
function isOddNeighbour({ array, index }: Accumulate, loop: For, firstOffsets: Map<string, number>): boolean {
  const { constant, terms } = affine(index);
  if (terms.get(loop.index) !== 1) return false;
  const key = [array.id, ...[...terms].map(([value, factor]) => `${value.id}*${factor}`).sort()].join();
  const first = firstOffsets.get(key);
  if (first === undefined) firstOffsets.set(key, constant);
  return first !== undefined && (constant - first) % 2 !== 0;
}

/** The instructions that the given ones and values need, in order. */
export function slice({ instructions }: Block, wanted: readonly Instruction[], values: readonly Value[]): Instruction[] {
  const kept = new Set(wanted);
  const needed = new Set<Value>([...values, ...wanted.flatMap((i) => operandsOf(i))]);
  for (let at = instructions.length - 1; at >= 0; at--) {
    const i = instructions[at];
    if ((i.kind !== "let" && i.kind !== "load") || !needed.has(i.result)) continue;
    kept.add(i);
    operandsOf(i).forEach((value) => needed.add(value));
  }
  return instructions.filter((i) => kept.has(i));
}
