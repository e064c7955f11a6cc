/**
 * Right-hand sides in parts, which add up. Their sum keeps them apart by weights in a table, all of them one, so that whatever is made of
 * the sum (derivatives carried along, decisions that are held, an integral beside it) falls into the same parts, by other weights.
 */
import { memo } from "../core/memo.ts";
import { Builder } from "../ir/builder.ts";
import { Clone, inline, rebuild } from "../ir/clone.ts";
import type { ArrayArgument, ArrayDeclaration, Instruction, Program, Value } from "../ir/ir.ts";
import { isTable, makeTable, ownerOf } from "../ir/tables.ts";
import { eliminate } from "./eliminate.ts";

export interface Part {
  readonly name: string;
  /** (output du, input u, input p, scalar t), over stretches of the whole's du and u. */
  readonly program: Program;
  /** Where these begin. */
  readonly du: number;
  readonly u: number;
}

/** What a table of weights is made for. */
class PartNames {
  constructor(readonly names: readonly string[]) {}
}

/** So many components are written out one by one, at most. */
const WRITTEN_OUT = 16;

/** (output du[n], input u[n], input p, scalar t). Parts lie in one stretch of du, or in such that have nothing in common. */
export const sumOfParts = memo(
  (n: number, ...parts: readonly Part[]): Program => {
    const b = new Builder("rhs");
    const du = b.arrayParameter("du", n, "output");
    const [u, p] = [n, sizeOf(parts[0].program, 2)].map((size, i) => b.arrayParameter("up"[i], size, "input"));
    const t = b.scalarParameter("t");
    const table = makeTable(new Float64Array(parts.length).fill(1), new PartNames(parts.map(({ name }) => name)));
    const weights = b.constantArray("parts", table);
    const at = (array: ArrayDeclaration, offset = 0): ArrayArgument => ({ array, offset: b.i32(offset) });
    const summands = parts.map(({ name, program, du: into, u: from }, k) => {
      const value = b.localArray(name, sizeOf(program, 0));
      inline(b, program, [at(value), at(u, from), at(p), t]);
      return { into, value, weight: b.load(weights, b.i32(k)) };
    });
    for (const into of new Set(summands.map((one) => one.into))) {
      const here = summands.filter((one) => one.into === into);
      const { size } = here[0].value;
      const store = (i: Value): void => {
        const terms = here.map(({ value, weight }) => b.operation("mul", weight, b.load(value, i)));
        const sum = terms.reduce((x, y) => b.operation("add", x, y));
        b.store(du, b.operation("i32.add", b.i32(into), i), sum);
      };
      if (size <= WRITTEN_OUT) for (let i = 0; i < size; i++) store(b.i32(i));
      else b.for(b.i32(0), b.i32(size), 1, [], (i) => (store(i), []));
    }
    return eliminate(b.finish());
  },
  { by: (n, ...parts) => [...parts.map(({ program }) => program), n, ...parts.flatMap(({ name, du, u }) => [name, du, u])] },
);

function sizeOf({ parameters }: Program, k: number): number {
  const parameter = parameters[k];
  return parameter.kind === "array" ? parameter.array.size : 1;
}

/** The parts of these names of a program that was made of a sum of such; undefined where it was not. */
export function partsOf(whole: Program, ...names: readonly string[]): readonly Program[] | undefined {
  const parts = allParts(whole);
  return parts && names.every((name) => parts[name]) ? names.map((name) => parts[name]) : undefined;
}

const allParts = memo((whole: Program): Readonly<Record<string, Program>> | undefined => {
  const weights = weightsOf(whole);
  if (!weights) return undefined;
  const { names } = ownerOf(weights.data!) as PartNames;
  return Object.fromEntries(
    names.map((name, k) => [name, eliminate(rebuild(whole, (b) => new Choosing(b, weights.data!, (one) => one === k)))]),
  );
});

/** The same program, which falls into no parts any more. */
export const undivided = memo((whole: Program): Program => {
  const weights = weightsOf(whole);
  return weights ? eliminate(rebuild(whole, (b) => new Choosing(b, weights.data!, () => true))) : whole;
});

/** In a program that what was made of a sum is put into: the weight of a part; undefined where it was made of none of that name. */
export function weightOf(b: Builder, whole: Program, name: string): Value | undefined {
  const weights = weightsOf(whole);
  if (!weights) return undefined;
  const k = (ownerOf(weights.data!) as PartNames).names.indexOf(name);
  return k < 0 ? undefined : b.load(b.constantArray("parts", weights.data!), b.i32(k));
}

function weightsOf({ arrays }: Program): ArrayDeclaration | undefined {
  return arrays.find(({ data }) => data && isTable(data) && ownerOf(data) instanceof PartNames);
}

/** Leaves some parts: the weights of the others are zero, and so is what they multiply, whatever it is. */
class Choosing extends Clone {
  /** What they were of before. */
  private readonly zeros = new Set<Value>();

  constructor(
    b: Builder,
    private readonly weights: ArrayDeclaration["data"],
    private readonly keeps: (part: number) => boolean,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    if (i.kind === "load" && i.array.data === this.weights) {
      const isKept = this.keeps(i.index.constant!);
      if (!isKept) this.zeros.add(i.result);
      this.values.set(i.result, this.b.f64(Number(isKept)));
    } else if (i.kind === "let" && i.operation === "mul" && i.args.some((arg) => this.zeros.has(arg))) {
      this.zeros.add(i.result);
      this.values.set(i.result, this.b.f64(0));
    } else super.instruction(i);
  }
}
