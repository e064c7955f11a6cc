/** Rules of programs against the derivatives of their bodies. */
import { Arena } from "./arena.ts";
import { compile } from "./compile.ts";
import { forward } from "../derive/forward.ts";
import { DerivativeMismatch } from "../core/errors.ts";
import { walk, type Program } from "../ir/ir.ts";

/** Of each product, and of the largest term in it. */
const RELATIVE = 1e-6;
const CANCELLATION = 1e-11;

/** Where nothing is known of a function's domain: rules that agree with it at one point are taken to be meant. */
const points: readonly { readonly scale: number; readonly from: number }[] = [
  { scale: 1, from: 0.5 },
  { scale: 2, from: -1 },
  { scale: 0.1, from: 0.5 },
  { scale: 10, from: 0.5 },
];

/**
 * Compares both rules for these active inputs (of a program of inputs x…, output y) with the derivative of its body, along
 * some direction at some points. Not compared are functions whose derivative is zero wherever it exists (which a rule is there
 * to replace: a straight-through estimator), and those that run out of bounds or for ever in points they are not made for.
 * Throws {@link DerivativeMismatch} where a rule agrees at no point.
 */
export function checkRules(program: Program, active: readonly string[]): void {
  if (!active.length || !isTotal(program)) return;
  const { vjp, jvp } = program.rules!;
  const bare: Program = { ...program, rules: undefined };
  const programs = { value: bare, derived: forward(bare, { wrt: active }), vjp: vjp!(active), jvp: jvp!(active) };
  const sizes = new Map(
    Object.values(programs).flatMap(({ parameters }) =>
      parameters.flatMap((p) => (p.kind === "array" ? [[p.array.name, p.array.size] as const] : [])),
    ),
  );
  const arena = new Arena();
  const addresses = new Map([...sizes].map(([name, size]) => [name, arena.reserve(size)]));
  const linked = compile(programs, arena, typeof WebAssembly === "undefined" ? "javascript" : "wasm").link();
  const memory = new Map([...addresses].map(([name, address]) => [name, arena.f64(address, sizes.get(name)!)]));
  const run = (name: keyof typeof programs): void =>
    void linked[name](...programs[name].parameters.map((p) => (p.kind === "array" ? addresses.get(p.array.name)! : 0)));

  const found: Products[] = [];
  points.forEach((point, k) => {
    [...memory].forEach(([name, array], n) => {
      const { scale, from } = /_(dot|bar)$/.test(name) ? { scale: 2, from: -1 } : point;
      array.forEach((_, i) => (array[i] = scale * (from + fraction((i + 1) * (n + 2) + k))));
    });
    for (const name of active) memory.get(`${name}_bar`)!.fill(0);
    run("value");
    run("derived");
    const yBar = memory.get("y_bar")!;
    const derived = product(yBar, memory.get("y_dot")!);
    run("jvp");
    const byJvp = product(yBar, memory.get("y_dot")!);
    run("vjp");
    const parts = active.map((name) => product(memory.get(`${name}_bar`)!, memory.get(`${name}_dot`)!));
    const byVjp = {
      sum: parts.reduce((sum, part) => sum + part.sum, 0),
      largest: Math.max(...parts.map((part) => part.largest)),
    };
    if (Number.isFinite(derived.sum)) found.push({ derived, jvp: byJvp, vjp: byVjp });
  });
  if (found.every(({ derived }) => derived.largest === 0)) return;
  for (const rule of ["vjp", "jvp"] as const) {
    if (found.some((products) => agree(products[rule], products.derived))) continue;
    const { [rule]: given, derived } = found[0];
    throw new DerivativeMismatch(
      `${program.name}: along some direction of ${active.length} active argument${active.length > 1 ? "s" : ""}, the derivative by the ${rule} that ` +
        `was given (or follows from the other rule) is ${given.sum}, but that of the function is ${derived.sum}. Correct the rule; ` +
        `where it is meant to differ, say \`check: false\`.`,
    );
  }
}

interface Product {
  readonly sum: number;
  readonly largest: number;
}

type Products = Readonly<Record<"derived" | "jvp" | "vjp", Product>>;

function product(a: Float64Array, b: Float64Array): Product {
  let [sum, largest] = [0, 0];
  a.forEach((x, i) => {
    sum += x * b[i];
    largest = Math.max(largest, Math.abs(x * b[i]));
  });
  return { sum, largest };
}

function agree(a: Product, b: Product): boolean {
  return (
    Math.abs(a.sum - b.sum) <=
    RELATIVE * Math.max(Math.abs(a.sum), Math.abs(b.sum)) + CANCELLATION * Math.max(a.largest, b.largest)
  );
}

/** Evenly spread over [0, 1), and the same each time. */
function fraction(k: number): number {
  const GOLDEN = 0.6180339887498949;
  return (k * GOLDEN) % 1;
}

/** Does it end, and stay within its arrays, for all inputs? */
function isTotal(program: Program): boolean {
  for (const i of walk(program.body)) {
    if (i.kind === "while") return false;
    if ((i.kind === "load" || i.kind === "store" || i.kind === "accumulate") && !(i.index.min >= 0 && i.index.max < i.array.size))
      return false;
  }
  return true;
}
