/** How often the emitted code takes each value, and where; a value taken once, in its own block, needs no local. */
import type { Block, Instruction, Program, Value } from "../../ir/ir.ts";
import type { Access, Addresses } from "./address.ts";

export interface Uses {
  count: number;
  /** The block of the first use (the last in program order). */
  readonly block: Block;
}

export function countUses(program: Program, addresses: Addresses): ReadonlyMap<Value, Uses> {
  const uses = new Map<Value, Uses>();
  let block = program.body;

  const use = (value: Value, times = 1): void => {
    const known = uses.get(value);
    if (known) known.count += times;
    else uses.set(value, { count: times, block });
  };

  const address = (access: Access, times = 1): void => {
    addresses.of.get(access)!.terms.forEach(([value]) => use(value, times));
  };

  const visitBlock = (inner: Block): void => {
    const outer = block;
    block = inner;
    block.yields.forEach((value) => use(value));
    // Last instruction first: what only an unused value needs is not used either.
    for (let i = block.instructions.length - 1; i >= 0; i--) visit(block.instructions[i]);
    block = outer;
  };

  const visit = (i: Instruction): void => {
    switch (i.kind) {
      case "let":
        if (uses.has(i.result)) i.args.forEach((arg) => use(arg));
        return;
      case "load":
        if (uses.has(i.result)) address(i);
        return;
      case "store":
        address(i);
        return use(i.value);
      case "accumulate":
        // For the load and for the store.
        address(i, 2);
        return use(i.value);
      case "fill":
        return use(i.value, 2);
      case "call":
        return i.args.forEach((argument) => use("array" in argument ? argument.offset : argument));
      case "if":
        visitBlock(i.then);
        visitBlock(i.else);
        return use(i.condition);
      case "for":
        visitBlock(i.body);
        i.carried.forEach((c) => use(c.initial));
        // Bounds and pointers are computed beside the other uses of what they consist of.
        use(i.from, 2);
        use(i.to, 2);
        return addresses.pointers.get(i)?.forEach((pointer) => pointer.terms.forEach(([value]) => use(value, 2)));
      case "while":
        visitBlock(i.body);
        visitBlock(i.condition);
        i.carried.forEach((c) => use(c.initial));
    }
  };

  if (program.result) use(program.result);
  visitBlock(program.body);
  return uses;
}
