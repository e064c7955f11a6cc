/**
 * A program as JavaScript text: the body of a factory over `F` and `I`, the f64 and i32 views of the arena, and the base
 * indices of the program's own arrays. Values are `const`; a pure value used once, in its own block, is written where it is used.
 */
import {
  blocksOf,
  operandsOf,
  walk,
  type ArrayDeclaration,
  type Block,
  type Carried,
  type External,
  type For,
  type Instruction,
  type Program,
  type Value,
  type While,
} from "../../ir/ir.ts";
import { MOST_OPERATIONS, operationsOfIteration, outOfBudget } from "../../ir/budget.ts";
import { lower } from "../../passes/lower.ts";
import { scalarOperations } from "../../ir/scalar-operations.ts";
import { comment, literal, shift } from "./text.ts";

export interface Emitted {
  readonly source: string;
  /** Locals and constants, in the order of the factory's `bases`. */
  readonly statics: readonly ArrayDeclaration[];
  /** In the order of the factory's `callees`. */
  readonly callees: readonly (Program | External)[];
}

/** Engines parse nested expressions by recursion; a long sum must not become one of a thousand parentheses. */
const DEEPEST_EXPRESSION = 24;

interface Expression {
  readonly text: string;
  readonly depth: number;
  /** Reads an array that may change: it has to be evaluated before the next write. */
  readonly reads: boolean;
}

export function emit(program: Program): Emitted {
  return new Emitter(lower(program)).emitted;
}

class Emitter {
  readonly emitted: Emitted;
  private readonly lines: string[] = [];
  private readonly uses = new Map<Value, number>();
  private readonly names = new Map<Value, string>();
  private readonly bases = new Map<ArrayDeclaration, string>();
  private readonly callees: (Program | External)[] = [];
  /** Values not yet written down, for the one place that uses them. */
  private pending = new Map<Value, Expression>();
  private indent = "  ";
  private readonly name: string;
  /** The variable that counts the operations of loops that may not end, within one. */
  private spent: string | undefined;

  constructor(program: Program) {
    this.name = program.name;
    this.countUses(program);
    const statics = program.arrays.filter((array) => array.role === "local" || array.role === "constant");
    const head = ['"use strict";'];
    statics.forEach((array, i) => {
      this.bases.set(array, `a${array.id}`);
      head.push(`const a${array.id} = bases[${i}]; // ${comment(array)}`);
    });
    const parameters = program.parameters.map((parameter) => {
      if (parameter.kind === "scalar") return this.nameOf(parameter.value);
      const { array } = parameter;
      this.bases.set(array, `a${array.id}`);
      this.lines.push(`  const a${array.id} = p${array.id} >> ${shift(array)}; // ${comment(array)}`);
      return `p${array.id}`;
    });
    this.instructions(program.body, program.result);
    if (program.result) {
      const result = this.use(program.result).text;
      this.lines.push(`  return ${program.result.type === "bool" ? `${result} ? 1 : 0` : result};`);
    }
    this.callees.forEach((_, i) => head.push(`const c${i} = callees[${i}];`));
    const name = program.name.replace(/[^A-Za-z0-9_]/g, "_");
    const source = [...head, `return function _${name}(${parameters.join(", ")}) {`, ...this.lines, "};"].join("\n");
    this.emitted = { source, statics, callees: this.callees };
  }

  private countUses(program: Program): void {
    const count = (value: Value): void => void this.uses.set(value, (this.uses.get(value) ?? 0) + 1);
    const countYields = (block: Block): void => block.yields.forEach(count);
    for (const instruction of walk(program.body)) {
      operandsOf(instruction).forEach(count);
      blocksOf(instruction).forEach(countYields);
      // The bound is evaluated in every iteration, so it gets a name of its own.
      if (instruction.kind === "for") count(instruction.to);
    }
    countYields(program.body);
    if (program.result) count(program.result);
  }

  private line(text: string): void {
    this.lines.push(this.indent + text);
  }

  private nameOf(value: Value): string {
    let name = this.names.get(value);
    if (!name) this.names.set(value, (name = `${{ f64: "x", i32: "i", bool: "b" }[value.type]}${value.id}`));
    return name;
  }

  /** The value as an expression; one that was waiting for this use is used up. */
  private use(value: Value): Expression {
    if (value.constant !== undefined) return { text: literal(value), depth: 0, reads: false };
    const expression = this.pending.get(value);
    if (!expression) return { text: this.nameOf(value), depth: 0, reads: false };
    this.pending.delete(value);
    return expression;
  }

  /** Writes down every waiting value that reads memory: what follows may write there. */
  private settle(): void {
    for (const [value, expression] of this.pending) {
      if (!expression.reads) continue;
      this.pending.delete(value);
      this.line(`const ${this.nameOf(value)} = ${expression.text};`);
    }
  }

  private define(value: Value, expression: Expression, usedHere: ReadonlySet<Value>): void {
    const uses = this.uses.get(value) ?? 0;
    if (uses === 1 && usedHere.has(value) && expression.depth < DEEPEST_EXPRESSION) this.pending.set(value, expression);
    else if (uses > 0) this.line(`const ${this.nameOf(value)} = ${expression.text};`);
  }

  private element(array: ArrayDeclaration, index: Value): Expression {
    const { text, depth, reads } = this.use(index);
    const view = array.element === "f64" ? "F" : "I";
    const base = this.bases.get(array)!;
    const at = text === "0" ? base : `${base} + ${text}`;
    return { text: `${view}[${at}]`, depth: depth + 1, reads: reads || (array.role !== "constant" && array.role !== "input") };
  }

  private block(block: Block, end: () => void): void {
    const outer = this.pending;
    this.pending = new Map();
    this.indent += "  ";
    this.instructions(block);
    end();
    this.indent = this.indent.slice(2);
    this.pending = outer;
  }

  private instructions(block: Block, result?: Value): void {
    const usedHere = new Set([...block.instructions.flatMap(operandsOf), ...block.yields]);
    if (result) usedHere.add(result);
    for (const instruction of block.instructions) this.instruction(instruction, usedHere);
  }

  private instruction(i: Instruction, usedHere: ReadonlySet<Value>): void {
    switch (i.kind) {
      case "let": {
        const args = i.args.map((arg) => this.use(arg));
        const text = scalarOperations[i.operation].javascript(...args.map((arg) => arg.text));
        this.define(
          i.result,
          { text, depth: 1 + Math.max(...args.map((a) => a.depth)), reads: args.some((a) => a.reads) },
          usedHere,
        );
        return;
      }
      case "load":
        this.define(i.result, this.element(i.array, i.index), usedHere);
        return;
      case "store":
      case "accumulate": {
        const text = `${this.element(i.array, i.index).text} ${i.kind === "store" ? "=" : "+="} ${this.use(i.value).text};`;
        this.settle();
        this.line(text);
        return;
      }
      case "fill": {
        const value = this.use(i.value).text;
        this.settle();
        const base = this.bases.get(i.array)!;
        this.line(`${i.array.element === "f64" ? "F" : "I"}.fill(${value}, ${base}, ${base} + ${i.array.size});`);
        return;
      }
      case "call":
        this.call(i);
        return;
      case "if":
        this.if(i);
        return;
      case "for":
      case "while": {
        const { spent } = this;
        if (i.mayNotEnd && !spent) this.line(`let ${(this.spent = `spent${this.lines.length}`)} = 0;`);
        if (i.kind === "for") this.for(i);
        else this.while(i);
        this.spent = spent;
      }
    }
  }

  private for(i: For): void {
    let from = this.use(i.from).text;
    this.enter(i.carried);
    const index = this.nameOf(i.index);
    const to = this.use(i.to).text;
    if (i.mayNotEnd) {
      this.line(`const from_${index} = ${from};`);
      from = `from_${index}`;
      this.spend(i, `Math.max(0, (${to} - ${from}) * ${operationsOfIteration(i) / i.step})`);
    }
    this.line(`for (let ${index} = ${from}; ${index} ${i.step > 0 ? "<" : ">"} ${to}; ${index} += ${i.step}) {`);
    this.loop(i);
  }

  private while(i: While): void {
    this.enter(i.carried);
    this.line("for (;;) {");
    this.block(i.condition, () => this.line(`if (!${this.use(i.condition.yields[0]).text}) break;`));
    if (i.mayNotEnd) this.spend(i, String(operationsOfIteration(i)));
    this.loop(i);
  }

  /** Takes operations from the budget. */
  private spend(i: For | While, operations: string): void {
    const over = this.callees.push(outOfBudget(i, this.name)) - 1;
    this.line(`if ((${this.spent} += ${operations}) > ${MOST_OPERATIONS}) c${over}();`);
  }

  /** Declares what a loop carries. The phis keep their last values, so they also stand for the results. */
  private enter(carried: readonly Carried[]): void {
    const initial = carried.map((c) => this.use(c.initial).text);
    this.settle();
    carried.forEach((c, k) => this.line(`let ${this.nameOf(c.phi)} = ${initial[k]};`));
  }

  private loop(i: For | While): void {
    const { carried, body } = i;
    this.block(body, () => {
      const changed = carried.map((c, k) => ({ phi: c.phi, next: body.yields[k] })).filter(({ phi, next }) => phi !== next);
      const texts = changed.map(({ next }) => this.use(next).text);
      if (changed.length === 1) this.line(`${this.nameOf(changed[0].phi)} = ${texts[0]};`);
      else {
        // All at once: a next value may be another one's present value.
        changed.forEach(({ phi }, k) => this.line(`const next_${this.nameOf(phi)} = ${texts[k]};`));
        changed.forEach(({ phi }) => this.line(`${this.nameOf(phi)} = next_${this.nameOf(phi)};`));
      }
    });
    this.line("}");
    i.results.forEach((result, k) => this.names.set(result, this.nameOf(carried[k].phi)));
  }

  private if(i: Extract<Instruction, { kind: "if" }>): void {
    const condition = this.use(i.condition).text;
    this.settle();
    const used = i.results.map((result) => (this.uses.get(result) ?? 0) > 0);
    const names = i.results.filter((_, k) => used[k]).map((result) => this.nameOf(result));
    if (names.length) this.line(`let ${names.join(", ")};`);
    const branch = (block: Block): void =>
      this.block(block, () => {
        i.results.forEach((result, k) => {
          if (used[k]) this.line(`${this.nameOf(result)} = ${this.use(block.yields[k]).text};`);
        });
      });
    this.line(`if (${condition}) {`);
    branch(i.then);
    if (i.else.instructions.length || names.length) {
      this.line("} else {");
      branch(i.else);
    }
    this.line("}");
  }

  private call(i: Extract<Instruction, { kind: "call" }>): void {
    const args = i.args.map((argument) => {
      if (!("array" in argument)) return this.use(argument).text;
      const base = this.bases.get(argument.array)!;
      const offset = this.use(argument.offset).text;
      return `${offset === "0" ? base : `(${base} + ${offset})`} << ${shift(argument.array)}`;
    });
    this.settle();
    if (!this.callees.includes(i.callee)) this.callees.push(i.callee);
    const call = `c${this.callees.indexOf(i.callee)}(${args.join(", ")})`;
    this.line(i.result && this.uses.has(i.result) ? `const ${this.nameOf(i.result)} = ${call};` : `${call};`);
  }
}
