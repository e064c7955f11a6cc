/**
 * Runs a program one instruction at a time: slowly, and with someone looking on. For finding out where something failed;
 * everything else is compiled. What is out of bounds is as in JavaScript: undefined when read, NaN in arithmetic; writes are lost.
 * Throws EndlessLoop where a loop takes longer than anybody would look on.
 */
import {
  isProgram,
  type Accumulate,
  type ArrayArgument,
  type ArrayDeclaration,
  type Call,
  type For,
  type If,
  type Instruction,
  type Let,
  type Load,
  type Program,
  type Store,
  type Value,
  type While,
} from "./ir.ts";
import { MOST_OPERATIONS_INTERPRETED, operationsOfIteration, outOfBudget } from "./budget.ts";
import { Evaluator } from "./evaluator.ts";
import { scalarOperations } from "./scalar-operations.ts";

export interface Observer {
  operation(instruction: Let, args: readonly number[], result: number): void;
  access(instruction: Load | Store | Accumulate, index: number): void;
}

/** One argument a parameter; outputs are written. Functions of the host are not called: what they would write stays. */
export function interpret(program: Program, args: readonly (Float64Array | number)[], observer: Observer): number | undefined {
  return new Interpreter(observer).run(program, args);
}

type Memory = Float64Array | Int32Array;

class Interpreter extends Evaluator<number> {
  private readonly memory = new Map<ArrayDeclaration, Memory>();

  private spent = 0;
  private name = "";

  constructor(private readonly observer: Observer) {
    super();
  }

  run(program: Program, args: readonly (Memory | number)[]): number | undefined {
    this.name = program.name;
    program.parameters.forEach((parameter, i) => {
      if (parameter.kind === "array") this.memory.set(parameter.array, args[i] as Memory);
      else this.values.set(parameter.value, args[i] as number);
    });
    for (const array of program.arrays) {
      if (array.role === "constant") this.memory.set(array, array.data!);
      if (array.role === "local")
        this.memory.set(array, array.element === "i32" ? new Int32Array(array.size) : new Float64Array(array.size));
    }
    this.block(program.body);
    return program.result && this.value(program.result);
  }

  protected value(value: Value): number {
    return value.constant ?? this.values.get(value) ?? NaN;
  }

  protected instruction(i: Instruction): void {
    switch (i.kind) {
      case "let": {
        const args = i.args.map((arg) => this.value(arg));
        const result = scalarOperations[i.operation].value(...args);
        this.values.set(i.result, result);
        return this.observer.operation(i, args, result);
      }
      case "load":
        this.values.set(i.result, this.memory.get(i.array)![this.indexOf(i)] ?? NaN);
        return;
      case "store":
        this.memory.get(i.array)![this.indexOf(i)] = this.value(i.value);
        return;
      case "accumulate":
        this.memory.get(i.array)![this.indexOf(i)] += this.value(i.value);
        return;
      case "fill":
        this.memory.get(i.array)!.fill(this.value(i.value));
        return;
      case "if":
        return this.if(i);
      case "for":
        return this.for(i);
      case "while":
        return this.while(i);
      case "call":
        return this.call(i);
    }
  }

  private indexOf(access: Load | Store | Accumulate): number {
    const index = this.value(access.index);
    this.observer.access(access, index);
    return index;
  }

  private if(i: If): void {
    this.bind(i.results, this.block(this.value(i.condition) ? i.then : i.else));
  }

  private for(i: For): void {
    this.enter(i);
    const to = this.value(i.to);
    if (i.mayNotEnd) this.spend(i, Math.max(0, ((to - this.value(i.from)) / i.step) * operationsOfIteration(i)));
    for (let index = this.value(i.from); i.step > 0 ? index < to : index > to; index += i.step) {
      this.values.set(i.index, index);
      this.iteration(i);
    }
    this.leave(i);
  }

  private while(i: While): void {
    this.enter(i);
    const operations = operationsOfIteration(i);
    while (this.block(i.condition)[0]) {
      if (i.mayNotEnd) this.spend(i, operations);
      this.iteration(i);
    }
    this.leave(i);
  }

  private spend(loop: For | While, operations: number): void {
    this.spent += operations;
    if (this.spent > MOST_OPERATIONS_INTERPRETED) outOfBudget(loop, this.name, MOST_OPERATIONS_INTERPRETED).call();
  }

  private call({ callee, args, result }: Call): void {
    if (!isProgram(callee)) return;
    const passed = args.map((arg, k) => {
      const parameter = callee.parameters[k];
      return parameter.kind === "array" ? this.stretch(arg as ArrayArgument, parameter.array.size) : this.value(arg as Value);
    });
    const value = new Interpreter(this.observer).run(callee, passed);
    if (result) this.values.set(result, value!);
  }

  private stretch({ array, offset }: ArrayArgument, size: number): Memory {
    const start = this.value(offset);
    return this.memory.get(array)!.subarray(start, start + size);
  }
}
