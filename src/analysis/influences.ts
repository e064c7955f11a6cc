/**
 * Abstract interpretation for sparsity. The program is run; what does not depend on its parameters is computed as usual, and
 * every f64 carries the set of input elements it may depend on (differentiably). A branch whose condition is not known runs
 * both branches and the outcomes are united; a loop whose end is not known runs until its sets no longer grow.
 */
import { memo } from "../core/memo.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayDeclaration, Block, Call, Carried, For, If, Instruction, Let, Program, Value, While } from "../ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../ir/scalar-operations.ts";
import { fixedNumbers, isTable, requireZeros, type Numbers } from "../ir/tables.ts";
import { arraysOf, passing, scalarsOf, type Passed } from "../ir/calls.ts";
import { IndexSets, type IndexSet } from "./index-set.ts";

/**
 * For each element of `output`, the elements of `input` that it may depend on, ascending: differentiably, or (`anyhow`) also through
 * comparisons, whole numbers, indices and the choice of a branch.
 */
export function influences(program: Program, output: ArrayDeclaration, input: ArrayDeclaration, anyhow = false): Int32Array[] {
  return new Interpreter(program, input, anyhow).run(program, output);
}

/** What is known of a scalar: its value, where that does not depend on the parameters, and what it depends on. */
interface Fact {
  readonly number?: number;
  readonly set: IndexSet;
  /** It is a zero of this table. */
  readonly zeroOf?: Numbers;
}

function isZero({ number, zeroOf }: Fact): boolean {
  return number === 0 || (zeroOf !== undefined && requireZeros(zeroOf) !== undefined);
}

type Memory = Map<ArrayDeclaration, Fact[]>;
type Writes = Map<ArrayDeclaration, Map<number, Fact>>;

class Interpreter {
  private readonly sets: IndexSets;
  private readonly nothing: Fact;
  private readonly facts: Fact[] = [];
  private readonly memory: Memory = new Map();
  /** What elements held before they were written, while a branch is tried. */
  private journal: Writes | undefined;
  /** What it depends on whether the present block is run; only of influence of any kind. */
  private chosenBy: IndexSet;

  constructor(
    program: Program,
    input: ArrayDeclaration,
    private readonly anyhow: boolean,
  ) {
    this.sets = new IndexSets(input.size);
    this.nothing = { set: this.sets.empty };
    this.chosenBy = this.sets.empty;
    for (const array of program.arrays) {
      const numbers = fixedNumbers(array);
      const table = !anyhow && array.data && isTable(array.data) ? array.data : undefined;
      const fact = (i: number): Fact => {
        if (numbers) return this.constant(numbers[i]);
        if (table?.[i] === 0) return { set: this.sets.empty, zeroOf: table };
        return array === input ? { set: this.sets.single(i) } : this.nothing;
      };
      this.memory.set(
        array,
        Array.from({ length: array.size }, (_, i) => fact(i)),
      );
    }
  }

  run(program: Program, output: ArrayDeclaration): Int32Array[] {
    this.block(program.body);
    return this.memory.get(output)!.map((fact) => this.sets.listed(fact.set).elements);
  }

  private fact(value: Value): Fact {
    if (value.constant !== undefined) return (this.facts[value.id] ??= this.constant(value.constant));
    return this.facts[value.id] ?? this.nothing;
  }

  private constant(number: number): Fact {
    return { number, set: this.sets.empty };
  }

  private unite(a: Fact, b: Fact): Fact {
    if (a === b) return a;
    return { number: Object.is(a.number, b.number) ? a.number : undefined, set: this.sets.union(a.set, b.set) };
  }

  private sum(a: Fact, b: Fact): Fact {
    const number = a.number !== undefined && b.number !== undefined ? a.number + b.number : undefined;
    return { number, set: this.sets.union(a.set, b.set) };
  }

  private block(block: Block): void {
    for (const instruction of block.instructions) this.instruction(instruction);
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        this.facts[i.result.id] = this.operation(i);
        return;
      case "load":
        this.facts[i.result.id] = this.load(i.array, i.index);
        return;
      case "store":
        this.store(i.array, i.index, () => this.fact(i.value));
        return;
      case "accumulate":
        this.store(i.array, i.index, (old) => this.sum(old, this.fact(i.value)));
        return;
      case "fill":
        for (let k = 0; k < i.array.size; k++) this.write(i.array, k, this.fact(i.value));
        return;
      case "if":
        this.if(i);
        return;
      case "for":
        this.for(i);
        return;
      case "while":
        this.while(i);
        return;
      case "call":
        this.call(i);
    }
  }

  /** Every element of the outputs may depend on every element of the inputs. */
  private call(i: Call): void {
    const { inputs, outputs } = passing(i);
    const values = scalarsOf(i).map((value) => this.fact(value).set);
    const elements = inputs.flatMap((passed) => this.stretch(passed).map(({ set }) => set));
    const all: Fact = { set: [...values, ...elements].reduce((union, set) => this.sets.union(union, set), this.sets.empty) };
    for (const { parameter, at } of arraysOf(i).outputs) {
      const fact = outputs.some((passed) => passed.parameter === parameter) ? all : this.nothing;
      const [low, high] = this.reach(at.array, at.offset);
      for (let k = low; k < Math.min(high + parameter.size, at.array.size); k++) {
        this.write(at.array, k, low === high ? fact : this.unite(this.memory.get(at.array)![k], fact));
      }
    }
    if (i.result) this.facts[i.result.id] = all;
  }

  private stretch({ parameter, at }: Passed): Fact[] {
    const [low, high] = this.reach(at.array, at.offset);
    return this.memory.get(at.array)!.slice(low, high + parameter.size);
  }

  private operation(i: Let): Fact {
    const args = i.args.map((arg) => this.fact(arg));
    if (args.every((arg) => arg.number !== undefined))
      return this.constant(scalarOperations[i.operation].value(...args.map((arg) => arg.number!)));
    const [first, second, third] = args;
    if (i.operation.endsWith("select") && first.number !== undefined) return first.number ? second : third;
    // A constant matrix of mostly zeros is a sparse one.
    if (i.operation === "mul" && (isZero(first) || isZero(second))) return this.nothing;
    if (this.anyhow) return { set: args.reduce((set, arg) => this.sets.union(set, arg.set), this.sets.empty) };
    const passes = differentiableArguments(i.operation);
    return { set: args.reduce((set, arg, k) => (passes[k] ? this.sets.union(set, arg.set) : set), this.sets.empty) };
  }

  /** The elements that an index may mean. */
  private reach(array: ArrayDeclaration, index: Value): readonly [number, number] {
    const { number } = this.fact(index);
    if (number !== undefined) return [number, number];
    return [Math.max(index.min, 0), Math.min(index.max, array.size - 1)];
  }

  private load(array: ArrayDeclaration, index: Value): Fact {
    const elements = this.memory.get(array)!;
    const [low, high] = this.reach(array, index);
    if (low === high) return elements[low] ?? this.nothing;
    let set = this.anyhow ? this.fact(index).set : this.sets.empty;
    for (let k = low; k <= high; k++) set = this.sets.union(set, elements[k].set);
    return { set };
  }

  private store(array: ArrayDeclaration, index: Value, becomes: (old: Fact) => Fact): void {
    const [low, high] = this.reach(array, index);
    const elements = this.memory.get(array)!;
    const { set } = this.fact(index);
    if (this.anyhow && set !== this.sets.empty) {
      this.chosen(set, () => {
        for (let k = low; k <= high; k++) this.write(array, k, this.unite(elements[k], becomes(elements[k])));
      });
    } else if (low === high) this.write(array, low, becomes(elements[low] ?? this.nothing));
    else for (let k = low; k <= high; k++) this.write(array, k, this.unite(elements[k], becomes(elements[k])));
  }

  private write(array: ArrayDeclaration, index: number, fact: Fact): void {
    const elements = this.memory.get(array)!;
    if (index < 0 || index >= elements.length) return;
    if (this.journal) {
      let old = this.journal.get(array);
      if (!old) this.journal.set(array, (old = new Map()));
      if (!old.has(index)) old.set(index, elements[index]);
    }
    const chosen = this.chosenBy === this.sets.empty ? fact : this.also(fact, this.chosenBy);
    elements[index] = chosen.set.elements ? chosen : { set: this.sets.listed(chosen.set) };
  }

  /** What is not known, and depends on more. */
  private also({ set }: Fact, more: IndexSet): Fact {
    return { set: this.sets.union(set, more) };
  }

  /** Runs what runs, or not, depending on a condition. */
  private chosen(by: IndexSet, run: () => void): void {
    const outer = this.chosenBy;
    if (this.anyhow) this.chosenBy = this.sets.union(outer, by);
    run();
    this.chosenBy = outer;
  }

  private if(i: If): void {
    const { number, set } = this.fact(i.condition);
    const yields = (block: Block): Fact[] => {
      this.block(block);
      return block.yields.map((value) => this.fact(value));
    };
    if (number !== undefined) {
      yields(number ? i.then : i.else).forEach((fact, k) => (this.facts[i.results[k].id] = fact));
      return;
    }
    let results: Fact[] = [];
    this.chosen(set, () => {
      this.either(
        () => (results = yields(i.then)),
        () => (results = yields(i.else).map((fact, k) => this.unite(results[k], fact))),
      );
    });
    results.forEach((fact, k) => (this.facts[i.results[k].id] = this.anyhow ? this.also(fact, set) : fact));
  }

  /** Runs two branches from the same state and unites what they wrote. Tells whether that changed anything. */
  private either(one: () => void, other: () => void): boolean {
    const branches = [this.attempt(one), this.attempt(other)];
    let changed = false;
    for (const array of new Set(branches.flatMap((branch) => [...branch.keys()]))) {
      const elements = this.memory.get(array)!;
      for (const k of new Set(branches.flatMap((branch) => [...(branch.get(array)?.keys() ?? [])]))) {
        const present = elements[k];
        const [a, b] = branches.map((branch) => branch.get(array)?.get(k) ?? present);
        this.write(array, k, this.unite(a, b));
        changed ||= this.differs(present, elements[k]);
      }
    }
    return changed;
  }

  /** Runs, takes back what that wrote, and returns it. */
  private attempt(run: () => void): Writes {
    const outer = this.journal;
    const before: Writes = new Map();
    this.journal = before;
    run();
    this.journal = outer;
    const written: Writes = new Map();
    for (const [array, old] of before) {
      const elements = this.memory.get(array)!;
      written.set(array, new Map([...old.keys()].map((k) => [k, elements[k]])));
      for (const [k, fact] of old) elements[k] = fact;
    }
    return written;
  }

  private differs(a: Fact, b: Fact): boolean {
    const size = (fact: Fact): number => this.sets.listed(fact.set).elements.length;
    return !Object.is(a.number, b.number) || size(a) !== size(b);
  }

  private for(i: For): void {
    const bounds = [this.fact(i.from), this.fact(i.to)];
    const [from, to] = bounds.map((bound) => bound.number);
    this.enter(i.carried);
    if (from === undefined || to === undefined) {
      const set = this.sets.union(bounds[0].set, bounds[1].set);
      this.facts[i.index.id] = this.anyhow ? { set } : this.nothing;
      this.untilStable(i, () => set);
    } else {
      for (let index = from; i.step > 0 ? index < to : index > to; index += i.step) {
        this.facts[i.index.id] = this.constant(index);
        this.iterate(i);
      }
    }
    this.leave(i);
  }

  private while(i: While): void {
    this.enter(i.carried);
    const holds = (): number | undefined => {
      this.block(i.condition);
      return this.fact(i.condition.yields[0]).number;
    };
    let goesOn = holds();
    while (goesOn) {
      this.iterate(i);
      goesOn = holds();
    }
    if (goesOn === undefined) {
      this.untilStable(i, () => {
        this.block(i.condition);
        return this.fact(i.condition.yields[0]).set;
      });
    }
    this.leave(i);
  }

  private enter(carried: readonly Carried[]): void {
    const initial = carried.map((c) => this.fact(c.initial));
    carried.forEach((c, k) => (this.facts[c.phi.id] = initial[k]));
  }

  private iterate(i: For | While): void {
    this.block(i.body);
    const next = i.body.yields.map((value) => this.fact(value));
    i.carried.forEach((c, k) => (this.facts[c.phi.id] = next[k]));
  }

  private leave(i: For | While): void {
    i.carried.forEach((c, k) => (this.facts[i.results[k].id] = this.fact(c.phi)));
  }

  /** Any number of iterations, which what `condition` gives decides on: one more, or none, until that changes nothing. */
  private untilStable(i: For | While, condition: () => IndexSet): void {
    let by = condition();
    let grown = true;
    while (grown) {
      const present = i.carried.map((c) => this.fact(c.phi));
      const deciding = by;
      this.chosen(deciding, () => {
        grown = this.either(
          () => {
            this.iterate(i);
            by = this.sets.union(by, condition());
          },
          () => {},
        );
      });
      if (this.anyhow) {
        grown ||= this.differs({ set: deciding }, { set: by });
        for (const { phi } of i.carried) this.facts[phi.id] = this.also(this.fact(phi), by);
      }
      i.carried.forEach((c, k) => {
        const united = this.unite(present[k], this.fact(c.phi));
        this.facts[c.phi.id] = united;
        grown ||= this.differs(present[k], united);
      });
    }
  }
}

/** Through which arguments an operation passes a derivative. */
const differentiableArguments = memo((name: ScalarOperationName): readonly boolean[] => {
  const { args, partials } = scalarOperations[name];
  const b = new Builder(name);
  const values = args.map((type, k) => b.scalarParameter(`x${k}`, type));
  const derivatives = partials?.(b, values, b.operation(name, ...values));
  return args.map((type, k) => type === "f64" && derivatives !== undefined && derivatives[k] !== null);
});
