/**
 * Where a program may jump, as its text alone tells: whatever the state, the parameters and the time are. Operations with kinks, such as
 * `Math.max`, and comparisons that choose between what is the same where they switch (`x > 0 ? x : 0`) leave it continuous.
 */
import { memo } from "../../core/memo.ts";
import {
  blocksOf,
  operandsOf,
  walk,
  type Block,
  type If,
  type Instruction,
  type Let,
  type Program,
  type Value,
} from "../../ir/ir.ts";
import { scalarOperations } from "../../ir/scalar-operations.ts";
import { eliminate } from "../../passes/eliminate.ts";
import { inlineCalls } from "../../passes/inline-calls.ts";
import { dependence, dependenceOn } from "../dependence.ts";
import { jumping, kinked } from "./outcomes.ts";
import { decisions } from "./slice.ts";

/** The first decision on the state behind which a program (…, input u, …) may jump; undefined where it is continuous. */
export const jumpOnState = memo((whole: Program): Let | undefined => {
  const program = plainOf(whole);
  const all = walk(program.body);
  const { values } = dependence(program, ["u"]);
  const onState = all.filter((i): i is Let => i.kind === "let" && i.args.some((arg) => values.has(arg)));
  const chosen = onState.filter(({ operation }) => kinked.has(operation)).map(({ result }) => result);
  // Which of two was the larger is told by comparing what came of it with either.
  const behind = dependenceOn(program, chosen).values;
  const tells = ({ operation, args }: Let): boolean =>
    jumping.has(operation) || ((operation === "eq" || operation === "ne") && args.some((arg) => behind.has(arg)));
  const uses = usesIn(program);
  return onState.find((i) => tells(i) && !isContinuous(i, uses.get(i.result)));
});

/** The first decision of a program on the time, be it a jump or a kink. */
export const decisionOnTime = memo((whole: Program): Let | undefined => {
  const program = plainOf(whole);
  const { values } = dependence(program, ["t"]);
  return walk(program.body).find(
    (i): i is Let =>
      i.kind === "let" && (decisions.has(i.operation) || jumping.has(i.operation)) && i.args.some((arg) => values.has(arg)),
  );
});

function plainOf(whole: Program): Program {
  return eliminate(inlineCalls(whole, (callee) => callee.rules !== undefined));
}

/** Of each value the instructions that take it, or undefined among them where a block yields it, or the program returns it. */
type Uses = ReadonlyMap<Value, readonly (Instruction | undefined)[]>;

function usesIn({ body, result }: Program): Uses {
  const uses = new Map<Value, (Instruction | undefined)[]>();
  const note = (value: Value, by: Instruction | undefined): void => {
    const known = uses.get(value);
    if (known) known.push(by);
    else uses.set(value, [by]);
  };
  const yielded = ({ yields }: Block): void => yields.forEach((value) => note(value, undefined));
  for (const i of walk(body)) {
    operandsOf(i).forEach((value) => note(value, i));
    blocksOf(i).forEach(yielded);
  }
  yielded(body);
  if (result) note(result, undefined);
  return uses;
}

/** Does a comparison do nothing but choose between what is the same where its sides are equal? */
function isContinuous({ operation, args, result }: Let, uses: readonly (Instruction | undefined)[] = []): boolean {
  if (!["lt", "le", "gt", "ge"].includes(operation)) return false;
  const same = sameWhereEqual(args[0], args[1]);
  return uses.every((use) => {
    if (use?.kind === "if") return isPure(use) && use.results.every((_, k) => same(use.then.yields[k], use.else.yields[k]));
    return use?.kind === "let" && use.operation === "select" && use.args[0] === result && same(use.args[1], use.args[2]);
  });
}

function isPure(choice: If): boolean {
  return blocksOf(choice).every(({ instructions }) => instructions.every(({ kind }) => kind === "let" || kind === "load"));
}

/** Relative: two numbers that a program chooses between, as of a series and of what it stands for, are the same within this. */
const ALIKE = 1e-9;

/** Whether two values are the same for certain where two others are equal. */
function sameWhereEqual(a: Value, b: Value): (x: Value, y: Value) => boolean {
  const one = a.constant === undefined ? b : a;
  const known = new Map<Value, Value | number>();
  const reduced = (value: Value): Value | number => {
    if (value === a || value === b) return one.constant ?? one;
    if (value.constant !== undefined) return value.constant;
    let found = known.get(value);
    if (found === undefined)
      known.set(value, (found = value.definition?.kind === "let" ? ofLet(value, value.definition) : value));
    return found;
  };
  const ofLet = (value: Value, { operation, args }: Let): Value | number => {
    const each = args.map(reduced);
    if (each.every((x) => typeof x === "number")) return scalarOperations[operation].value(...each);
    if (operation === "sub" && each[0] === each[1]) return 0;
    if (operation === "mul" && each.includes(0)) return 0;
    if (operation === "add" && each.includes(0)) return each[0] === 0 ? each[1] : each[0];
    return value;
  };
  return (x, y) => {
    const [left, right] = [reduced(x), reduced(y)];
    if (typeof left !== "number" || typeof right !== "number") return left === right;
    return Math.abs(left - right) <= ALIKE * Math.max(Math.abs(left), Math.abs(right));
  };
}
