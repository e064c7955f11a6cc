/**
 * Assembles modules: what of the text format the emitters write, as nested arrays, becomes the binary format
 * (WebAssembly Core Specification 2.0, chapter 5). Imports come first; functions may be called before they are written.
 */
import { InternalError } from "../../core/errors.ts";
import { Bytes } from "./bytes.ts";
import { encodings, PREFIXED, type Encoding } from "./opcodes.ts";
import type { Tree } from "./tree.ts";

const types: Readonly<Record<string, number>> = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b };
/** Of blocks without results. */
const NO_TYPE = 0x40;
const END = 0x0b;

const section = { type: 1, import: 2, function: 3, export: 7, code: 10 };
const kind = { func: 0, memory: 2, global: 3 };

/** The bytes of a function that calls nothing and reads no globals: the same in every module. */
export function bodyOf(tree: Tree): Uint8Array {
  const nothing: ReadonlyMap<string, number> = new Map();
  return new Body(tree, nothing, nothing).bytes.written.slice();
}

/**
 * The items of a module: imports, functions, exports. `ready`: the bodies of some functions, by their names; of these the items have the
 * parameters and the result alone.
 */
export function assemble(items: readonly Tree[], ready: ReadonlyMap<string, Uint8Array> = new Map()): Uint8Array<ArrayBuffer> {
  const of = (what: string): Tree[] => items.filter(([head]) => head === what);
  const [imports, functions, exports] = [of("import"), of("func"), of("export")];
  const signatures = new Signatures();
  const importedFunctions = imports.map(([, , , what]) => what as Tree).filter(([head]) => head === "func");
  const indices = new Map([...importedFunctions, ...functions].map(([, name], i) => [name as string, i]));
  const globals = new Map(
    imports
      .map(([, , , what]) => what as Tree)
      .filter(([head]) => head === "global")
      .map(([, name], i) => [name as string, i]),
  );

  const imported = imports.map(([, namespace, name, what]) =>
    new Bytes()
      .text(unquoted(namespace))
      .text(unquoted(name))
      .bytes(description(what as Tree, signatures)),
  );
  const declared = functions.map((tree) => new Bytes().unsigned(signatures.of(tree)));
  const exported = exports.map(([, name, target]) =>
    new Bytes()
      .text(unquoted(name))
      .byte(kind.func)
      .unsigned(indices.get((target as Tree)[1] as string)!),
  );
  const bodies = functions.map((tree) =>
    new Bytes().sized(ready.get(tree[1] as string) ?? new Body(tree, indices, globals).bytes.written),
  );

  const out = new Bytes().bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const write = (id: number, entries: readonly Bytes[]): void => {
    const content = new Bytes().unsigned(entries.length);
    for (const { written } of entries) content.bytes(written);
    out.byte(id).sized(content.written);
  };
  write(section.type, signatures.written);
  write(section.import, imported);
  write(section.function, declared);
  write(section.export, exported);
  write(section.code, bodies);
  return out.written;
}

function unquoted(text: unknown): string {
  return (text as string).slice(1, -1);
}

/** Of an import: `(memory least)`, `(global name type)`, immutable, or `(func name signature…)`. */
function description(what: Tree, signatures: Signatures): Uint8Array {
  const out = new Bytes();
  const [head, first, second] = what;
  if (head === "memory") out.bytes([kind.memory, 0]).unsigned(first as number);
  else if (head === "global") out.bytes([kind.global, types[second as string], 0]);
  else out.byte(kind.func).unsigned(signatures.of(what));
  return out.written;
}

/** The parts `(param …)`, `(result …)` or `(local …)` of a function; a type comes last in each. */
function partsOf(tree: Tree, head: string): Tree[] {
  return tree.filter((part): part is Tree => typeof part === "object" && part[0] === head);
}

function typeOf(part: Tree): number {
  return types[part.at(-1) as string];
}

/** Of a block that begins with this part. */
function resultOf(part: Tree | undefined): number {
  return part?.[0] === "result" ? typeOf(part) : NO_TYPE;
}

class Signatures {
  readonly written: Bytes[] = [];
  private readonly known = new Map<string, number>();

  of(tree: Tree): number {
    const [params, results] = [partsOf(tree, "param").map(typeOf), partsOf(tree, "result").map(typeOf)];
    const key = `${params}:${results}`;
    let index = this.known.get(key);
    if (index === undefined) {
      this.known.set(key, (index = this.written.length));
      this.written.push(new Bytes().byte(0x60).sized(params).sized(results));
    }
    return index;
  }
}

class Body {
  readonly bytes = new Bytes();
  private readonly locals = new Map<string, number>();
  /** Of the blocks around the present instruction, the innermost last; `if` has none. */
  private readonly labels: (string | undefined)[] = [];

  constructor(
    tree: Tree,
    private readonly functions: ReadonlyMap<string, number>,
    private readonly globals: ReadonlyMap<string, number>,
  ) {
    const declared = partsOf(tree, "local");
    for (const [, name] of [...partsOf(tree, "param"), ...declared]) this.locals.set(name as string, this.locals.size);
    this.declare(declared.map(typeOf));
    for (const part of tree.slice(2)) {
      const [head] = part as Tree;
      if (head !== "param" && head !== "result" && head !== "local") this.instruction(part as Tree);
    }
    this.bytes.byte(END);
  }

  /** Neighbours of one type together. */
  private declare(declared: readonly number[]): void {
    const starts = declared.flatMap((type, i) => (type === declared[i - 1] ? [] : [i]));
    this.bytes.unsigned(starts.length);
    starts.forEach((start, k) => this.bytes.unsigned((starts[k + 1] ?? declared.length) - start).byte(declared[start]));
  }

  /** Those from a place of the tree on. */
  private instructions(trees: Tree, from: number): void {
    for (let i = from; i < trees.length; i++) this.instruction(trees[i] as Tree);
  }

  private instruction(tree: Tree): void {
    const head = tree[0] as string;
    const encoding = encodings.get(head);
    if (encoding === undefined) return this.special(head, tree);
    this.instructions(tree, 1 + encoding.immediates);
    this.opcode(encoding.opcode);
    if (encoding.immediates > 0) this.immediates(encoding, head, tree);
  }

  /** `(local.get name)`, `(f64.load offset=n address)`, `(f64x2.extract_lane lane vector)`, `(v128.load64_lane offset=n lane address vector)` */
  private immediates({ names, align, immediates }: Encoding, head: string, tree: Tree): void {
    const { bytes } = this;
    if (names) bytes.unsigned(this.index(head, tree[1] as string));
    else if (align === undefined) bytes.byte(tree[1] as number);
    else {
      bytes.byte(align).unsigned(Number((tree[1] as string).slice("offset=".length)));
      if (immediates > 1) bytes.byte(tree[2] as number);
    }
  }

  private special(head: string, tree: Tree): void {
    const { bytes } = this;
    switch (head) {
      case "i32.const":
        bytes.byte(0x41).signed(tree[1] as number);
        break;
      case "f64.const":
        bytes.byte(0x44).f64(tree[1] as number);
        break;
      case "v128.const":
        this.vector(tree[1] as string, tree.slice(2).map(Number));
        break;
      case "memory.fill":
        this.instructions(tree, 1);
        bytes.bytes([0xfc, 0x0b, 0x00]);
        break;
      case "block":
      case "loop":
        this.block(head === "block" ? 0x02 : 0x03, tree);
        break;
      case "if":
        this.if(tree);
        break;
      default:
        throw new InternalError(`assemble: no instruction ${head}`);
    }
  }

  private inside(label: string | undefined, trees: Tree, from: number): void {
    this.labels.push(label);
    this.instructions(trees, from);
    this.labels.pop();
  }

  /** `(block label? (result type)? …)`, and loops alike. */
  private block(opcode: number, tree: Tree): void {
    const label = typeof tree[1] === "string" ? tree[1] : undefined;
    const from = label === undefined ? 1 : 2;
    const result = resultOf(tree[from] as Tree | undefined);
    this.bytes.byte(opcode).byte(result);
    this.inside(label, tree, result === NO_TYPE ? from : from + 1);
    this.bytes.byte(END);
  }

  /** `(if (result type)? condition (then …) (else …)?)` */
  private if(tree: Tree): void {
    const result = resultOf(tree[1] as Tree);
    const [condition, then, otherwise] = tree.slice(result === NO_TYPE ? 1 : 2) as readonly Tree[];
    this.instruction(condition);
    this.bytes.byte(0x04).byte(result);
    this.inside(undefined, then, 1);
    if (otherwise) {
      this.bytes.byte(0x05);
      this.inside(undefined, otherwise, 1);
    }
    this.bytes.byte(END);
  }

  private vector(shape: string, lanes: readonly number[]): void {
    this.bytes.bytes([0xfd, 0x0c]);
    for (const x of lanes) {
      if (shape === "f64x2") this.bytes.f64(x);
      else this.bytes.integer(x, 16 / lanes.length);
    }
  }

  private opcode(code: number): Bytes {
    const prefix = code >> PREFIXED;
    return prefix ? this.bytes.byte(prefix).unsigned(code & ((1 << PREFIXED) - 1)) : this.bytes.byte(code);
  }

  private index(head: string, name: string): number {
    const found = head.startsWith("local")
      ? this.locals.get(name)
      : head === "call"
        ? this.functions.get(name)
        : head === "global.get"
          ? this.globals.get(name)
          : this.depthOf(name);
    if (found === undefined) throw new InternalError(`assemble: ${head} ${name} names nothing`);
    return found;
  }

  private depthOf(label: string): number | undefined {
    const at = this.labels.lastIndexOf(label);
    return at < 0 ? undefined : this.labels.length - 1 - at;
  }
}
