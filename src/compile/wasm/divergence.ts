/**
 * Which values differ between lanes that run the same program side by side (Coutinho, Sampaio, Pereira, Meira, "Divergence
 * analysis and optimizations", PACT 2011): those loaded from memory that each lane has of its own, what is computed of them, and
 * what leaves a branch or a loop that lanes leave at different times.
 */
import { blocksOf, operandsOf, type ArrayDeclaration, type Block, type Program, type Value } from "../../ir/ir.ts";

/** `shared`: the arrays that all lanes read from one place. */
export function divergentValues(program: Program, shared: (array: ArrayDeclaration) => boolean): ReadonlySet<Value> {
  const divergent = new Set<Value>();
  const isDivergent = (value: Value): boolean => divergent.has(value);

  const visit = (block: Block): void => {
    for (const i of block.instructions) {
      if (i.kind === "load" && (!shared(i.array) || isDivergent(i.index))) divergent.add(i.result);
      else if (i.kind === "let" && operandsOf(i).some(isDivergent)) divergent.add(i.result);
      blocksOf(i).forEach(visit);
      if (i.kind === "if") {
        i.results.forEach((result, k) => {
          if ([i.condition, i.then.yields[k], i.else.yields[k]].some(isDivergent)) divergent.add(result);
        });
      } else if (i.kind === "for" || i.kind === "while") {
        const leaves = i.kind === "for" ? [i.from, i.to] : i.condition.yields;
        const apart = leaves.some(isDivergent);
        if (apart && i.kind === "for") divergent.add(i.index);
        i.carried.forEach(({ phi, initial }, k) => {
          const next = i.body.yields[k];
          if (isDivergent(initial) || isDivergent(next) || (apart && next !== phi)) divergent.add(phi);
          if (isDivergent(phi)) divergent.add(i.results[k]);
        });
      }
    }
  };

  for (let before = -1; before < divergent.size;) {
    before = divergent.size;
    visit(program.body);
  }
  return divergent;
}
