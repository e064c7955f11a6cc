/**
 * Which innermost loops run on two lanes at once, and how: iterations i and i + 1 are done together, instruction by instruction.
 * That is legal where no iteration needs what the one before it does later in the body; sums over iterations are kept apart by
 * lane and added up at the end (Allen & Kennedy, "Optimizing Compilers for Modern Architectures", 2001, chapters 2 and 5).
 */
import { affine, combine, mayAlias } from "../../ir/affine.ts";
import { tripCount } from "../../ir/builder.ts";
import { hasLoops, operandsOf, type Block, type For, type If, type Let, type Value } from "../../ir/ir.ts";
import { scalarOperations, type ScalarOperation, type ScalarOperationName } from "../../ir/scalar-operations.ts";
import { definedIn, type Access } from "./address.ts";
import { vectorFunctions } from "./math.ts";

/** How a value of the loop is held: once for both lanes, as one vector (of f64s, or masks), or as two scalars. */
export type Shape = "uniform" | "vector" | "pair";

/** The distance of an access's lanes, in elements; undefined where it is not the same in every iteration. */
export type Stride = number | undefined;

/** Carried through the loop by sums, minima or maxima alone. */
export interface Reduction {
  readonly phi: Value;
  readonly operation: "add" | "min" | "max";
}

export interface VectorPlan {
  readonly shapes: ReadonlyMap<Value, Shape>;
  readonly strides: ReadonlyMap<Access, Stride>;
  readonly reductions: readonly Reduction[];
}

const FEWEST_ITERATIONS = 4;

export function planVectors(loop: For): VectorPlan | undefined {
  if (Math.abs(loop.step) !== 1 || hasLoops(loop.body)) return undefined;
  if ((tripCount(loop.from, loop.to, loop.step) ?? FEWEST_ITERATIONS) < FEWEST_ITERATIONS) return undefined;
  const reductions = loop.carried.map(({ phi }, k) => reductionOf(phi, loop.body.yields[k], loop));
  if (!reductions.every((reduction) => reduction !== undefined)) return undefined;
  const analysis = new Analysis(loop);
  if (!analysis.block(loop.body, false) || !analysis.isOrderFree() || !analysis.pays) return undefined;
  return { shapes: analysis.shapes, strides: analysis.strides, reductions };
}

/** Is there a vector instruction, or a function of the module, that does the operation on both lanes? */
export function hasVectorForm(name: ScalarOperationName): boolean {
  return scalarOperations[name].simd !== undefined || vectorFunctions[name] !== undefined;
}

export function isInBounds({ index, array }: Access): boolean {
  return index.min >= 0 && index.max < array.size;
}

function isCalled(operation: ScalarOperation): boolean {
  return typeof operation.wasm !== "string";
}

class Analysis {
  readonly shapes = new Map<Value, Shape>();
  readonly strides = new Map<Access, Stride>();
  private readonly accesses: Access[] = [];
  private readonly varying: ReadonlySet<Value>;
  /** Costs of what is done once for both lanes, and of what is done lane by lane. */
  private wide = 0;
  private narrow = 0;

  constructor(private readonly loop: For) {
    this.varying = definedIn(loop);
    this.shapes.set(loop.index, "pair");
    for (const { phi } of loop.carried) this.shapes.set(phi, "vector");
  }

  get pays(): boolean {
    return this.wide > 2 * this.narrow;
  }

  private isUniform(value: Value): boolean {
    return !this.varying.has(value) || this.shapes.get(value) === "uniform";
  }

  /** False where the block cannot be done by lanes. `masked`: under a condition that differs between them. */
  block(block: Block, masked: boolean): boolean {
    return block.instructions.every((i) => {
      switch (i.kind) {
        case "let":
          return this.let(i, masked);
        case "load":
        case "store":
        case "accumulate":
          return this.access(i, masked);
        case "if":
          return this.if(i, masked);
        default:
          return false;
      }
    });
  }

  private let({ result, operation: name, args }: Let, masked: boolean): boolean {
    const operation = scalarOperations[name];
    if (args.every((arg) => this.isUniform(arg))) {
      this.shapes.set(result, "uniform");
      return true;
    }
    const wide = operation.result !== "i32" && (hasVectorForm(name) || name === "f64.from_i32");
    // Selects of masks and sums of indices cost nothing to speak of.
    if (wide) this.wide += operation.cost;
    else if (operation.result === "f64") this.narrow += 0.5;
    this.shapes.set(result, operation.result === "f64" || (operation.result === "bool" && wide) ? "vector" : "pair");
    // In vain, a call is dear and a division of integers may trap.
    const traps = (name === "i32.div" || name === "i32.rem") && !args[1].constant;
    return !masked || !(traps || (isCalled(operation) && !wide));
  }

  private access(access: Access, masked: boolean): boolean {
    this.accesses.push(access);
    const stride = this.strideOf(access);
    this.strides.set(access, stride);
    if (access.kind === "load") {
      if (masked && !isInBounds(access)) return false;
      this.shapes.set(access.result, stride === 0 ? "uniform" : access.array.element === "f64" ? "vector" : "pair");
    }
    if (access.array.element === "f64" && (stride === 1 || stride === 0)) this.wide += 1;
    else this.narrow += 0.5;
    return access.kind !== "store" || stride !== 0;
  }

  private strideOf(access: Access): Stride {
    const { loop } = this;
    const form = affine(access.index);
    const others = [...form.terms.keys()].filter((value) => value !== loop.index);
    if (!others.every((value) => this.isUniform(value))) return undefined;
    const stride = form.terms.get(loop.index) ?? 0;
    // A sum is written after the loop, and what the loop computes may then be of a copy of the body that did not run.
    const isSum = access.kind === "accumulate" && stride === 0;
    return isSum && others.some((value) => this.varying.has(value)) ? undefined : stride;
  }

  private if(i: If, masked: boolean): boolean {
    const uniform = this.isUniform(i.condition);
    if (!this.block(i.then, masked || !uniform) || !this.block(i.else, masked || !uniform)) return false;
    i.results.forEach((result, k) => {
      const same = uniform && this.isUniform(i.then.yields[k]) && this.isUniform(i.else.yields[k]);
      this.shapes.set(result, same ? "uniform" : result.type === "i32" ? "pair" : "vector");
    });
    return true;
  }

  /**
   * Does the order of iterations i + 1 and i not matter where lanes change it? Of two instructions the first now runs in
   * iteration i + 1 before the second runs in iteration i.
   */
  isOrderFree(): boolean {
    const { accesses } = this;
    return accesses.every((first, k) => accesses.slice(k + 1).every((second) => !this.conflict(first, second)));
  }

  private conflict(first: Access, second: Access): boolean {
    if (first.array !== second.array || (first.kind === second.kind && first.kind !== "store")) return false;
    if (first.index.max < second.index.min || second.index.max < first.index.min) return false;
    // Summed by lane and written only after the loop.
    const delayed = [first, second].some((access) => access.kind === "accumulate" && this.strides.get(access) === 0);
    if (delayed && this.strides.get(first) === this.strides.get(second)) return mayAlias(first.index, second.index);
    const strides = [first, second].map((access) => this.strides.get(access));
    if (delayed || strides[0] === undefined || strides[0] !== strides[1]) return true;
    const difference = combine(affine(first.index), affine(second.index), -1);
    return difference.terms.size > 0 || difference.constant + strides[0] * this.loop.step === 0;
  }
}

/**
 * Partial sums of the lanes are as good as the sum itself where the carried value only has terms added to it, or is passed
 * on, or is chosen from partial sums. (The same for minima and maxima.)
 */
function reductionOf(phi: Value, next: Value, loop: For): Reduction | undefined {
  if (phi.type !== "f64") return undefined;
  const partial = new Set<Value>([phi]);
  let operation: Reduction["operation"] | undefined;

  const combines = ({ operation: name, args }: Let): boolean => {
    if (name === "select") return partial.has(args[1]) && partial.has(args[2]) && !partial.has(args[0]);
    if (name !== "add" && name !== "sub" && name !== "min" && name !== "max") return false;
    const kind = name === "sub" ? "add" : name;
    if (operation && operation !== kind) return false;
    operation = kind;
    return partial.has(args[0]) ? !partial.has(args[1]) : name !== "sub";
  };

  const visit = (block: Block): boolean =>
    block.instructions.every((i) => {
      if (i.kind === "if") {
        if (partial.has(i.condition) || !visit(i.then) || !visit(i.else)) return false;
        return i.results.every((result, k) => {
          const sides = [i.then.yields[k], i.else.yields[k]].filter((value) => partial.has(value));
          if (sides.length === 2) partial.add(result);
          return sides.length !== 1;
        });
      }
      if (!operandsOf(i).some((value) => partial.has(value))) return true;
      if (i.kind !== "let" || !combines(i)) return false;
      partial.add(i.result);
      return true;
    });

  const isOnlyNext = (): boolean => partial.has(next) && loop.body.yields.filter((value) => partial.has(value)).length === 1;
  return visit(loop.body) && isOnlyNext() ? { phi, operation: operation ?? "add" } : undefined;
}
