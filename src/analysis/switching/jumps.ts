/**
 * Where a program may jump, as its text alone tells: whatever the state, the parameters and the time are. Operations with kinks, such as
 * `Math.max`, and comparisons that choose between what is the same where they switch (`x > 0 ? x : 0`) leave it continuous.
 */
import { memo } from "../../core/memo.ts";
import { mixed, uniforms } from "../../core/random.ts";
import {
  blocksOf,
  isProgram,
  operandsOf,
  walk,
  type ArrayDeclaration,
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
import { rootsOf } from "../activity.ts";
import { dependence, dependenceOn } from "../dependence.ts";
import { jumping, kinked } from "./outcomes.ts";
import { decisions } from "./slice.ts";

/** The first decision on the state behind which a program (…, input u, …) may jump; undefined where it is continuous. */
export const jumpOnState = memo((whole: Program): Let | undefined => {
  const program = plainOf(whole);
  return jumpOn(program, rootsOf(program, ["u"]));
});

/**
 * The first decision within functions with rules of their own that a program (…, input u, …) calls, behind which those may jump with what is
 * named: no solve looks for it, and derivatives are what the rules say.
 */
export const jumpInRules = memo((whole: Program, ...names: string[]): Let | undefined => {
  const program = plainOf(whole);
  return jumpInCalls(program, rootsOf(program, names));
});

type Roots = readonly (Value | ArrayDeclaration)[];

function jumpInCalls(program: Program, roots: Roots): Let | undefined {
  const { arrays } = dependenceOn(program, roots);
  for (const i of walk(program.body)) {
    const decides = i.kind === "call" && isProgram(i.callee) ? i.callee.rules?.decides : undefined;
    if (i.kind !== "call" || !decides) continue;
    const inner = plainOf(decides);
    // Equations begin with the unknowns, which depend on whatever is given.
    const before = inner.parameters.length - i.args.length;
    const given = inner.parameters.flatMap((parameter, k) => {
      const isGiven = k < before || ((arg) => "array" in arg && arrays.has(arg.array))(i.args[k - before]);
      return isGiven && parameter.kind === "array" && parameter.array.role === "input" ? [parameter.array] : [];
    });
    const found = given.length > before ? (jumpOn(inner, given) ?? jumpInCalls(inner, given)) : undefined;
    if (found) return found;
  }
  return undefined;
}

function jumpOn(program: Program, roots: Roots): Let | undefined {
  const all = walk(program.body);
  const { values } = dependenceOn(program, roots);
  const onThese = all.filter((i): i is Let => i.kind === "let" && i.args.some((arg) => values.has(arg)));
  const chosen = onThese.filter(({ operation }) => kinked.has(operation)).map(({ result }) => result);
  // Which of two was the larger is told by comparing what came of it with either.
  const behind = dependenceOn(program, chosen).values;
  const tells = ({ operation, args }: Let): boolean =>
    jumping.has(operation) || ((operation === "eq" || operation === "ne") && args.some((arg) => behind.has(arg)));
  const uses = usesIn(program);
  return onThese.find((i) => tells(i) && !isContinuous(i, uses.get(i.result)));
}

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
/** Numbers at random that two values are compared for. */
const WORLDS = 8;

/** Whether two values are the same where two others are equal, whatever else there is: by numbers at random in place of what is not known. */
function sameWhereEqual(a: Value, b: Value): (x: Value, y: Value) => boolean {
  const worlds = Array.from({ length: WORLDS }, (_, k) => new World(a, b, k));
  const isFinite = ({ number, scale }: Sample): boolean => Number.isFinite(number) && Number.isFinite(scale);
  return (x, y) => {
    if (x === y) return true;
    const both = worlds.map((world) => [world.of(x), world.of(y)]).filter((pair) => pair.every(isFinite));
    return both.length > 0 && both.every(([l, r]) => Math.abs(l.number - r.number) <= ALIKE * Math.max(l.scale, r.scale));
  };
}

interface Sample {
  readonly number: number;
  /** Of what it was computed of, which rounding errors are relative to. */
  readonly scale: number;
}

/** Numbers for the values of a program, by which two of them are equal. */
class World {
  private readonly known = new Map<Value, Sample>();
  private readonly uniform: () => number;

  constructor(a: Value, b: Value, index: number) {
    this.uniform = uniforms(mixed(1, index));
    const number = a.constant ?? b.constant ?? this.random();
    this.set(a, number);
    this.set(b, number);
  }

  of(value: Value): Sample {
    let sample = this.known.get(value);
    if (!sample) this.known.set(value, (sample = this.found(value)));
    return sample;
  }

  private found({ constant, definition, type }: Value): Sample {
    if (constant !== undefined) return exactly(constant);
    if (definition?.kind !== "let") return exactly(type === "f64" ? this.random() : Math.round(this.random()));
    const { operation } = definition;
    const args = definition.args.map((arg) => this.of(arg));
    const { value } = scalarOperations[operation];
    const number = Number(value(...args.map((arg) => arg.number)));
    const scales = args.map(({ scale }) => scale);
    const isSum = operation === "add" || operation === "sub";
    const scale = isSum ? Math.max(...scales) : Math.abs(Number(value(...scales)));
    return { number, scale: Math.max(Math.abs(number), scale || 0) };
  }

  /** And what it is computed of, as far as that follows: where |x| is 2, x is 2 or -2. */
  private set(value: Value, number: number): void {
    if (value.constant !== undefined || this.known.has(value)) return;
    this.known.set(value, exactly(number));
    if (value.definition?.kind !== "let") return;
    const { operation, args } = value.definition;
    const [x, y] = args;
    const either = this.uniform() < 0.5 ? 1 : -1;
    const [unknown, other] = x.constant === undefined ? [x, y] : [y, x];
    const by = (): number => this.of(other).number;
    if (operation === "neg") this.set(x, -number);
    else if (operation === "abs") this.set(x, either * number);
    else if (operation === "sqrt") this.set(x, number * number);
    else if (operation === "mul" && x === y) this.set(x, either * Math.sqrt(number));
    else if (operation === "mul") this.set(unknown, number / by());
    else if (operation === "add") this.set(unknown, number - by());
    else if (operation === "sub") this.set(unknown, unknown === x ? number + by() : by() - number);
  }

  private random(): number {
    return 0.5 + this.uniform();
  }
}

function exactly(number: number): Sample {
  return { number, scale: Math.abs(number) };
}
