/** Loops of a few iterations, written out. */
import { tripCount, type Builder } from "../ir/builder.ts";
import { Clone, rebuild } from "../ir/clone.ts";
import { hasLoops, walk, type For, type Instruction, type Program } from "../ir/ir.ts";

/** Iterations of a loop that is written out. */
const FEW = 4;

/** All of them, so that their indices are constants. */
export function unrollLoops(program: Program): Program {
  return rebuild(program, (b) => new Unrolling(b, isShort));
}

/**
 * Those within longer loops, which have no loop inside them then: a product with a matrix of few columns becomes one loop over its
 * rows, and that can run on SIMD lanes.
 */
export function unrollInnermost(program: Program): Program {
  const chosen = new Set<For>();
  for (const outer of walk(program.body)) {
    if (outer.kind !== "for" || isShort(outer)) continue;
    for (const inner of outer.body.instructions)
      if (inner.kind === "for" && isShort(inner) && !hasLoops(inner.body)) chosen.add(inner);
  }
  return chosen.size === 0 ? program : rebuild(program, (b) => new Unrolling(b, (loop) => chosen.has(loop)));
}

/** Those that are chosen, which have as many iterations as is known. */
export function unrollChosen(program: Program, isChosen: (loop: For) => boolean): Program {
  return rebuild(program, (b) => new Unrolling(b, isChosen));
}

function isShort({ from, to, step }: For): boolean {
  const count = tripCount(from, to, step);
  return count !== undefined && count <= FEW;
}

class Unrolling extends Clone {
  constructor(
    b: Builder,
    private readonly isChosen: (loop: For) => boolean,
  ) {
    super(b);
  }

  override instruction(i: Instruction): void {
    if (i.kind !== "for" || !this.isChosen(i)) return super.instruction(i);
    let carried = i.carried.map((c) => this.value(c.initial));
    for (let k = 0; k < tripCount(i.from, i.to, i.step)!; k++) {
      this.values.set(i.index, this.b.i32(i.from.constant! + k * i.step));
      i.carried.forEach(({ phi }, c) => this.values.set(phi, carried[c]));
      carried = this.block(i.body);
    }
    i.results.forEach((result, k) => this.values.set(result, carried[k]));
  }
}
