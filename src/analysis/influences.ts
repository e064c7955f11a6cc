/**
 * Abstract interpretation for sparsity. The program is run; what does not depend on its parameters is computed as usual, and
 * every f64 carries the set of input elements it may depend on (differentiably). A branch whose condition is not known runs
 * both branches and the outcomes are united; a loop whose end is not known runs until its sets no longer grow.
 */
import { memo } from "../core/memo.ts";
import { Builder } from "../ir/builder.ts";
import type { ArrayDeclaration, Block, Call, Carried, For, If, Instruction, Let, Program, Value, While } from "../ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../ir/scalar-operations.ts";
import { arraysOf, passing, scalarsOf, type Passed } from "../ir/calls.ts";
import { FactMemory, isZero, type Fact } from "./fact-memory.ts";
import type { IndexSet } from "./index-set.ts";

/**
 * For each element of `output`, the elements of `input` that it may depend on, ascending: differentiably, or (`anyhow`) also through
 * comparisons, whole numbers, indices and the choice of a branch.
 */
export function influences(program: Program, output: ArrayDeclaration, input: ArrayDeclaration, anyhow = false): Int32Array[] {
  return new Interpreter(program, input, anyhow).run(program, output);
}

class Interpreter {
  private readonly memory: FactMemory;
  private readonly facts: Fact[] = [];
  private readonly passes: Partial<Record<ScalarOperationName, readonly boolean[]>> = {};

  constructor(
    program: Program,
    input: ArrayDeclaration,
    private readonly anyhow: boolean,
  ) {
    this.memory = new FactMemory(program, input, anyhow);
  }

  run(program: Program, output: ArrayDeclaration): Int32Array[] {
    this.block(program.body);
    // Rows that have a list in common, as those of a full matrix do, share it: a copy each would need the memory of all entries.
    const typed = new Map<ArrayLike<number>, Int32Array>();
    return this.memory.elements(output).map(({ set }) => {
      const { elements } = this.memory.sets.listed(set);
      if (elements instanceof Int32Array) return elements;
      if (!typed.has(elements)) typed.set(elements, Int32Array.from(elements));
      return typed.get(elements)!;
    });
  }

  private fact(value: Value): Fact {
    if (value.constant !== undefined) return (this.facts[value.id] ??= this.memory.constant(value.constant));
    return this.facts[value.id] ?? this.memory.nothing;
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
        this.store(i.array, i.index, (old) => this.memory.sum(old, this.fact(i.value)));
        return;
      case "fill":
        for (let k = 0; k < i.array.size; k++) this.memory.write(i.array, k, this.fact(i.value));
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
    const all: Fact = {
      set: [...values, ...elements].reduce((union, set) => this.memory.sets.union(union, set), this.memory.sets.empty),
    };
    for (const { parameter, at } of arraysOf(i).outputs) {
      const fact = outputs.some((passed) => passed.parameter === parameter) ? all : this.memory.nothing;
      const [low, high] = this.reach(at.array, at.offset);
      for (let k = low; k < Math.min(high + parameter.size, at.array.size); k++) {
        this.memory.write(at.array, k, low === high ? fact : this.memory.unite(this.memory.elements(at.array)[k], fact));
      }
    }
    if (i.result) this.facts[i.result.id] = all;
  }

  private stretch({ parameter, at }: Passed): Fact[] {
    const [low, high] = this.reach(at.array, at.offset);
    return this.memory.elements(at.array).slice(low, high + parameter.size);
  }

  private operation(i: Let): Fact {
    const { memory } = this;
    const { args, operation } = i;
    const first = this.fact(args[0]);
    const second = args.length > 1 ? this.fact(args[1]) : memory.nothing;
    const known = this.valueOf(i);
    if (known !== undefined) return memory.constant(known);
    if (args.length === 3 && operation.endsWith("select") && first.number !== undefined) {
      return first.number ? second : this.fact(args[2]);
    }
    // A constant matrix of mostly zeros is a sparse one.
    if (operation === "mul" && (isZero(first) || isZero(second))) return memory.nothing;
    const passes = this.anyhow ? undefined : (this.passes[operation] ??= differentiableArguments(operation));
    let set = memory.sets.empty;
    for (let k = 0; k < args.length; k++) if (passes?.[k] ?? true) set = memory.sets.union(set, this.fact(args[k]).set);
    return set === memory.sets.empty ? memory.nothing : { set };
  }

  /** Of an operation whose arguments are known. Nothing is allocated: it is asked of every operation of every iteration. */
  private valueOf({ args, operation }: Let): number | undefined {
    const { value } = scalarOperations[operation];
    const first = this.fact(args[0]).number;
    if (first === undefined) return undefined;
    if (args.length === 1) return value(first);
    const second = this.fact(args[1]).number;
    if (second === undefined) return undefined;
    if (args.length === 2) return value(first, second);
    const third = this.fact(args[2]).number;
    return third === undefined ? undefined : value(first, second, third);
  }

  /** The elements that an index may mean. */
  private reach(array: ArrayDeclaration, index: Value): readonly [number, number] {
    const { number } = this.fact(index);
    if (number !== undefined) return [number, number];
    return [Math.max(index.min, 0), Math.min(index.max, array.size - 1)];
  }

  private load(array: ArrayDeclaration, index: Value): Fact {
    const elements = this.memory.elements(array);
    const [low, high] = this.reach(array, index);
    if (low === high) return elements[low] ?? this.memory.nothing;
    let set = this.anyhow ? this.fact(index).set : this.memory.sets.empty;
    for (let k = low; k <= high; k++) set = this.memory.sets.union(set, elements[k].set);
    return { set };
  }

  private store(array: ArrayDeclaration, index: Value, becomes: (old: Fact) => Fact): void {
    const [low, high] = this.reach(array, index);
    const elements = this.memory.elements(array);
    const { set } = this.fact(index);
    if (this.anyhow && set !== this.memory.sets.empty) {
      this.memory.chosen(set, () => {
        for (let k = low; k <= high; k++) this.memory.write(array, k, this.memory.unite(elements[k], becomes(elements[k])));
      });
    } else if (low === high) this.memory.write(array, low, becomes(elements[low] ?? this.memory.nothing));
    else for (let k = low; k <= high; k++) this.memory.write(array, k, this.memory.unite(elements[k], becomes(elements[k])));
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
    this.memory.chosen(set, () => {
      this.memory.either(
        () => (results = yields(i.then)),
        () => (results = yields(i.else).map((fact, k) => this.memory.unite(results[k], fact))),
      );
    });
    results.forEach((fact, k) => (this.facts[i.results[k].id] = this.anyhow ? this.memory.also(fact, set) : fact));
  }

  private for(i: For): void {
    const bounds = [this.fact(i.from), this.fact(i.to)];
    const [from, to] = bounds.map((bound) => bound.number);
    this.enter(i.carried);
    if (from === undefined || to === undefined) {
      const set = this.memory.sets.union(bounds[0].set, bounds[1].set);
      this.facts[i.index.id] = this.anyhow ? { set } : this.memory.nothing;
      this.untilStable(i, () => set);
    } else {
      for (let index = from; i.step > 0 ? index < to : index > to; index += i.step) {
        this.facts[i.index.id] = this.memory.constant(index);
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
      this.memory.chosen(deciding, () => {
        grown = this.memory.either(
          () => {
            this.iterate(i);
            by = this.memory.sets.union(by, condition());
          },
          () => {},
        );
      });
      if (this.anyhow) {
        grown ||= this.memory.differs({ set: deciding }, { set: by });
        for (const { phi } of i.carried) this.facts[phi.id] = this.memory.also(this.fact(phi), by);
      }
      i.carried.forEach((c, k) => {
        const united = this.memory.unite(present[k], this.fact(c.phi));
        this.facts[c.phi.id] = united;
        grown ||= this.memory.differs(present[k], united);
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
