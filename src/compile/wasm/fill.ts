/** Statements that fill arrays. */
import type { ArrayDeclaration } from "../../ir/ir.ts";
import { elementSize } from "./address.ts";
import { get, i32, plus, set, tee, type Tree } from "./tree.ts";
import type { Writer } from "./writer.ts";

/** Bytes. */
const MOST_ZEROED_INLINE = 1024;
const ZEROED_PER_ITERATION = 64;

/** Fills an array, which begins at an address, with a value. */
export function writeFill(w: Writer, array: ArrayDeclaration, start: Tree, value: Tree): void {
  const at = w.local("i32");
  const end = w.local("i32");
  const again = w.label();
  w.line(set(at, start), set(end, plus(get(at), i32(array.size * elementSize(array)))), [
    "loop",
    again,
    [`${array.element}.store`, "offset=0", get(at), value],
    ["br_if", again, ["i32.lt_u", tee(at, plus(get(at), i32(elementSize(array)))), get(end)]],
  ]);
}

/** Engines do `memory.fill` by a call, which takes longer than what it does where there is little to fill. */
export function writeZeros(w: Writer, start: Tree, bytes: number): void {
  if (bytes > MOST_ZEROED_INLINE) return w.line(["memory.fill", start, i32(0), i32(bytes)]);
  const at = w.local("i32");
  w.line(set(at, start));
  const iterations = Math.floor(bytes / ZEROED_PER_ITERATION);
  if (iterations > 0) {
    const [end, again] = [w.local("i32"), w.label()];
    const next = plus(get(at), i32(ZEROED_PER_ITERATION));
    w.line(set(end, plus(get(at), i32(iterations * ZEROED_PER_ITERATION))));
    w.line(["loop", again, ...zeros(get(at), ZEROED_PER_ITERATION), ["br_if", again, ["i32.lt_u", tee(at, next), get(end)]]]);
  }
  w.line(...zeros(get(at), bytes % ZEROED_PER_ITERATION));
}

/** Stores that fill so many bytes, a multiple of four. */
function zeros(at: Tree, bytes: number): Tree[] {
  const stores: Tree[] = [];
  let offset = 0;
  for (; offset + 16 <= bytes; offset += 16)
    stores.push(["v128.store", `offset=${offset}`, at, ["v128.const", "i64x2", "0", "0"]]);
  for (; offset < bytes; offset += 4) stores.push(["i32.store", `offset=${offset}`, at, i32(0)]);
  return stores;
}
