/**
 * Programs that stay within their arrays. Most indices are known to be in bounds when a function is read. The others are checked
 * where they are used, and do as in JavaScript: what is read outside is no number, what is written there is lost. Compiled
 * code would read and write the memory of other arrays instead.
 */
import { Clone, rebuild } from "../ir/clone.ts";
import {
  walk,
  type Accumulate,
  type ArrayDeclaration,
  type Instruction,
  type Load,
  type Program,
  type Store,
  type Value,
} from "../ir/ir.ts";

type Access = Load | Store | Accumulate;

const originals = new WeakMap<Program, Program>();

export function guardIndices(program: Program): Program {
  if (!openAccesses(program).next().value) return program;
  const guarded = { ...rebuild(program, (b) => new Guard(b)), host: program.host, buffers: program.buffers };
  originals.set(guarded, program);
  return guarded;
}

/** Before it was guarded: what the user's text says. */
export function unguarded(program: Program): Program {
  return originals.get(program) ?? program;
}

function* openAccesses(program: Program): Generator<Access> {
  for (const i of walk(program.body)) if (isAccess(i) && isOpen(i)) yield i;
}

function isAccess(i: Instruction): i is Access {
  return i.kind === "load" || i.kind === "store" || i.kind === "accumulate";
}

function isOpen({ index, array }: Access): boolean {
  return !(index.min >= 0 && index.max < array.size);
}

class Guard extends Clone {
  override instruction(i: Instruction): void {
    if (!isAccess(i) || !isOpen(i)) return super.instruction(i);
    const { b } = this;
    b.source = i.source;
    const index = this.value(i.index);
    const array = this.arrays.get(i.array)!.array;
    const inside = this.inside(index, array);
    const within = b.operation("i32.select", inside, index, b.i32(0));
    if (i.kind === "load") {
      const value = b.load(array, within);
      const outside = array.element === "f64" ? b.f64(NaN) : b.i32(0);
      this.values.set(i.result, b.operation(array.element === "f64" ? "select" : "i32.select", inside, value, outside));
    } else {
      const write = (): Value[] => {
        b[i.kind](array, within, this.value(i.value));
        return [];
      };
      b.if(inside, write, () => []);
    }
  }

  private inside(index: Value, { size }: ArrayDeclaration): Value {
    const { b } = this;
    return b.operation("bool.and", b.operation("i32.ge", index, b.i32(0)), b.operation("i32.lt", index, b.i32(size)));
  }
}
