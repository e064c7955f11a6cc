/** A program as text, for people: one instruction a line, blocks indented. */
import type { ArrayArgument, Block, Instruction, Program, Value } from "./ir.ts";

export function print(program: Program): string {
  const parameters = program.parameters.map((p) =>
    p.kind === "array" ? `${p.array.role} ${p.array.name}[${p.array.size}]` : `${p.name}=${show(p.value)}`,
  );
  const lines = [`program ${program.name}(${parameters.join(", ")})`];
  for (const array of program.arrays) {
    if (array.role === "local" || array.role === "constant")
      lines.push(`  ${array.role} ${array.element} ${array.name}#${array.id}[${array.size}]`);
  }
  printBlock(program.body, "  ", lines);
  if (program.result) lines.push(`  return ${show(program.result)}`);
  return lines.join("\n");
}

function show(value: Value): string {
  if (value.constant !== undefined) return value.type === "bool" ? String(Boolean(value.constant)) : String(value.constant);
  return `${{ f64: "x", i32: "i", bool: "b" }[value.type]}${value.id}`;
}

function list(values: readonly Value[]): string {
  return values.map(show).join(", ");
}

function argument(arg: ArrayArgument | Value): string {
  return "array" in arg ? `&${arg.array.name}[${show(arg.offset)}]` : show(arg);
}

function printBlock(block: Block, indent: string, lines: string[], yields = "yield"): void {
  for (const instruction of block.instructions) printInstruction(instruction, indent, lines);
  if (block.yields.length) lines.push(`${indent}${yields} ${list(block.yields)}`);
}

function printInstruction(i: Instruction, indent: string, lines: string[]): void {
  const inner = `${indent}  `;
  const assigned = "results" in i && i.results.length ? `${list(i.results)} = ` : "";
  switch (i.kind) {
    case "let":
      lines.push(`${indent}${show(i.result)} = ${i.operation}(${list(i.args)})`);
      return;
    case "load":
      lines.push(`${indent}${show(i.result)} = ${i.array.name}[${show(i.index)}]`);
      return;
    case "store":
      lines.push(`${indent}${i.array.name}[${show(i.index)}] = ${show(i.value)}`);
      return;
    case "accumulate":
      lines.push(`${indent}${i.array.name}[${show(i.index)}] += ${show(i.value)}`);
      return;
    case "fill":
      lines.push(`${indent}${i.array.name}[*] = ${show(i.value)}`);
      return;
    case "call":
      lines.push(`${indent}${i.result ? `${show(i.result)} = ` : ""}call ${i.callee.name}(${i.args.map(argument).join(", ")})`);
      return;
    case "if":
      lines.push(`${indent}${assigned}if ${show(i.condition)}`);
      printBlock(i.then, inner, lines);
      if (i.else.instructions.length || i.else.yields.length) {
        lines.push(`${indent}else`);
        printBlock(i.else, inner, lines);
      }
      return;
    case "for": {
      const carried = i.carried.map((c) => `${show(c.phi)} = ${show(c.initial)}`).join(", ");
      lines.push(
        `${indent}${assigned}for ${show(i.index)} = ${show(i.from)} to ${show(i.to)} step ${i.step}${carried && ` carrying ${carried}`}`,
      );
      printBlock(i.body, inner, lines, "next");
      return;
    }
    case "while": {
      const carried = i.carried.map((c) => `${show(c.phi)} = ${show(c.initial)}`).join(", ");
      lines.push(`${indent}${assigned}while${carried && ` carrying ${carried}`}`);
      printBlock(i.condition, inner, lines, "if");
      lines.push(`${indent}do`);
      printBlock(i.body, inner, lines, "next");
    }
  }
}
