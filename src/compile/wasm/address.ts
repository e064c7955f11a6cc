/**
 * Where elements lie. An index is a sum, constant + sum of coefficient * value; what an innermost loop does not change of it is
 * summed once before the loop, into a *pointer* that the accesses of neighbouring elements share, and the constant goes
 * into the instruction, as its offset. That offset is unsigned and added without wrapping, so it is used only where
 * the sum of the rest is known not to be negative.
 */
import { affine } from "../../ir/affine.ts";
import {
  blocksOf,
  hasLoops,
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type Block,
  type For,
  type Load,
  type Program,
  type Store,
  type Value,
} from "../../ir/ir.ts";

export type Access = Load | Store | Accumulate;

/** A value and what it is multiplied by, in bytes. */
export type Term = readonly [value: Value, factor: number];

export interface Pointer {
  readonly local: string;
  readonly array: ArrayDeclaration;
  readonly terms: readonly Term[];
  /** Bytes. The smallest constant of the accesses that share the pointer, where that is negative. */
  constant: number;
  /** Only accesses whose rest is known not to be negative share one. */
  readonly shared: boolean;
}

export interface Address {
  readonly array: ArrayDeclaration;
  readonly pointer?: Pointer;
  /** What is not in the pointer. */
  readonly terms: readonly Term[];
  /** Bytes. */
  readonly constant: number;
  /** May the constant be the instruction's offset? With a pointer always: it is chosen so. */
  readonly direct: boolean;
}

export interface Addresses {
  readonly of: ReadonlyMap<Access, Address>;
  /** To be computed before each innermost loop. */
  readonly pointers: ReadonlyMap<For, readonly Pointer[]>;
}

/** Arrays begin here or later in the arena, so a pointer may stand this many bytes before its array. */
const MARGIN = 64;

export function elementSize(array: ArrayDeclaration): number {
  return array.element === "f64" ? 8 : 4;
}

/** What changes from one iteration to the next. */
export function definedIn(loop: For): ReadonlySet<Value> {
  const defined = new Set<Value>([loop.index, ...loop.carried.map((c) => c.phi)]);
  for (const instruction of walk(loop.body)) {
    if ("result" in instruction && instruction.result) defined.add(instruction.result);
    if ("results" in instruction) instruction.results.forEach((result) => defined.add(result));
  }
  return defined;
}

export function planAddresses(program: Program): Addresses {
  const of = new Map<Access, Address>();
  const pointers = new Map<For, Pointer[]>();
  let count = 0;

  const outside = (access: Access): Address => {
    const { terms, constant, least } = bytesOf(access);
    return { array: access.array, terms, constant, direct: constant >= 0 && least >= 0 };
  };

  const inside = (access: Access, loop: For, varying: ReadonlySet<Value>): Address => {
    const { array } = access;
    const { terms, constant, least } = bytesOf(access);
    const fixed = terms.filter(([value]) => !varying.has(value));
    const shared = least >= 0 && constant >= -MARGIN;
    const known = pointers.get(loop)!;
    let pointer = shared ? known.find((p) => p.shared && p.array === array && sameTerms(p.terms, fixed)) : undefined;
    if (!pointer)
      known.push((pointer = { local: `$at${count++}`, array, terms: fixed, constant: shared ? 0 : constant, shared }));
    if (shared) pointer.constant = Math.min(pointer.constant, constant);
    return { array, pointer, terms: terms.filter(([value]) => varying.has(value)), constant, direct: true };
  };

  const visit = (block: Block, plan: (access: Access) => Address): void => {
    for (const instruction of block.instructions) {
      if (instruction.kind === "load" || instruction.kind === "store" || instruction.kind === "accumulate") {
        of.set(instruction, plan(instruction));
      } else if (instruction.kind === "for" && !hasLoops(instruction.body)) {
        const varying = definedIn(instruction);
        pointers.set(instruction, []);
        visit(instruction.body, (access) => inside(access, instruction, varying));
      } else blocksOf(instruction).forEach((inner) => visit(inner, plan));
    }
  };
  visit(program.body, outside);
  return { of, pointers };
}

function bytesOf(access: Access): { terms: Term[]; constant: number; least: number } {
  const form = affine(access.index);
  const size = elementSize(access.array);
  const terms = [...form.terms].map(([value, coefficient]): Term => [value, coefficient * size]);
  const least = terms.reduce((sum, [value, factor]) => sum + factor * (factor > 0 ? value.min : value.max), 0);
  return { terms, constant: form.constant * size, least };
}

function sameTerms(a: readonly Term[], b: readonly Term[]): boolean {
  return a.length === b.length && a.every(([value, factor]) => b.some(([v, f]) => v === value && f === factor));
}
