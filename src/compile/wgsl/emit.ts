/**
 * A program as a WGSL compute shader: one invocation a trajectory. What trajectories have of their own lies interleaved in
 * one buffer, element i of trajectory m at i * stride + m, so that neighbouring invocations read neighbouring elements. What they
 * share, and constants, lie in another, as bits.
 */
import { CannotBatch, InternalError } from "../../core/errors.ts";
import { mayNotEnd, MOST_OPERATIONS_ON_GPU, operationsOfIteration } from "../../ir/budget.ts";
import type { SourceLocation } from "../../core/source-location.ts";
import type { ArrayDeclaration, Block, Carried, For, Instruction, Program, ScalarType, Value, While } from "../../ir/ir.ts";
import { single, type ShaderNumbers } from "./numbers.ts";

/** Invocations that run together: of each kind of GPU a multiple of what its units run in step (8 to 64), and no more than any device allows. */
export const WORKGROUP = 64;

/** A list of trajectories, as it is dispatched indirectly: the first three numbers are workgroups. */
export const LISTED =
  "struct List { groups: u32, one: u32, other: u32, count: u32, met: u32, a: u32, b: u32, c: u32, members: array<u32> }";

/** Where the arrays of a shader lie, in elements. */
export interface Shader {
  readonly source: string;
  /** Own parameters, and local arrays too large for registers. */
  readonly own: ReadonlyMap<ArrayDeclaration, number>;
  readonly ownSize: number;
  /** Shared parameters and constants, in words of 32 bits. */
  readonly common: ReadonlyMap<ArrayDeclaration, number>;
  readonly commonSize: number;
  /** Loops that may not end, and where a trajectory has the number of the one whose budget was over, the first being 1. */
  readonly endless: readonly (For | While)[];
  readonly met: number | undefined;
  /** By line of the source (the first is 1): what of the user's text it comes from. */
  readonly lines: readonly (SourceLocation | undefined)[];
}

/** Bytes of a local array that an invocation keeps to itself; larger ones go into the buffer. */
const LARGEST_PRIVATE = 1024;
/** Of all of them, half of what WGSL promises a function: the rest is for its scalars. */
const MOST_PRIVATE = 4096;

export interface ShaderOptions {
  readonly numbers?: ShaderNumbers;
  /** The trajectories are those of a {@link LISTED} list; otherwise all. */
  readonly listed?: boolean;
}

/** Throws {@link CannotBatch} for constants that f32 cannot hold. */
export function emitWgsl(program: Program, shared: ReadonlySet<string>, options: ShaderOptions = {}): Shader {
  return new Emitter(program, shared, options).shader();
}

class Emitter {
  private readonly text: string[] = [];
  private readonly sources: (SourceLocation | undefined)[] = [];
  private readonly own = new Map<ArrayDeclaration, number>();
  private readonly common = new Map<ArrayDeclaration, number>();
  private ownSize = 0;
  private commonSize = 0;
  private met: number | undefined;
  private source: SourceLocation | undefined;
  private indent = "  ";
  private readonly endless: (For | While)[] = [];
  private isCounting = false;
  private readonly numbers: ShaderNumbers;
  private readonly listed: boolean;
  private readonly types: Readonly<Record<ScalarType, string>>;

  constructor(
    private readonly program: Program,
    shared: ReadonlySet<string>,
    { numbers = single, listed = false }: ShaderOptions,
  ) {
    this.numbers = numbers;
    this.listed = listed;
    this.types = { f64: numbers.type, i32: "i32", bool: "bool" };
    let kept = 0;
    for (const array of program.arrays) {
      const bytes = 4 * this.wordsOf(array) * array.size;
      if (array.role === "constant" || shared.has(array.name)) {
        this.common.set(array, this.commonSize);
        this.commonSize += bytes / 4;
      } else if (
        array.role === "local" &&
        (array.element !== "f64" || (bytes <= LARGEST_PRIVATE && kept + bytes <= MOST_PRIVATE))
      ) {
        kept += bytes;
      } else {
        this.own.set(array, this.ownSize);
        this.ownSize += array.size;
      }
    }
    if (mayNotEnd(program)) this.met = this.ownSize++;
  }

  private wordsOf({ element }: ArrayDeclaration): 1 | 2 {
    return element === "f64" ? this.numbers.words : 1;
  }

  shader(): Shader {
    const { program, own, ownSize, common, commonSize, endless, met, numbers, listed } = this;
    const head = [
      "struct Batch { count: u32, infinity: u32, undefined: u32, nothing: u32 }",
      `@group(0) @binding(0) var<storage, read_write> own: array<${numbers.type}>;`,
      "@group(0) @binding(1) var<storage, read> common_: array<u32>;",
      "@group(0) @binding(2) var<uniform> batch: Batch;",
      ...(listed ? [LISTED, "@group(0) @binding(3) var<storage, read> list: List;"] : []),
      ...numbers.functions.trim().split("\n"),
      `@compute @workgroup_size(${WORKGROUP})`,
      "fn main(@builtin(global_invocation_id) id: vec3<u32>) {",
      `  if (id.x >= ${listed ? "list" : "batch"}.count) { return; }`,
      `  let trajectory = i32(${listed ? "list.members[id.x]" : "id.x"});`,
      "  let stride = i32(batch.count);",
      ...numbers.begin,
    ];
    head.forEach((line) => this.text.push(line));
    this.sources.length = head.length;
    for (const array of program.arrays) {
      if (array.role === "local" && !own.has(array))
        this.line(`var a${array.id}: array<${this.types[array.element]}, ${array.size}>;`);
    }
    if (met !== undefined) this.line("var spent = 0u;");
    this.block(program.body);
    this.text.push("}");
    const lines = [undefined, ...this.sources];
    return { source: this.text.join("\n"), own, ownSize, common, commonSize, endless, met, lines };
  }

  private line(text: string): void {
    this.text.push(this.indent + text);
    this.sources.push(this.source);
  }

  private inner(emit: () => void): void {
    const outer = this.indent;
    this.indent += "  ";
    emit();
    this.indent = outer;
  }

  private value(value: Value): string {
    if (value.constant === undefined) return nameOf(value);
    if (value.type !== "f64") return literal(value);
    this.requireSingle(value.constant);
    return this.numbers.literal(value.constant);
  }

  /** Throws {@link CannotBatch} for a number that f32 makes infinite, or zero. */
  private requireSingle(x: number): void {
    const rounded = Math.fround(x);
    if (!Number.isFinite(x) || (Number.isFinite(rounded) && (rounded !== 0 || x === 0))) return;
    throw new CannotBatch(
      `${this.program.name}: the constant ${x}${this.where()} is ${rounded} in the f32 of a GPU, which holds 1.2e-38 to 3.4e38. ` +
        `Scale it, or use device: "cpu".`,
    );
  }

  private where(): string {
    const { source } = this;
    return source ? `, from line ${source.line}, column ${source.column + 1} of it,` : "";
  }

  /** An element as it is read. */
  private element(array: ArrayDeclaration, index: Value): string {
    const common = this.common.get(array);
    if (common === undefined) return this.elementAt(array, this.value(index));
    if (array.element === "i32") return `bitcast<i32>(common_[${sum(this.value(index), common)}])`;
    const { words, ofCommon } = this.numbers;
    return ofCommon(sum(words === 1 ? this.value(index) : `${words} * ${this.value(index)}`, common));
  }

  private elementAt(array: ArrayDeclaration, index: string): string {
    const own = this.own.get(array);
    return own === undefined ? `a${array.id}[${index}]` : `own[(${sum(index, own)}) * stride + trajectory]`;
  }

  private block(block: Block): void {
    for (const instruction of block.instructions) {
      if ("source" in instruction && instruction.source) this.source = instruction.source;
      this.instruction(instruction);
    }
  }

  private instruction(i: Instruction): void {
    switch (i.kind) {
      case "let": {
        const args = i.args.map((arg) => this.value(arg));
        return this.line(`let ${nameOf(i.result)} = ${this.numbers.operation(i.operation)(...args)};`);
      }
      case "load":
        return this.line(`let ${nameOf(i.result)} = ${this.element(i.array, i.index)};`);
      case "store":
        return this.line(`${this.elementAt(i.array, this.value(i.index))} = ${this.value(i.value)};`);
      case "accumulate": {
        const element = this.elementAt(i.array, this.value(i.index));
        return this.line(`${element} = ${this.numbers.operation("add")(element, this.value(i.value))};`);
      }
      case "fill": {
        const { id, size } = i.array;
        return this.line(
          `for (var f${id} = 0; f${id} < ${size}; f${id}++) { ${this.elementAt(i.array, `f${id}`)} = ${this.value(i.value)}; }`,
        );
      }
      case "if": {
        for (const result of i.results) this.line(`var ${nameOf(result)}: ${this.types[result.type]};`);
        const branch = (block: Block): void =>
          this.inner(() => {
            this.block(block);
            i.results.forEach((result, k) => this.line(`${nameOf(result)} = ${this.value(block.yields[k])};`));
          });
        this.line(`if (${this.value(i.condition)}) {`);
        branch(i.then);
        this.line("} else {");
        branch(i.else);
        return this.line("}");
      }
      case "for":
      case "while":
        return this.loop(i);
      case "call":
        throw new InternalError(`wgsl: a call of ${i.callee.name} was not inlined`);
    }
  }

  private loop(i: For | While): void {
    const outer = this.isCounting;
    // Once it was over, it stays so: what follows is not looked at.
    if (i.mayNotEnd && !outer) this.line(`spent = select(spent, 0u, spent <= ${MOST_OPERATIONS_ON_GPU}u);`);
    this.isCounting ||= i.mayNotEnd === true;
    this.enter(i.carried);
    if (i.kind === "for") {
      const index = nameOf(i.index);
      const test = `${index} ${i.step > 0 ? "<" : ">"} ${this.value(i.to)}`;
      this.line(`for (var ${index} = ${this.value(i.from)}; ${test}; ${index} += ${i.step}) {`);
    } else this.line("loop {");
    this.inner(() => {
      if (i.kind === "while") {
        this.block(i.condition);
        this.line(`if (!${this.value(i.condition.yields[0])}) { break; }`);
      }
      if (i.mayNotEnd) this.spend(i);
      this.iteration(i.carried, i.body);
    });
    this.line("}");
    this.leave(i.carried, i.results);
    this.isCounting = outer;
  }

  /** Takes an iteration's operations from the budget, and leaves the loop where that is over. */
  private spend(loop: For | While): void {
    const met = `own[${this.met} * stride + trajectory]`;
    this.line(`spent += ${Math.min(operationsOfIteration(loop), MOST_OPERATIONS_ON_GPU)}u;`);
    this.line(`if (spent > ${MOST_OPERATIONS_ON_GPU}u) { ${met} = ${this.numbers.literal(this.endless.push(loop))}; break; }`);
  }

  private enter(carried: readonly Carried[]): void {
    for (const { phi, initial } of carried) this.line(`var ${nameOf(phi)}: ${this.types[phi.type]} = ${this.value(initial)};`);
  }

  /** All next values are read before the first phi is written. */
  private iteration(carried: readonly Carried[], body: Block): void {
    this.block(body);
    const changed = carried.map(({ phi }, k) => [phi, body.yields[k]] as const).filter(([phi, next]) => phi !== next);
    for (const [phi, next] of changed) this.line(`let n${phi.id} = ${this.value(next)};`);
    for (const [phi] of changed) this.line(`${nameOf(phi)} = n${phi.id};`);
  }

  private leave(carried: readonly Carried[], results: readonly Value[]): void {
    results.forEach((result, k) => this.line(`let ${nameOf(result)} = ${nameOf(carried[k].phi)};`));
  }
}

function nameOf(value: Value): string {
  return `x${value.id}`;
}

function sum(index: string, offset: number): string {
  return offset === 0 ? index : `${index} + ${offset}`;
}

function literal({ type, constant }: Value): string {
  const x = constant!;
  if (type === "bool") return x ? "true" : "false";
  return x < 0 ? `(${x})` : String(x);
}
