/**
 * What one call of a program costs, counted: operations by the operations table, loops by how often they run. The same program
 * costs the same in every process and on every machine; constants were fitted to what compiled programs take on an x86-64 server
 * at 3 GHz, so that a sum of costs tells nanoseconds within a factor of about two.
 */
import { memo } from "../core/memo.ts";
import {
  hasLoops,
  isProgram,
  type Block,
  type Call,
  type For,
  type Instruction,
  type Let,
  type Program,
  type Value,
} from "../ir/ir.ts";
import { costOfLet } from "../passes/lower.ts";

/** A load or a store that hits the cache, in ns; half of it hides behind arithmetic. */
const MEMORY = 0.25;
/** Of what the operations table says: independent operations overlap, functions less than arithmetic. */
const OVERLAP = { arithmetic: 0.5, functions: 0.6 };
/** Operations that cost more than this are functions. */
const ARITHMETIC = 5;
/** Arithmetic on indices is mostly part of an address. */
const INDEX = 0.05;
/** Going round a loop, going into a program, and going to the host and back. */
const ROUND = 0.3;
const CALL = 2;
const EXTERNAL = 100;
/** Of arithmetic and memory in an innermost loop that runs on lanes, where nothing waits. */
const LANES = 0.2;
const FEWEST_ON_LANES = 4;
/** Iterations of a loop whose count is not known. */
const UNKNOWN_TRIPS = 10;

/** Estimated nanoseconds of one call. A branch counts as the mean of its two sides, a loop as often as it runs on average. */
export function costOf(program: Program): number {
  return program.cost ?? countOf(program);
}

const countOf = memo(({ body }: Program): number => new Count().block(body));

/** One program with what is known of its integers: of a loop's index the middle, of a table's entry its position on a straight line. */
class Count {
  /** NaN where nothing is known. */
  private readonly expected = new Map<Value, number>();
  /** 1, or what lanes leave of arithmetic and memory. */
  private share = 1;

  block(block: Block): number {
    return block.instructions.reduce((sum, instruction) => sum + this.instruction(instruction), 0);
  }

  private instruction(i: Instruction): number {
    switch (i.kind) {
      case "let":
        return this.operation(i);
      case "load":
      case "store":
        return MEMORY * this.share;
      case "accumulate":
        return 2 * MEMORY * this.share;
      case "fill":
        return (MEMORY * i.array.size) / 4;
      case "if":
        return 0.5 + (this.block(i.then) + this.block(i.else)) / 2;
      case "for":
        return this.loop(i);
      case "while":
        return UNKNOWN_TRIPS * (this.block(i.condition) + this.block(i.body));
      case "call":
        return this.call(i);
    }
  }

  private operation(i: Let): number {
    if (i.result.type === "i32") return INDEX * this.share;
    const cost = costOfLet(i);
    return cost > ARITHMETIC ? OVERLAP.functions * cost : OVERLAP.arithmetic * cost * this.share;
  }

  private loop(loop: For): number {
    const [from, to] = [this.value(loop.from), this.value(loop.to)];
    const trips = Number.isNaN(to - from) ? UNKNOWN_TRIPS : Math.max(0, (to - from) / loop.step);
    this.expected.set(loop.index, Number.isNaN(to - from) ? NaN : (from + to - loop.step) / 2);
    const onLanes = trips >= FEWEST_ON_LANES && Math.abs(loop.step) === 1 && !hasLoops(loop.body) && callsNothing(loop.body);
    this.share = onLanes ? LANES : 1;
    const round = ROUND * this.share + this.block(loop.body);
    this.share = 1;
    return trips * round;
  }

  /** With the integers that are handed over, where there are some. */
  private call({ callee, args }: Call): number {
    if (!isProgram(callee)) return EXTERNAL;
    const count = new Count();
    let integers = false;
    callee.parameters.forEach((parameter, k) => {
      if (parameter.kind !== "scalar" || parameter.value.type !== "i32") return;
      integers = true;
      count.expected.set(parameter.value, this.value(args[k] as Value));
    });
    return CALL + (integers && callee.cost === undefined ? count.block(callee.body) : costOf(callee));
  }

  /** An integer as it is on average. */
  private value(value: Value): number {
    if (value.constant !== undefined) return value.constant;
    let cached = this.expected.get(value);
    if (cached === undefined) this.expected.set(value, (cached = this.defined(value)));
    return cached;
  }

  private defined({ definition, type }: Value): number {
    if (!definition || type !== "i32") return NaN;
    if (definition.kind === "load") {
      const { data, size } = definition.array;
      const at = this.value(definition.index);
      return data && !Number.isNaN(at) ? onLine(data, Math.min(Math.max(at, 0), size - 1)) : NaN;
    }
    const [a, b, c] = definition.args.map((arg) => (arg.type === "i32" ? this.value(arg) : NaN));
    switch (definition.operation) {
      case "i32.add":
        return a + b;
      case "i32.sub":
        return a - b;
      case "i32.mul":
        return a * b;
      case "i32.div":
        return a / b;
      case "i32.shl":
        return a * 2 ** b;
      case "i32.shr":
        return a / 2 ** b;
      // Rounding down to a multiple.
      case "i32.and":
        return b < 0 ? Math.max(0, a + (b + 1) / 2) : NaN;
      case "i32.select":
        return (b + c) / 2;
      default:
        return NaN;
    }
  }
}

/** Pointers into lists rise steadily, about. */
function onLine(data: ArrayLike<number>, at: number): number {
  const last = data.length - 1;
  return last <= 0 ? data[0] : data[0] + ((data[last] - data[0]) * at) / last;
}

function callsNothing({ instructions }: Block): boolean {
  return instructions.every(({ kind }) => kind !== "call" && kind !== "fill");
}
