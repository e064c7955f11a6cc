/** Removes what does not matter: values nobody uses, writes to locals nobody reads, carried values that feed only themselves. */
import { isProgram, type ArrayDeclaration, type Block, type Instruction, type Program, type Value } from "../ir/ir.ts";
import { arraysOf } from "../ir/calls.ts";

/** `endless`: loops that may not end stay, whatever they are for, so that the program ends where the function does. */
export function eliminate(program: Program, { endless = false } = {}): Program {
  const live = new Liveness(program, endless);
  const body = live.prune(program.body);
  const used = new Set<ArrayDeclaration>();
  for (const parameter of program.parameters) if (parameter.kind === "array") used.add(parameter.array);
  collectArrays(body, used);
  return { ...program, arrays: program.arrays.filter((array) => used.has(array)), body };
}

class Liveness {
  private readonly values = new Set<Value>();
  private readonly arrays = new Set<ArrayDeclaration>();
  private changed = true;

  constructor(
    program: Program,
    private readonly endless: boolean,
  ) {
    for (const parameter of program.parameters) {
      if (parameter.kind === "array" && parameter.array.role !== "input") this.arrays.add(parameter.array);
    }
    if (program.result) this.values.add(program.result);
    // A loop may use what a later instruction of it makes live, so marking repeats until nothing changes.
    while (this.changed) {
      this.changed = false;
      this.markBlock(program.body);
    }
  }

  private use(value: Value): void {
    if (value.constant !== undefined || this.values.has(value)) return;
    this.values.add(value);
    this.changed = true;
  }

  private useArray(array: ArrayDeclaration): void {
    if (this.arrays.has(array)) return;
    this.arrays.add(array);
    this.changed = true;
  }

  private markBlock(block: Block): void {
    for (let i = block.instructions.length - 1; i >= 0; i--) this.mark(block.instructions[i]);
  }

  private mark(instruction: Instruction): void {
    switch (instruction.kind) {
      case "let":
        if (this.values.has(instruction.result)) instruction.args.forEach((arg) => this.use(arg));
        return;
      case "load":
        if (!this.values.has(instruction.result)) return;
        this.use(instruction.index);
        this.useArray(instruction.array);
        return;
      case "store":
      case "accumulate":
        if (!this.arrays.has(instruction.array)) return;
        this.use(instruction.index);
        this.use(instruction.value);
        return;
      case "fill":
        if (this.arrays.has(instruction.array)) this.use(instruction.value);
        return;
      case "call":
        if (!this.matters(instruction)) return;
        for (const argument of instruction.args) {
          if ("array" in argument) {
            this.useArray(argument.array);
            this.use(argument.offset);
          } else this.use(argument);
        }
        return;
      case "if":
        instruction.results.forEach((result, i) => {
          if (!this.values.has(result)) return;
          this.use(instruction.then.yields[i]);
          this.use(instruction.else.yields[i]);
        });
        this.markBlock(instruction.then);
        this.markBlock(instruction.else);
        if (this.matters(instruction)) this.use(instruction.condition);
        return;
      case "for":
      case "while":
        instruction.carried.forEach((carried, i) => {
          if (!this.values.has(instruction.results[i]) && !this.values.has(carried.phi)) return;
          this.use(carried.phi);
          this.use(carried.initial);
          this.use(instruction.body.yields[i]);
        });
        this.markBlock(instruction.body);
        if (instruction.kind === "while") {
          this.markBlock(instruction.condition);
          if (this.matters(instruction)) this.use(instruction.condition.yields[0]);
        } else if (this.matters(instruction)) {
          this.use(instruction.from);
          this.use(instruction.to);
        }
    }
  }

  private matters(instruction: Instruction): boolean {
    switch (instruction.kind) {
      case "let":
      case "load":
        return this.values.has(instruction.result);
      case "store":
      case "accumulate":
      case "fill":
        return this.arrays.has(instruction.array);
      case "call":
        // The host may have its own reasons; a program is there for what it writes.
        return (
          !isProgram(instruction.callee) ||
          arraysOf(instruction).outputs.some((a) => this.arrays.has(a.at.array)) ||
          (instruction.result !== undefined && this.values.has(instruction.result))
        );
      case "if":
        return (
          instruction.results.some((r) => this.values.has(r)) ||
          this.blockMatters(instruction.then) ||
          this.blockMatters(instruction.else)
        );
      case "for":
      case "while":
        return (
          (this.endless && instruction.mayNotEnd === true) ||
          instruction.results.some((r) => this.values.has(r)) ||
          this.blockMatters(instruction.body)
        );
    }
  }

  private blockMatters(block: Block): boolean {
    return block.instructions.some((instruction) => this.matters(instruction));
  }

  prune(block: Block): Block {
    return {
      instructions: block.instructions.filter((i) => this.matters(i)).map((i) => this.pruneInside(i)),
      yields: block.yields,
    };
  }

  private pruneInside(instruction: Instruction): Instruction {
    switch (instruction.kind) {
      case "if": {
        const keep = instruction.results.map((r) => this.values.has(r));
        return {
          ...instruction,
          then: filterYields(this.prune(instruction.then), keep),
          else: filterYields(this.prune(instruction.else), keep),
          results: instruction.results.filter((_, i) => keep[i]),
        };
      }
      case "for":
      case "while": {
        const keep = instruction.carried.map((c, i) => this.values.has(c.phi) || this.values.has(instruction.results[i]));
        const kept = {
          carried: instruction.carried.filter((_, i) => keep[i]),
          body: filterYields(this.prune(instruction.body), keep),
          results: instruction.results.filter((_, i) => keep[i]),
        };
        if (instruction.kind === "for") return { ...instruction, ...kept };
        return { ...instruction, ...kept, condition: this.prune(instruction.condition) };
      }
      default:
        return instruction;
    }
  }
}

function filterYields(block: Block, keep: readonly boolean[]): Block {
  return { instructions: block.instructions, yields: block.yields.filter((_, i) => keep[i]) };
}

function collectArrays(block: Block, used: Set<ArrayDeclaration>): void {
  for (const instruction of block.instructions) {
    if ("array" in instruction) used.add(instruction.array);
    if (instruction.kind === "call") for (const argument of instruction.args) if ("array" in argument) used.add(argument.array);
    if (instruction.kind === "if") [instruction.then, instruction.else].forEach((b) => collectArrays(b, used));
    if (instruction.kind === "for" || instruction.kind === "while") collectArrays(instruction.body, used);
    if (instruction.kind === "while") collectArrays(instruction.condition, used);
  }
}

/** Every program that a program calls, callees before callers, itself last. */
export function calleesOf(program: Program, seen: Set<Program> = new Set()): Program[] {
  if (seen.has(program)) return [];
  seen.add(program);
  const found: Program[] = [];
  const visit = (block: Block): void => {
    for (const instruction of block.instructions) {
      if (instruction.kind === "call" && isProgram(instruction.callee)) found.push(...calleesOf(instruction.callee, seen));
      if (instruction.kind === "if") [instruction.then, instruction.else].forEach(visit);
      if (instruction.kind === "for" || instruction.kind === "while") visit(instruction.body);
      if (instruction.kind === "while") visit(instruction.condition);
    }
  };
  visit(program.body);
  return [...found, program];
}
