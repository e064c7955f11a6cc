/** Calls of functions that carry their own derivatives: they are programs of their own, with rules. */
import { copy, wholeView, type View } from "../../arrays/operations/view.ts";
import { rowMajor, sameShape, sizeOf } from "../../arrays/shape.ts";
import type { Definition, PlainCall } from "../../definitions.ts";
import { implicitRules } from "../implicit.ts";
import type { ArrayArgument, ArrayDeclaration, Program, Rules, Value } from "../ir.ts";
import { newArray, readView, writeView } from "./arrays.ts";
import { readBody } from "./index.ts";
import { isScalar, type ArrayItem, type Item } from "./items.ts";
import { elementsOf } from "./iterate.ts";
import { toNumber } from "./numbers.ts";
import { unreadable, type Site } from "./reader.ts";
import { Storage } from "./storage.ts";

/** What a function is compiled for: a constant, a number ([]), or an array. */
type Argument = { readonly constant: number } | { readonly shape: readonly number[]; readonly container: ArrayItem["container"] };

interface Compiled {
  readonly program: Program;
  readonly result: Exclude<Argument, { readonly constant: number }>;
}

const compiled = new WeakMap<Definition, Map<string, Compiled>>();

export function callDefinition(at: Site, definition: Definition, args: readonly Item[]): Item {
  const b = at.r.builder;
  const operands = args.map((item) => (!isScalar(item) && item.kind === "array" ? item : toNumber(at, item)));
  const { program, result } = programOf(definition, operands.map(argumentOf));
  const passed = operands.flatMap((operand): ArrayArgument[] => {
    if (isScalar(operand) && operand.constant !== undefined) return [];
    const array = b.localArray(definition.name, isScalar(operand) ? 1 : sizeOf(operand.shape));
    if (isScalar(operand)) b.store(array, b.i32(0), b.toF64(operand));
    else copy(b, readView(at, operand), wholeView(b, array, operand.shape));
    return [{ array, offset: b.i32(0) }];
  });
  const made = newArray(at, result.shape, result.container, "Float64Array", definition.name);
  const { array, offset } = writeView(at, made);
  b.call(program, [...passed, { array, offset }]);
  return result.shape.length ? made : b.load(array, b.i32(0));
}

function argumentOf(operand: ArrayItem | Value): Argument {
  if (!isScalar(operand)) return { shape: operand.shape, container: operand.container };
  return operand.constant === undefined ? { shape: [], container: "array" } : { constant: operand.constant };
}

function programOf(definition: Definition, args: readonly Argument[]): Compiled {
  let known = compiled.get(definition);
  if (!known) compiled.set(definition, (known = new Map()));
  const key = JSON.stringify(args);
  let found = known.get(key);
  if (!found) known.set(key, (found = compileFor(definition, args)));
  return found;
}

function compileFor(definition: Definition, args: readonly Argument[]): Compiled {
  const { fn, name, constants, residual } = definition;
  const value = readFunction(fn, name, args, constants);
  if (residual) {
    const equations = readFunction(residual, `${name}.residual`, [value.result, ...args], constants);
    return { ...value, program: { ...value.program, rules: implicitRules(value.program, equations.program) } };
  }
  return { ...value, program: { ...value.program, rules: rulesOf(definition, args, value.result) } };
}

/** (inputs x0, x1, ... of the arguments that are no constants, output y). */
function readFunction(fn: PlainCall, name: string, args: readonly Argument[], constants: Definition["constants"]): Compiled {
  let result: Compiled["result"] | undefined;
  const program = readBody(
    fn,
    name,
    constants,
    (at) => args.map((arg, k) => parameter(at, arg, `x${k}`)),
    (at, item) => {
      result =
        isScalar(item) || item.kind !== "array"
          ? { shape: [], container: "array" }
          : { shape: item.shape, container: item.container };
      store(at, item, at.r.builder.arrayParameter("y", sizeOf(result.shape), "output"), result.shape);
    },
  );
  return { program, result: result! };
}

function rulesOf({ name, constants, vjp, jvp }: Definition, args: readonly Argument[], result: Compiled["result"]): Rules {
  const active = (names: readonly string[]): number[] => names.map((input) => Number(input.slice(1)));
  const alone = args.length === 1;
  return {
    inert: [],
    vjp:
      vjp &&
      ((names) =>
        readBody(
          vjp,
          `${name}.vjp`,
          constants,
          (at) => {
            const inputs = args.map((arg, k) => parameter(at, arg, `x${k}`));
            parameter(at, result, "y");
            return [parameter(at, result, "y_bar"), ...inputs];
          },
          (at, item) => {
            const gradients = alone ? [item] : elementsOf(at, item);
            for (const k of active(names)) addTo(at, gradients[k], `x${k}_bar`, args[k] as Compiled["result"]);
          },
        )),
    jvp:
      jvp &&
      ((names) =>
        readBody(
          jvp,
          `${name}.jvp`,
          constants,
          (at) => {
            const inputs = args.map((arg, k) => parameter(at, arg, `x${k}`));
            parameter(at, result, "y");
            const tangents = args.map((arg, k) => (names.includes(`x${k}`) ? parameter(at, arg, `x${k}_dot`) : zeros(at, arg)));
            const list = { kind: "list", elements: tangents.map((item) => at.r.journal.cell("dx", item)) } as const;
            return [alone ? tangents[0] : list, ...inputs];
          },
          (at, item) => store(at, item, at.r.builder.arrayParameter("y_dot", sizeOf(result.shape), "output"), result.shape),
        )),
  };
}

function parameter(at: Site, arg: Argument, name: string): Item {
  const b = at.r.builder;
  if ("constant" in arg) return Number.isInteger(arg.constant) ? b.i32(arg.constant) : b.f64(arg.constant);
  const { shape, container } = arg;
  const array = b.arrayParameter(name, sizeOf(shape), "input");
  if (!shape.length) return b.load(array, b.i32(0));
  const storage = new Storage(name, "input", array.size, "Float64Array", array);
  return { kind: "array", storage, offset: b.i32(0), shape, strides: rowMajor(shape), container };
}

function zeros(at: Site, arg: Argument): Item {
  if ("constant" in arg || !arg.shape.length) return at.r.builder.f64(0);
  const item = newArray(at, arg.shape, arg.container);
  at.r.builder.fill(writeView(at, item).array, at.r.builder.f64(0));
  return item;
}

function store(at: Site, item: Item, to: ArrayDeclaration, shape: readonly number[]): void {
  const b = at.r.builder;
  if (!shape.length) return b.store(to, b.i32(0), b.toF64(toNumber(at, item)));
  copy(b, viewOf(at, item, shape), wholeView(b, to, shape));
}

function addTo(at: Site, item: Item, name: string, { shape }: Compiled["result"]): void {
  const b = at.r.builder;
  const gradient = b.arrayParameter(name, sizeOf(shape), "inout");
  if (!shape.length) return b.accumulate(gradient, b.i32(0), b.toF64(toNumber(at, item)));
  const made = b.localArray("gradient", sizeOf(shape));
  copy(b, viewOf(at, item, shape), wholeView(b, made, shape));
  b.for(b.i32(0), b.i32(made.size), 1, [], (i) => (b.accumulate(gradient, i, b.load(made, i)), []));
}

function viewOf(at: Site, item: Item, shape: readonly number[]): View {
  if (!isScalar(item) && item.kind === "array" && sameShape(item.shape, shape)) return readView(at, item);
  return unreadable(
    at,
    "rule",
    "A rule's result has not the shape it must have",
    `Return an array of shape [${shape.join(", ")}] there: a gradient is shaped like its argument, a tangent like the result.`,
  );
}
