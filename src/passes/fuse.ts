/**
 * Loop fusion (Allen & Kennedy, "Optimizing Compilers for Modern Architectures", 2001, section 8.5): loops over the same indices, of which
 * each iteration needs only what the same iteration of the others made, become one. Values then pass on directly, and arrays between
 * the loops are written for nobody. On SIMD lanes, memory of one's own is dear.
 */
import { affine, combine } from "../ir/affine.ts";
import { tripCount, type Builder } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { eliminate } from "./eliminate.ts";
import {
  blocksOf,
  operandsOf,
  walk,
  type ArrayDeclaration,
  type Block,
  type For,
  type Instruction,
  type Program,
  type Value,
} from "../ir/ir.ts";

export function fuseLoops(program: Program): Program {
  return eliminate(rebuild(program, (b) => new Fusion(b, program)));
}

/** Loops that are done as one. */
type Group = readonly For[];

class Fusion extends Clone {
  /** Loads, stores and sums of each local array, and how often it is filled. */
  private readonly accesses = new Map<ArrayDeclaration, { readonly elements: Set<Instruction>; fills: number }>();
  /** Of arrays that only one loop has to do with: the present iteration's element. */
  private readonly elements = new Map<ArrayDeclaration, Value>();

  constructor(b: Builder, program: Program) {
    super(b);
    for (const array of program.arrays) if (array.role === "local") this.accesses.set(array, { elements: new Set(), fills: 0 });
    for (const i of walk(program.body)) {
      const accesses = "array" in i ? this.accesses.get(i.array) : undefined;
      if (i.kind === "fill" && accesses) accesses.fills++;
      else accesses?.elements.add(i);
      if (i.kind === "call") for (const argument of i.args) if ("array" in argument) this.accesses.delete(argument.array);
    }
  }

  override block(block: Block): Value[] {
    const filled = new Map<ArrayDeclaration, Value>();
    for (const item of arranged(block)) {
      if ("kind" in item) {
        this.instruction(item);
        if (item.kind === "fill") filled.set(item.array, this.value(item.value));
      } else this.together(item, filled);
    }
    return block.yields.map((value) => this.value(value));
  }

  /** `filled`: what the arrays were filled with that the block filled before. */
  private together(loops: Group, filled: ReadonlyMap<ArrayDeclaration, Value>): void {
    const [{ from, to, step, mayNotEnd, source }] = loops;
    this.b.source = source;
    const passing = [...filled].filter(([array]) => this.isPassing(array, loops));
    const initial = loops.flatMap(({ carried }) => carried.map((c) => this.value(c.initial)));
    const body = (index: Value, phis: readonly Value[]): readonly Value[] => {
      for (const [array, value] of passing) this.elements.set(array, value);
      let at = 0;
      return loops.flatMap((loop) => {
        this.values.set(loop.index, index);
        for (const { phi } of loop.carried) this.values.set(phi, phis[at++]);
        return this.block(loop.body);
      });
    };
    const values = this.b.for(this.value(from), this.value(to), step, initial, body, mayNotEnd);
    for (const [array] of passing) this.elements.delete(array);
    loops.flatMap(({ results }) => results).forEach((result, k) => this.values.set(result, values[k]));
  }

  /** Is an array that was filled used in these loops only, by each iteration an element of its own? */
  private isPassing(array: ArrayDeclaration, loops: Group): boolean {
    const accesses = this.accesses.get(array);
    if (accesses?.fills !== 1) return false;
    const inside = new Set(loops.flatMap(({ body }) => body.instructions));
    return [...accesses.elements].every((i) => inside.has(i)) && isOwnOfIterations(array, loops);
  }

  override instruction(i: Instruction): void {
    const element = "array" in i ? this.elements.get(i.array) : undefined;
    if (!element || !("array" in i) || i.kind === "fill") return super.instruction(i);
    if (i.kind === "load") return void this.values.set(i.result, element);
    const value = this.value(i.value);
    this.elements.set(i.array, i.kind === "store" ? value : this.b.operation("add", element, value));
  }
}

/** The block's instructions, with loops that can be one in the place of the first of them, and what lies between before it. */
function arranged({ instructions }: Block): (Instruction | Group)[] {
  const items: (Instruction | Group)[] = [];
  /** Of the last group, its position. */
  let position = -1;
  for (const i of instructions) {
    if (i.kind !== "for" || !isFlat(i)) {
      items.push(i);
      continue;
    }
    if (position >= 0) {
      const group = items[position] as Group;
      const between = items.slice(position + 1) as Instruction[];
      if (group.every((loop) => canBeOne(loop, i)) && between.every((b) => group.every((loop) => commute(loop, b)))) {
        items.splice(position, items.length, ...between, [...group, i]);
        position = items.length - 1;
        continue;
      }
    }
    position = items.push([i]) - 1;
  }
  return items;
}

function isFlat({ from, to, step, body }: For): boolean {
  const flat = body.instructions.every(
    ({ kind }) => kind === "let" || kind === "load" || kind === "store" || kind === "accumulate",
  );
  return flat && tripCount(from, to, step) !== undefined;
}

interface Effects {
  readonly read: Set<ArrayDeclaration>;
  readonly written: Set<ArrayDeclaration>;
  readonly addedTo: Set<ArrayDeclaration>;
}

function effectsOf(instruction: Instruction): Effects {
  const effects: Effects = { read: new Set(), written: new Set(), addedTo: new Set() };
  const blocks = blocksOf(instruction);
  for (const i of blocks.length ? blocks.flatMap((block) => walk(block)) : [instruction]) {
    if (i.kind === "load") effects.read.add(i.array);
    else if (i.kind === "store" || i.kind === "fill") effects.written.add(i.array);
    else if (i.kind === "accumulate") effects.addedTo.add(i.array);
  }
  return effects;
}

/** Arrays through which the order of the two matters. Sums may be added to in any order. */
function conflicts(a: Instruction, b: Instruction): ArrayDeclaration[] {
  const [first, second] = [effectsOf(a), effectsOf(b)];
  const touched = (e: Effects): Set<ArrayDeclaration> => new Set([...e.read, ...e.written, ...e.addedTo]);
  return [...touched(first)].filter((array) => {
    if (!touched(second).has(array)) return false;
    const onlyRead = [first, second].every((e) => !e.written.has(array) && !e.addedTo.has(array));
    const onlyAddedTo = [first, second].every((e) => !e.written.has(array) && !e.read.has(array));
    return !onlyRead && !onlyAddedTo;
  });
}

/** May what comes after the loop come before it? */
function commute(loop: For, after: Instruction): boolean {
  return after.kind !== "call" && !uses(after, loop) && conflicts(loop, after).length === 0;
}

function uses(instruction: Instruction, loop: For): boolean {
  const results = new Set(loop.results);
  if (results.size === 0) return false;
  const inside = blocksOf(instruction).flatMap((block) =>
    walk(block)
      .flatMap((i) => operandsOf(i))
      .concat(block.yields),
  );
  const initial = instruction.kind === "for" || instruction.kind === "while" ? instruction.carried.map((c) => c.initial) : [];
  return [...operandsOf(instruction), ...inside, ...initial].some((value) => results.has(value));
}

function canBeOne(a: For, b: For): boolean {
  const same = a.from.constant === b.from.constant && a.to.constant === b.to.constant && a.step === b.step;
  return same && !uses(b, a) && conflicts(a, b).every((array) => isOwnOfIterations(array, [a, b]));
}

/** Does each iteration of the loops touch one element, which no other iteration touches? */
function isOwnOfIterations(array: ArrayDeclaration, loops: Group): boolean {
  const accesses = loops.flatMap(({ body, index }) =>
    body.instructions.flatMap((i) =>
      "array" in i && i.array === array && "index" in i ? [{ at: i.index as Value, index }] : [],
    ),
  );
  const forms = accesses.map(({ at, index }) => {
    const form = affine(at);
    const slope = form.terms.get(index) ?? 0;
    return { slope, rest: combine(form, { constant: 0, terms: new Map([[index, slope]]) }, -1) };
  });
  const [first] = forms;
  return forms.every(({ slope, rest }) => {
    const difference = combine(rest, first.rest, -1);
    return slope !== 0 && slope === first.slope && difference.terms.size === 0 && difference.constant === 0;
  });
}
