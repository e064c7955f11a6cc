/** Programs as C, so that the competitors solve exactly what is solved here, by right-hand sides and Jacobians that a C compiler optimises. */
import {
  isProgram,
  type ArrayDeclaration,
  type Block,
  type Carried,
  type External,
  type Instruction,
  type Program,
  type Value,
} from "../../src/ir/ir.ts";
import { scalarOperations, type ScalarOperationName } from "../../src/ir/scalar-operations.ts";

/** What is called otherwise in C than in JavaScript, or means something else there. */
const inC: { readonly [Name in ScalarOperationName]?: (...args: string[]) => string } = {
  rem: (a, b) => `fmod(${a}, ${b})`,
  min: (a, b) => `fmin(${a}, ${b})`,
  max: (a, b) => `fmax(${a}, ${b})`,
  abs: (a) => `fabs(${a})`,
  sign: (a) => `(double)((${a} > 0) - (${a} < 0))`,
  round: (a) => `floor(${a} + 0.5)`,
  fround: (a) => `(double)(float)${a}`,
  finite: (a) => `isfinite(${a})`,
  eq: (a, b) => `(${a} == ${b})`,
  ne: (a, b) => `(${a} != ${b})`,
  "i32.add": (a, b) => `(${a} + ${b})`,
  "i32.sub": (a, b) => `(${a} - ${b})`,
  "i32.mul": (a, b) => `(${a} * ${b})`,
  "i32.div": (a, b) => `(${a} / ${b})`,
  "i32.rem": (a, b) => `(${a} % ${b})`,
  "i32.clz": (a) => `(${a} ? __builtin_clz(${a}) : 32)`,
  "i32.eq": (a, b) => `(${a} == ${b})`,
  "i32.ne": (a, b) => `(${a} != ${b})`,
  "f64.from_i32": (a) => `(double)${a}`,
  "i32.from_f64": (a) => `(int)${a}`,
  "i32.wrap_f64": (a) => `(int)${a}`,
};

const types = { f64: "double", i32: "int", bool: "int" } as const;

/** Functions by these names, whose parameters are those of the programs, arrays as pointers. */
export function cSource(programs: Readonly<Record<string, Program>>): string {
  const source = new CSource();
  for (const [name, program] of Object.entries(programs)) source.function(program, name);
  return ["#include <math.h>", ...source.lines].join("\n");
}

class CSource {
  readonly lines: string[] = [];
  private readonly names = new Map<Program, string>();

  function(program: Program, name: string): string {
    const known = this.names.get(program);
    // What another program calls has a name of its own.
    if (known !== undefined && name === "") return known;
    const own = name || `program${this.names.size}`;
    const body = new CFunction((callee) => this.callee(callee)).of(program);
    const parameters = program.parameters.map((parameter) =>
      parameter.kind === "scalar"
        ? `${types[parameter.value.type]} ${nameOf(parameter.value)}`
        : `${types[parameter.array.element]} *restrict a${parameter.array.id}`,
    );
    const type = program.result ? types[program.result.type] : "void";
    const isOwn = name === "" ? "static " : "";
    this.lines.push(`${isOwn}${type} ${own}(${parameters.join(", ")}) {`, ...body, "}");
    this.names.set(program, own);
    return own;
  }

  private callee(callee: Program | External): string {
    if (isProgram(callee)) return this.function(callee, "");
    throw new TypeError(`${callee.name} is a function of the host, which C cannot call`);
  }
}

function nameOf(value: Value): string {
  return `v${value.id}`;
}

class CFunction {
  private readonly lines: string[] = [];

  constructor(private readonly callee: (callee: Program | External) => string) {}

  of(program: Program): string[] {
    for (const array of program.arrays) this.declare(array);
    this.block(program.body);
    if (program.result) this.lines.push(`return ${text(program.result)};`);
    return this.lines;
  }

  private declare({ id, role, element, size, data }: ArrayDeclaration): void {
    if (role === "local") this.lines.push(`static ${types[element]} a${id}[${Math.max(1, size)}];`);
    if (role !== "constant") return;
    const numbers = Array.from(data!, (x) => number(x, element));
    this.lines.push(`static const ${types[element]} a${id}[] = {${numbers.join(", ")}};`);
  }

  private block(block: Block): void {
    for (const instruction of block.instructions) this.instruction(instruction);
  }

  private define(value: Value, expression: string): void {
    this.lines.push(`const ${types[value.type]} ${nameOf(value)} = ${expression};`);
  }

  private instruction(i: Instruction): void {
    const { lines } = this;
    switch (i.kind) {
      case "let": {
        const write = inC[i.operation] ?? scalarOperations[i.operation].javascript;
        return this.define(i.result, write(...i.args.map(text)).replace(/^Math\./, ""));
      }
      case "load":
        return this.define(i.result, `a${i.array.id}[${text(i.index)}]`);
      case "store":
      case "accumulate":
        lines.push(`a${i.array.id}[${text(i.index)}] ${i.kind === "store" ? "=" : "+="} ${text(i.value)};`);
        return;
      case "fill":
        lines.push(`for (int k = 0; k < ${i.array.size}; k++) a${i.array.id}[k] = ${text(i.value)};`);
        return;
      case "call": {
        const args = i.args.map((arg) =>
          "array" in arg ? `(${types[arg.array.element]} *)a${arg.array.id} + ${text(arg.offset)}` : text(arg),
        );
        const call = `${this.callee(i.callee)}(${args.join(", ")})`;
        return i.result ? this.define(i.result, call) : void lines.push(`${call};`);
      }
      case "if": {
        for (const result of i.results) lines.push(`${types[result.type]} ${nameOf(result)};`);
        const branch = (block: Block): void => {
          this.block(block);
          i.results.forEach((result, k) => lines.push(`${nameOf(result)} = ${text(block.yields[k])};`));
        };
        lines.push(`if (${text(i.condition)}) {`);
        branch(i.then);
        lines.push("} else {");
        branch(i.else);
        lines.push("}");
        return;
      }
      case "for": {
        const index = nameOf(i.index);
        this.enter(i.carried);
        lines.push(
          `for (int ${index} = ${text(i.from)}; ${index} ${i.step > 0 ? "<" : ">"} ${text(i.to)}; ${index} += ${i.step}) {`,
        );
        return this.loop(i);
      }
      case "while":
        this.enter(i.carried);
        lines.push("for (;;) {");
        this.block(i.condition);
        lines.push(`if (!${text(i.condition.yields[0])}) break;`);
        return this.loop(i);
    }
  }

  private enter(carried: readonly Carried[]): void {
    for (const { phi, initial } of carried) this.lines.push(`${types[phi.type]} ${nameOf(phi)} = ${text(initial)};`);
  }

  /** All next values at once: one may be another one's present value. */
  private loop({ carried, body, results }: Extract<Instruction, { kind: "for" | "while" }>): void {
    this.block(body);
    carried.forEach(({ phi }, k) => this.lines.push(`const ${types[phi.type]} next_${nameOf(phi)} = ${text(body.yields[k])};`));
    for (const { phi } of carried) this.lines.push(`${nameOf(phi)} = next_${nameOf(phi)};`);
    this.lines.push("}");
    results.forEach((result, k) => this.define(result, nameOf(carried[k].phi)));
  }
}

function text(value: Value): string {
  return value.constant === undefined ? nameOf(value) : number(Number(value.constant), value.type);
}

function number(x: number, type: keyof typeof types): string {
  if (type !== "f64") return `(${x})`;
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NAN" : x > 0 ? "INFINITY" : "(-INFINITY)";
  const digits = Object.is(x, -0) ? "-0" : String(x);
  return `(${/[.e]/.test(digits) ? digits : `${digits}.0`})`;
}
