/** How often the emitted code takes each value, and where; a value taken once, in its own block, needs no local. */
import type { Block, Instruction, Program, Value } from "../../ir/ir.ts";
import type { Access, Addresses } from "./address.ts";

export interface Uses {
  count: number;
  /** The block of the first use (the last in program order). */
  readonly block: Block;
}

export function countUses(program: Program, addresses: Addresses): ReadonlyMap<Value, Uses> {
  const counter = new UseCounter(program.body, addresses);
  if (program.result) counter.use(program.result);
  counter.block(program.body);
  return counter.uses;
}

class UseCounter {
  readonly uses = new Map<Value, Uses>();

  constructor(
    private within: Block,
    private readonly addresses: Addresses,
  ) {}

  use(value: Value, times = 1): void {
    const known = this.uses.get(value);
    if (known) known.count += times;
    else this.uses.set(value, { count: times, block: this.within });
  }

  block(inner: Block): void {
    const outer = this.within;
    this.within = inner;
    inner.yields.forEach((value) => this.use(value));
    // Last instruction first: what only an unused value needs is not used either.
    for (let i = inner.instructions.length - 1; i >= 0; i--) this.instruction(inner.instructions[i]);
    this.within = outer;
  }

  private address(access: Access, times = 1): void {
    this.addresses.of.get(access)!.terms.forEach(([value]) => this.use(value, times));
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        if (this.uses.has(i.result)) i.args.forEach((arg) => this.use(arg));
        return;
      case "load":
        if (this.uses.has(i.result)) this.address(i);
        return;
      case "store":
        this.address(i);
        return this.use(i.value);
      case "accumulate":
        // For the load and for the store.
        this.address(i, 2);
        return this.use(i.value);
      case "fill":
        return this.use(i.value, 2);
      case "call":
        return i.args.forEach((argument) => this.use("array" in argument ? argument.offset : argument));
      case "if":
        this.block(i.then);
        this.block(i.else);
        return this.use(i.condition);
      case "for":
        this.block(i.body);
        i.carried.forEach((c) => this.use(c.initial));
        // Bounds and pointers are computed beside the other uses of what they consist of.
        this.use(i.from, 2);
        this.use(i.to, 2);
        return this.addresses.pointers.get(i)?.forEach(({ terms }) => terms.forEach(([value]) => this.use(value, 2)));
      case "while":
        this.block(i.body);
        this.block(i.condition);
        i.carried.forEach((c) => this.use(c.initial));
    }
  }
}
