/** What both modes ask of programs that carry their own derivatives. */
import type { Builder } from "../ir/builder.ts";
import { walk, type ArrayArgument, type Program } from "../ir/ir.ts";

/** May a call of the program stay a call? Yes where it has the rule, or nothing to derive. */
export function hasRule(callee: Program, mode: "jvp" | "vjp"): boolean {
  const { parameters, rules } = callee;
  if (!rules) return false;
  return (
    rules[mode] !== undefined ||
    parameters.every((p) => p.kind === "array" && (p.array.role === "input" || rules.inert.includes(p.array.name)))
  );
}

/** Does a program read an array, or hand it on? */
export function mentions(program: Program, name: string): boolean {
  for (const i of walk(program.body)) {
    if (i.kind === "load" && i.array.name === name) return true;
    if (i.kind === "call" && i.args.some((a) => "array" in a && a.array.name === name)) return true;
  }
  return false;
}

/** Fills a stretch of an array with zeros. */
export function zero(b: Builder, { array, offset }: ArrayArgument, size: number): void {
  if (size === array.size) return b.fill(array, b.f64(0));
  b.for(b.i32(0), b.i32(size), 1, [], (i) => (b.store(array, b.operation("i32.add", offset, i), b.f64(0)), []));
}

/** Copies a stretch of an array to another. */
export function copyStretch(b: Builder, from: ArrayArgument, to: ArrayArgument, size: number): void {
  b.for(b.i32(0), b.i32(size), 1, [], (i) => {
    b.store(to.array, b.operation("i32.add", to.offset, i), b.load(from.array, b.operation("i32.add", from.offset, i)));
    return [];
  });
}
