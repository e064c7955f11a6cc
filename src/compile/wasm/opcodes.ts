/** The instructions that the emitters use, by their opcodes (WebAssembly Core Specification 2.0, appendix "Index of instructions"). */

/** Of an opcode with a prefix: the prefix above these bits, below the number behind it. */
export const PREFIXED = 16;

/** Of instructions without immediates; those above 0xff are a prefix and a number, see {@link PREFIXED}. */
export const opcodes: Readonly<Record<string, number>> = {
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  "i32.eqz": 0x45,
  ...counted("i32", 0x46, "eq ne lt_s lt_u gt_s gt_u le_s le_u ge_s ge_u"),
  ...counted("f64", 0x61, "eq ne lt gt le ge"),
  ...counted("i32", 0x67, "clz ctz popcnt add sub mul div_s div_u rem_s rem_u and or xor shl shr_s shr_u rotl rotr"),
  ...counted("f64", 0x99, "abs neg ceil floor trunc nearest sqrt add sub mul div min max copysign"),
  "i32.wrap_i64": 0xa7,
  "i64.extend_i32_s": 0xac,
  "f64.convert_i32_s": 0xb7,
  "i32.trunc_sat_f64_s": prefixed(0xfc, 0x02),
  "i32x4.splat": prefixed(0xfd, 0x11),
  "i64x2.splat": prefixed(0xfd, 0x12),
  "f64x2.splat": prefixed(0xfd, 0x14),
  ...counted("f64x2", prefixed(0xfd, 0x47), "eq ne lt gt le ge"),
  ...counted("v128", prefixed(0xfd, 0x4d), "not and andnot or xor bitselect any_true"),
  "f64x2.ceil": prefixed(0xfd, 0x74),
  "f64x2.floor": prefixed(0xfd, 0x75),
  "f64x2.trunc": prefixed(0xfd, 0x7a),
  "i32x4.shr_s": prefixed(0xfd, 0xac),
  "i32x4.add": prefixed(0xfd, 0xae),
  "i64x2.shl": prefixed(0xfd, 0xcb),
  "i64x2.shr_s": prefixed(0xfd, 0xcc),
  "i64x2.add": prefixed(0xfd, 0xce),
  "i64x2.sub": prefixed(0xfd, 0xd1),
  "f64x2.abs": prefixed(0xfd, 0xec),
  "f64x2.neg": prefixed(0xfd, 0xed),
  ...counted("f64x2", prefixed(0xfd, 0xef), "sqrt add sub mul div min max pmin pmax"),
  "f64x2.convert_low_i32x4_s": prefixed(0xfd, 0xfe),
};

/** Followed by the index of a lane. */
export const laneOpcodes: Readonly<Record<string, number>> = {
  "i32x4.extract_lane": prefixed(0xfd, 0x1b),
  "i32x4.replace_lane": prefixed(0xfd, 0x1c),
  "i64x2.extract_lane": prefixed(0xfd, 0x1d),
  "i64x2.replace_lane": prefixed(0xfd, 0x1e),
  "f64x2.extract_lane": prefixed(0xfd, 0x21),
  "f64x2.replace_lane": prefixed(0xfd, 0x22),
};

/** Followed by the logarithm of an alignment, to base 2, and an offset; `lane`: and by the index of a lane. */
export const memoryOpcodes: Readonly<Record<string, { readonly opcode: number; readonly align: number; readonly lane?: true }>> =
  {
    "i32.load": { opcode: 0x28, align: 2 },
    "f64.load": { opcode: 0x2b, align: 3 },
    "i32.store": { opcode: 0x36, align: 2 },
    "f64.store": { opcode: 0x39, align: 3 },
    "v128.load": { opcode: prefixed(0xfd, 0x00), align: 4 },
    "v128.load64_splat": { opcode: prefixed(0xfd, 0x0a), align: 3 },
    "v128.store": { opcode: prefixed(0xfd, 0x0b), align: 4 },
    "v128.load64_lane": { opcode: prefixed(0xfd, 0x57), align: 3, lane: true },
    "v128.load64_zero": { opcode: prefixed(0xfd, 0x5d), align: 3 },
  };

/** Followed by the index of what they name. */
export const indexOpcodes: Readonly<Record<string, number>> = {
  "local.get": 0x20,
  "local.set": 0x21,
  "local.tee": 0x22,
  "global.get": 0x23,
  call: 0x10,
  br: 0x0c,
  br_if: 0x0d,
};

/** How an instruction is written. */
export interface Encoding {
  readonly opcode: number;
  /** How many parts of its tree are no instructions. */
  readonly immediates: number;
  /** Is the first of them a name? */
  readonly names: boolean;
  /** Of instructions that access memory. */
  readonly align: number | undefined;
}

/** Of all those above, by their names. */
export const encodings: ReadonlyMap<string, Encoding> = new Map<string, Encoding>([
  ...Object.entries(opcodes).map(([name, opcode]) => [name, encoding(opcode, 0)] as const),
  ...Object.entries(laneOpcodes).map(([name, opcode]) => [name, encoding(opcode, 1)] as const),
  ...Object.entries(indexOpcodes).map(([name, opcode]) => [name, encoding(opcode, 1, true)] as const),
  ...Object.entries(memoryOpcodes).map(
    ([name, { opcode, align, lane }]) => [name, encoding(opcode, lane ? 2 : 1, false, align)] as const,
  ),
]);

function encoding(opcode: number, immediates: number, names = false, align?: number): Encoding {
  return { opcode, immediates, names, align };
}

function prefixed(prefix: number, opcode: number): number {
  return (prefix << PREFIXED) | opcode;
}

/** Instructions of a type whose opcodes follow each other. */
function counted(type: string, first: number, names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name, i) => [`${type}.${name}`, first + i]));
}
