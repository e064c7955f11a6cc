/** Whether an array is written once and for all: each element stored at most once, and added to only afterwards. */
import { tripCount } from "../ir/builder.ts";
import { blocksOf, operandsOf, walk, type ArrayDeclaration, type Block, type Instruction, type Program } from "../ir/ir.ts";
import { Counters } from "./counters.ts";

type State = "stored" | "addedTo" | undefined;

/**
 * True only where indices and loops around the writes follow from loop counters and constants, no branch decides on a write, and the
 * program never reads the array. Stores that {@link supersededStores} names do not count.
 */
export function isWrittenOnce(program: Program, array: ArrayDeclaration): boolean {
  return new WriteOrder(array).block(program.body);
}

/** Stores that a later one of the same block repeats for the same index: `du[i] = x; du[i] += y`, the sum being known. */
export function supersededStores({ instructions }: Block, array: ArrayDeclaration): ReadonlySet<Instruction> {
  const last = new Map(instructions.flatMap((i) => (i.kind === "store" && i.array === array ? [[i.index, i] as const] : [])));
  return new Set(instructions.filter((i) => i.kind === "store" && i.array === array && last.get(i.index) !== i));
}

class WriteOrder {
  private readonly counters = new Counters();
  /** What happened to each element. */
  private readonly states: State[];

  constructor(private readonly array: ArrayDeclaration) {
    this.states = new Array<State>(array.size).fill(undefined);
  }

  block(block: Block): boolean {
    const superseded = supersededStores(block, this.array);
    return block.instructions.every((i) => superseded.has(i) || this.instruction(i));
  }

  private instruction(i: Instruction): boolean {
    switch (i.kind) {
      case "let":
        return true;
      case "load":
        return i.array !== this.array;
      case "call":
        return i.args.every((arg) => !("array" in arg) || arg.array !== this.array);
      case "fill":
        return i.array !== this.array || this.states.every((state) => state === undefined);
      case "store":
        return i.array !== this.array || this.write(i, "stored", (state) => state === undefined);
      case "accumulate":
        return i.array !== this.array || this.write(i, "addedTo", () => true);
      case "for":
        return this.loop(i);
      default:
        return !blocksOf(i).some((inner) => this.isTouchedIn(inner));
    }
  }

  private write(i: Instruction, next: State, allowed: (state: State) => boolean): boolean {
    const row = this.counters.reader(operandsOf(i)[0])();
    if (!(row >= 0 && row < this.states.length) || !allowed(this.states[row])) return false;
    this.states[row] = next;
    return true;
  }

  private loop(i: Extract<Instruction, { kind: "for" }>): boolean {
    if (!this.isTouchedIn(i.body)) return true;
    const count = tripCount(i.from, i.to, i.step);
    if (count === undefined) return false;
    let once = true;
    for (let k = 0; once && k < count; k++) {
      this.counters.set(i.index, i.from.constant! + k * i.step);
      once = this.block(i.body);
    }
    return once;
  }

  private isTouchedIn(block: Block): boolean {
    for (const i of walk(block)) {
      if ("array" in i && i.array === this.array) return true;
      if (i.kind === "call" && i.args.some((arg) => "array" in arg && arg.array === this.array)) return true;
    }
    return false;
  }
}
