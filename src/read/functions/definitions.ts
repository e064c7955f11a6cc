/** Reads calls of functions that carry derivatives of their own: each is a program of its own, with rules. */
import { memo } from "../../core/memo.ts";
import { sizeOf } from "../../arrays/shape.ts";
import { definitionOf, hasOwnDerivative, type Definition, type PlainCall } from "../../operations/definitions.ts";
import { checkRules } from "../../compile/check-rules.ts";
import { implicitRules } from "../../derive/implicit.ts";
import type { ArrayArgument } from "../../ir/ir.ts";
import {
  argumentOf,
  copyOperand,
  parameter,
  store,
  variableOf,
  type Argument,
  type Operand,
  type Variable,
} from "./arguments.ts";
import { argumentsOfFunction, derivativeProgram, type Compiled } from "./derivative-operators.ts";
import { newArray, writeView } from "../values/arrays.ts";
import { closureOf, wrap } from "../values/wrap.ts";
import { readBody } from "./read-body.ts";
import { differenceIn, wholeContent } from "../constants/host-contents.ts";
import { describe, isScalar, type Item } from "../state/items.ts";
import { toNumber } from "../state/numbers.ts";
import { activeInputs, ownRules } from "./own-rules.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Grammar } from "../state/reader.ts";

export function callDefinition(at: Site, definition: Definition, args: readonly Item[]): Item {
  if (!hasOwnDerivative(definition)) return callText(at, definition, args);
  const b = at.r.builder;
  const operands = args.map((item, k) => operandOf(at, definition, item, k));
  const { program, result } = programOf(
    at.r.grammar,
    definition,
    operands.map((operand) => (definition.operator ? variableOf(operand) : argumentOf(operand))),
  );
  at.r.hosts.include(program.host);
  const passed = operands.flatMap((operand): ArrayArgument[] => {
    if (isScalar(operand) && operand.constant !== undefined && !definition.operator) return [];
    const array = b.localArray(definition.name, sizeOf(variableOf(operand).shape));
    copyOperand(at, operand, array);
    return [{ array, offset: b.i32(0) }];
  });
  const made = newArray(at, result.shape, result.container, "Float64Array", definition.name);
  const { array, offset } = writeView(at, made);
  b.call(program, [...passed, { array, offset }]);
  return result.shape.length ? made : b.load(array, b.i32(0));
}

function operandOf(at: Site, { name, operator }: Definition, item: Item, k: number): Operand {
  if (!isScalar(item) && item.kind === "array") return item;
  // What is not differentiated by may have names.
  if (!isScalar(item) && item.kind === "record" && operator && k > 0) return item;
  if (isScalar(item) || item.kind === "host") return toNumber(at, item);
  return unreadable(
    at,
    name,
    `\`${name}\` has derivatives of its own, and is given ${describe(item)}`,
    "Such functions take numbers and arrays of numbers: hand over the components one by one.",
  );
}

/** A function with constants of its own, and no more: it is read into its caller. */
function callText(at: Site, { fn, name, constants }: Definition, args: readonly Item[]): Item {
  const own = constants === undefined ? [] : [wrap(at, constants, `${name}.constants`)];
  return at.r.call(at, closureOf(fn, name), [...args, ...own]);
}

/** (inputs x0, x1, … of the arguments that are no constants, output y), with the rules. Made once for each kind of arguments. */
export function programOf(grammar: Grammar, definition: Definition, args: readonly Argument[]): Compiled {
  const kept = programsOf(definition, JSON.stringify(args));
  if (differenceIn(kept.latest?.program.host ?? []) !== undefined) kept.latest = undefined;
  return (kept.latest ??= compileFor(grammar, definition, args));
}

/** The latest, whose constants may change. */
const programsOf = memo((_of: Definition, _args: string): { latest?: Compiled } => ({}));

function compileFor(grammar: Grammar, definition: Definition, args: readonly Argument[]): Compiled {
  const { fn, name, constants, residual, activity = [], check = true } = definition;
  if (definition.operator) {
    const { of } = definition.operator;
    const inner = definitionOf(of) ?? { fn: of as PlainCall, name: of.name || "f" };
    const own = programOf(grammar, inner, argumentsOfFunction(definition.operator, args));
    const derived = derivativeProgram(name, definition.operator, args as Variable[], own);
    return { ...derived, program: { ...derived.program, host: own.program.host } };
  }
  const value = readArguments(grammar, fn, name, args, constants);
  if (residual) {
    const equations = readArguments(grammar, residual, `${name}.residual`, [value.result, ...args], constants);
    const host = [...(value.program.host ?? []), ...(equations.program.host ?? [])];
    return { ...value, program: { ...value.program, host, rules: implicitRules(value.program, equations.program) } };
  }
  if (!hasOwnDerivative(definition)) return value;
  // What rules read is known when they are read, which is later.
  const all = [
    ...(constants && !value.program.buffers?.length ? [wholeContent(`${name}.constants`, constants)] : []),
    ...rulesOf(definition).map((rule) => wholeContent(`what the rules of ${name} capture`, rule)),
  ];
  const host = [...(value.program.host ?? []), ...all];
  const program = {
    ...value.program,
    host,
    rules: { ...ownRules(grammar, definition, args, value.result), decides: value.program },
  };
  if (check) {
    for (const { of } of [{ of: args.map(() => "active") }, ...activity]) checkRules(program, activeInputs(of, args));
  }
  return { ...value, program };
}

function rulesOf({ vjp, jvp, activity = [] }: Definition): readonly object[] {
  return [vjp, jvp, ...activity.flatMap((rules) => [rules.vjp, rules.jvp])].filter((rule) => rule !== undefined);
}

function readArguments(
  grammar: Grammar,
  fn: PlainCall,
  name: string,
  args: readonly Argument[],
  constants: Definition["constants"],
): Compiled {
  let result: Variable | undefined;
  const program = readBody(
    grammar,
    fn,
    name,
    constants,
    (at) => args.map((arg, k) => parameter(at, arg, `x${k}`)),
    (at, item) => {
      const made = isScalar(item) || item.kind !== "array" ? undefined : item;
      result = made ? { shape: made.shape, container: made.container } : { shape: [], container: "array" };
      store(at, item, at.r.builder.arrayParameter("y", sizeOf(result.shape), "output"), result.shape);
    },
  );
  return { program, result: result! };
}
