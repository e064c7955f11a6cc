/**
 * Re-emits instructions into a builder under a substitution of values and arrays: programs are inlined and loop bodies
 * repeated this way, and what has become constant or known folds while it is built.
 */
import { InternalError } from "../core/errors.ts";
import { Builder } from "./builder.ts";
import type { ArrayArgument, ArrayDeclaration, Block, Call, Instruction, Program, Value } from "./ir.ts";

export class Clone {
  readonly values = new Map<Value, Value>();
  /** What stands for an array: a stretch of another one. */
  readonly arrays = new Map<ArrayDeclaration, ArrayArgument>();

  constructor(protected readonly b: Builder) {}

  value(value: Value): Value {
    if (value.constant !== undefined) {
      if (value.type === "bool") return this.b.bool(value.constant !== 0);
      return value.type === "i32" ? this.b.i32(value.constant) : this.b.f64(value.constant);
    }
    const mapped = this.values.get(value);
    if (!mapped) throw new InternalError(`clone: value ${value.id} is not defined yet`);
    return mapped;
  }

  /** The instructions of a block; returns what it yields. */
  block(block: Block): Value[] {
    for (const instruction of block.instructions) this.instruction(instruction);
    return block.yields.map((value) => this.value(value));
  }

  instruction(i: Instruction): void {
    const { b } = this;
    b.source = "source" in i ? i.source : undefined;
    switch (i.kind) {
      case "let":
        this.values.set(i.result, b.operation(i.operation, ...i.args.map((arg) => this.value(arg))));
        return;
      case "load": {
        const { array, offset } = this.array(i.array);
        this.values.set(i.result, b.load(array, this.at(offset, i.index)));
        return;
      }
      case "store":
      case "accumulate": {
        const { array, offset } = this.array(i.array);
        b[i.kind](array, this.at(offset, i.index), this.value(i.value));
        return;
      }
      case "fill":
        this.fill(i.array, this.value(i.value));
        return;
      case "if": {
        const branches = [i.then, i.else].map((block) => () => this.block(block));
        this.bind(i.results, b.if(this.value(i.condition), branches[0], branches[1]));
        return;
      }
      case "for": {
        const initial = i.carried.map((c) => this.value(c.initial));
        const body = (index: Value, carried: readonly Value[]): Value[] => {
          this.values.set(i.index, index);
          this.bindPhis(i, carried);
          return this.block(i.body);
        };
        const results = b.for(this.value(i.from), this.value(i.to), i.step, initial, body, i.mayNotEnd);
        this.bind(i.results, results);
        return;
      }
      case "while": {
        const initial = i.carried.map((c) => this.value(c.initial));
        const condition = (carried: readonly Value[]): Value => {
          this.bindPhis(i, carried);
          return this.block(i.condition)[0];
        };
        const body = (carried: readonly Value[]): Value[] => {
          this.bindPhis(i, carried);
          return this.block(i.body);
        };
        const intervals = i.carried.map((c) => [c.phi.min, c.phi.max] as const);
        this.bind(i.results, b.while(initial, condition, body, intervals, i.mayNotEnd));
        return;
      }
      case "call": {
        const result = b.call(i.callee, this.callArguments(i));
        if (i.result && result) this.values.set(i.result, result);
      }
    }
  }

  protected callArguments(i: Call): (ArrayArgument | Value)[] {
    return i.args.map((arg) => {
      if (!("array" in arg)) return this.value(arg);
      const { array, offset } = this.array(arg.array);
      return { array, offset: this.at(offset, arg.offset) };
    });
  }

  private array(array: ArrayDeclaration): ArrayArgument {
    const mapped = this.arrays.get(array);
    if (!mapped) throw new InternalError(`clone: nothing stands for the array ${array.name}`);
    return mapped;
  }

  private at(offset: Value, index: Value): Value {
    return this.b.operation("i32.add", offset, this.value(index));
  }

  private fill(declaration: ArrayDeclaration, value: Value): void {
    const { b } = this;
    const { array, offset } = this.array(declaration);
    if (array.size === declaration.size) return b.fill(array, value);
    b.for(b.i32(0), b.i32(declaration.size), 1, [], (index) => {
      b.store(array, b.operation("i32.add", offset, index), value);
      return [];
    });
  }

  private bindPhis(i: Extract<Instruction, { kind: "for" | "while" }>, carried: readonly Value[]): void {
    this.bind(
      i.carried.map((c) => c.phi),
      carried,
    );
  }

  private bind(from: readonly Value[], to: readonly Value[]): void {
    from.forEach((value, k) => this.values.set(value, to[k]));
  }
}

/** Puts the body of a program in the place of a call of it. Takes what `Builder.call` takes and returns what it returns. */
export function inline(
  b: Builder,
  program: Program,
  args: readonly (ArrayArgument | Value)[],
  clone = new Clone(b),
): Value | undefined {
  program.parameters.forEach((parameter, i) => {
    const arg = args[i];
    if (parameter.kind === "array") clone.arrays.set(parameter.array, arg as ArrayArgument);
    else clone.values.set(parameter.value, arg as Value);
  });
  for (const array of program.arrays) {
    if (array.role === "local")
      clone.arrays.set(array, { array: b.localArray(array.name, array.size, array.element), offset: b.i32(0) });
    if (array.role === "constant") clone.arrays.set(array, { array: b.constantArray(array.name, array.data!), offset: b.i32(0) });
  }
  clone.block(program.body);
  return program.result && clone.value(program.result);
}

/** The same program, re-emitted by a clone that changes it meanwhile. */
export function rebuild(program: Program, makeClone: (b: Builder) => Clone): Program {
  const b = new Builder(program.name);
  const args = parametersOf(b, program);
  return b.finish(inline(b, program, args, makeClone(b)));
}

/** Gives a program that is built the parameters of another one, and returns them as arguments for that. */
export function parametersOf(b: Builder, program: Program): (ArrayArgument | Value)[] {
  return program.parameters.map((parameter): ArrayArgument | Value => {
    if (parameter.kind === "scalar")
      return b.scalarParameter(parameter.name, parameter.value.type, parameter.value.min, parameter.value.max);
    const { name, size, role, element } = parameter.array;
    return { array: b.arrayParameter(name, size, role as "input" | "output" | "inout", element), offset: b.i32(0) };
  });
}
