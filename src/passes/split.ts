/**
 * Index-set splitting (Griebl, Feautrier & Lengauer, "Index set splitting", 2000): an innermost loop whose body asks where
 * the index is (`i === n - 1 ? 0 : i + 1`, `(i + 1) % n`) is cut where the answers change. Within each piece they are constant and
 * fold away, so that periodic stencils become plain loops over neighbours, with their ends written out.
 */
import { affine, combine } from "../ir/affine.ts";
import { tripCount } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { walk, type For, type Instruction, type Let, type Program, type Value } from "../ir/ir.ts";
import { scalarOperations } from "../ir/scalar-operations.ts";

const MOST_PIECES = 7;
/** Of all pieces together. */
const MOST_INSTRUCTIONS = 2000;

export function splitLoops(program: Program): Program {
  let found = false;
  for (const instruction of walk(program.body)) found ||= instruction.kind === "for" && cutsOf(instruction).length > 0;
  if (!found) return program;
  return rebuild(program, (b) => new Splitter(b));
}

class Splitter extends Clone {
  override instruction(instruction: Instruction): void {
    const cuts = instruction.kind === "for" ? cutsOf(instruction) : [];
    if (instruction.kind !== "for" || cuts.length === 0) return super.instruction(instruction);
    const { from, to, step, index, carried, body, results } = instruction;
    const count = tripCount(from, to, step)!;
    let values = carried.map((c) => this.value(c.initial));
    const iteration = (at: Value, phis: readonly Value[]): Value[] => {
      this.values.set(index, at);
      carried.forEach((c, k) => this.values.set(c.phi, phis[k]));
      return this.block(body);
    };
    const ends = [0, ...cuts, count];
    for (let piece = 0; piece + 1 < ends.length; piece++) {
      const [first, last] = [ends[piece], ends[piece + 1]].map((k) => this.b.i32(from.constant! + k * step));
      values =
        ends[piece + 1] - ends[piece] === 1 ? iteration(first, values) : [...this.b.for(first, last, step, values, iteration)];
    }
    results.forEach((result, k) => this.values.set(result, values[k]));
  }
}

/** The iterations (counted from 0) with which pieces begin, but for the first. */
function cutsOf(loop: For): readonly number[] {
  const count = tripCount(loop.from, loop.to, loop.step);
  if (!count) return [];
  const cuts = new Set<number>();
  let size = 0;
  for (const instruction of walk(loop.body)) {
    if (instruction.kind === "for" || instruction.kind === "while") return [];
    size++;
    if (instruction.kind === "let") changesOf(instruction, loop, count).forEach((cut) => cuts.add(cut));
  }
  const pieces = cuts.size + 1;
  return pieces <= MOST_PIECES && pieces * size <= MOST_INSTRUCTIONS ? [...cuts].sort((a, b) => a - b) : [];
}

/** The iterations that begin with another answer (to a comparison, or a quotient) than the one before ended with. */
function changesOf({ operation, args }: Let, loop: For, count: number): number[] {
  const [x, y] = args;
  const isMask = operation === "i32.and" && x.min >= 0 && y.constant !== undefined && (y.constant & (y.constant + 1)) === 0;
  const isRemainder = operation === "i32.rem" || operation === "i32.div" || isMask;
  if (!isRemainder && !(scalarOperations[operation].result === "bool" && x.type === "i32")) return [];
  const form = isRemainder ? affine(x) : combine(affine(x), affine(y), -1);
  const slope = (form.terms.get(loop.index) ?? 0) * loop.step;
  if (form.terms.size !== 1 || slope === 0) return [];
  const start = form.constant + form.terms.get(loop.index)! * loop.from.constant!;
  const at = (k: number): number => start + slope * k;

  if (!isRemainder) {
    const answer = (k: number): number => scalarOperations[operation].value(at(k), 0);
    return changes(-start / slope, answer, count);
  }
  const divisor = isMask ? y.constant! + 1 : y.constant;
  if (divisor === undefined || divisor <= 0) return [];
  const quotient = (k: number): number => Math.trunc(at(k) / divisor) | 0;
  const [low, high] = [quotient(0), quotient(count - 1)].sort((a, b) => a - b);
  if (high - low >= MOST_PIECES) return [];
  return Array.from({ length: high - low + 3 }, (_, i) =>
    changes(((low - 1 + i) * divisor - start) / slope, quotient, count),
  ).flat();
}

/** Of the iterations next to a root, those that answer otherwise than the one before. */
function changes(root: number, answer: (k: number) => number, count: number): number[] {
  const near = Math.floor(root);
  return [near, near + 1, near + 2].filter((k) => k > 0 && k < count && answer(k) !== answer(k - 1));
}
