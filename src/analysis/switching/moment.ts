/**
 * A program's decisions just after a moment: it is run with the time as a number that grows, and with what depends on the state
 * left open.
 */
import type { ArrayDeclaration, For, If, Instruction, Let, Value, While } from "../../ir/ir.ts";
import { Evaluator } from "../../ir/evaluator.ts";
import { scalarOperations } from "../../ir/scalar-operations.ts";
import { arraysOf } from "../../ir/calls.ts";
import { decisions, type Slice } from "./slice.ts";
import { constantTerm, termOf, varies, type Term } from "./term.ts";

/** What is not known before the solve is undefined. */
type Fact = Term | undefined;

/** A decision met: it switches where `term` crosses zero; where it rounds (`steps`), at every whole number. */
export interface Watch {
  readonly decision: Let;
  readonly term: Term;
  readonly steps: boolean;
}

/** What a term may be off by, where times closer than `close` are one. */
export function noiseOf({ value, slope, made }: Term, close: number): number {
  const parts = typeof made === "object" && "args" in made ? made.args : [];
  const size = parts.reduce((largest, arg) => Math.max(largest, Math.abs(arg.value)), Math.abs(value));
  return Math.abs(slope) * close + 2 ** -50 * size;
}

/** Runs a slice just after a moment, in the direction of the solve. */
export class Moment extends Evaluator<Fact> {
  readonly watches: Watch[] = [];
  /** Decisions that turn out otherwise at the moment itself. */
  readonly turning: Let[] = [];
  private readonly memory = new Map<ArrayDeclaration, Elements>();
  /** What was written while it was not known whether to. */
  private journal: [Elements, number][] | undefined;

  constructor(
    private readonly slice: Slice,
    p: Float64Array,
    now: number,
    private readonly direction: number,
    /** Times closer than this are one. */
    private readonly close: number,
  ) {
    super();
    const { parameters, arrays } = slice.program;
    for (const array of arrays) this.memory.set(array, new Elements(initially(array, p)));
    for (const parameter of parameters) {
      if (parameter.kind === "scalar" && parameter.name === "t")
        this.values.set(parameter.value, { value: now, slope: 1, affine: true, made: "t" });
    }
    this.block(slice.program.body);
  }

  protected value(value: Value): Fact {
    return value.constant === undefined ? this.values.get(value) : constantTerm(value.constant);
  }

  protected instruction(i: Instruction): void {
    switch (i.kind) {
      case "let":
        this.values.set(i.result, this.operation(i));
        return;
      case "load":
        this.values.set(i.result, this.memory.get(i.array)!.get(this.value(i.index)?.value));
        return;
      case "store": {
        const decision = this.slice.decided.get(i);
        if (decision && this.slice.isLast(decision)) this.operation(decision);
        return this.write(i.array, this.value(i.index), this.value(i.value));
      }
      case "accumulate": {
        const index = this.value(i.index);
        const [old, more] = [this.memory.get(i.array)!.get(index?.value), this.value(i.value)];
        return this.write(i.array, index, old && more && termOf("add", [old, more]));
      }
      case "fill":
        for (let k = 0; k < i.array.size; k++) this.write(i.array, constantTerm(k), this.value(i.value));
        return;
      case "if":
        return this.if(i);
      case "for":
        return this.for(i);
      case "while":
        return this.while(i);
      case "call":
        for (const { parameter, at } of arraysOf(i).outputs) {
          const offset = this.value(at.offset)?.value;
          for (let k = 0; k < parameter.size; k++)
            this.write(at.array, offset === undefined ? undefined : constantTerm(offset + k), undefined);
        }
        if (i.result) this.values.set(i.result, undefined);
    }
  }

  private write(array: ArrayDeclaration, index: Fact, fact: Fact): void {
    const elements = this.memory.get(array)!;
    if (index === undefined) return elements.forget();
    elements.set(index.value, fact);
    this.journal?.push([elements, index.value]);
  }

  private if(i: If): void {
    const condition = this.value(i.condition);
    if (condition) return this.bind(i.results, this.block(condition.value ? i.then : i.else));
    this.unsure(() => {
      const [one, other] = [this.block(i.then), this.block(i.else)];
      this.bind(
        i.results,
        one.map((fact, k) => united(fact, other[k])),
      );
    });
  }

  private for(i: For): void {
    const [from, to] = [this.value(i.from), this.value(i.to)];
    this.enter(i);
    if (from && to) {
      for (let index = from.value; i.step > 0 ? index < to.value : index > to.value; index += i.step) {
        this.values.set(i.index, constantTerm(index));
        this.iteration(i);
      }
    } else
      this.unsure(() => {
        this.values.set(i.index, undefined);
        this.anyIterations(i);
      });
    this.leave(i);
  }

  private while(i: While): void {
    this.enter(i);
    let goesOn = this.block(i.condition)[0];
    while (goesOn?.value) {
      this.iteration(i);
      goesOn = this.block(i.condition)[0];
    }
    if (!goesOn) this.unsure(() => this.anyIterations(i));
    this.leave(i);
  }

  private anyIterations(i: For | While): void {
    for (const { phi } of i.carried) this.values.set(phi, undefined);
    this.block(i.body);
    for (const { phi } of i.carried) this.values.set(phi, undefined);
  }

  /** What is written meanwhile is not known afterwards. */
  private unsure(run: () => void): void {
    const outer = this.journal;
    const written: [Elements, number][] = [];
    this.journal = written;
    run();
    this.journal = outer;
    for (const [elements, index] of written) elements.set(index, undefined);
    outer?.push(...written);
  }

  private operation(i: Let): Fact {
    const args = i.args.map((arg) => this.value(arg));
    const { operation } = i;
    if (operation.endsWith("select")) {
      const [condition, yes, no] = args;
      if (condition) return condition.value ? yes : no;
      return united(yes, no);
    }
    if (operation === "bool.and" && args.some((arg) => arg?.value === 0)) return constantTerm(0);
    if (operation === "bool.or" && args.some((arg) => arg?.value === 1)) return constantTerm(1);
    if (args.includes(undefined)) return undefined;
    const terms = args as Term[];
    if (!terms.some(varies)) return decisions.has(operation) ? this.settled(i, terms) : termOf(operation, terms);
    const decided = this.decide(i, terms);
    if (decisions.has(operation) && operation !== "rem") {
      const now = scalarOperations[operation].value(...terms.map((term) => term.value));
      if (now !== decided.value) this.turning.push(i);
    }
    return decided;
  }

  /** A decision that the time does not change. */
  private settled({ operation }: Let, terms: readonly Term[]): Term {
    const value = scalarOperations[operation].value(...terms.map((term) => term.value));
    if (operation === "min" || operation === "max") return terms.find((term) => term.value === value) ?? terms[0];
    if (operation === "abs" || operation === "rem" || operation === "atan2") return termOf(operation, terms);
    return constantTerm(value);
  }

  private decide(decision: Let, terms: readonly Term[]): Term {
    const [x, y] = terms;
    switch (decision.operation) {
      case "lt":
      case "le":
        return constantTerm(Number(this.side(decision, termOf("sub", terms)) < 0));
      case "gt":
      case "ge":
        return constantTerm(Number(this.side(decision, termOf("sub", terms)) > 0));
      case "eq":
        return constantTerm(0);
      case "ne":
        return constantTerm(1);
      case "min":
        return this.side(decision, termOf("sub", terms)) < 0 ? x : y;
      case "max":
        return this.side(decision, termOf("sub", terms)) > 0 ? x : y;
      case "abs":
        return this.side(decision, x) < 0 ? termOf("neg", [x]) : x;
      case "sign":
        return constantTerm(this.side(decision, x));
      case "floor":
        return constantTerm(this.below(decision, x));
      case "ceil":
        return constantTerm(this.below(decision, x) + 1);
      case "round":
        return constantTerm(this.below(decision, termOf("add", [x, constantTerm(0.5)])));
      case "trunc":
      case "i32.from_f64":
        return constantTerm(towardsZero(this.below(decision, x)));
      case "i32.wrap_f64":
        return constantTerm(towardsZero(this.below(decision, x)) | 0);
      case "rem": {
        const whole = constantTerm(towardsZero(this.below(decision, termOf("div", terms))));
        return termOf("sub", [x, termOf("mul", [y, whole])]);
      }
      case "atan2": {
        // The angle changes its sign where it jumps from π to -π, too, and there moves as what it is made of does.
        const angle = termOf("atan2", terms);
        this.watches.push({ decision, term: angle, steps: false });
        return angle;
      }
      default:
        return termOf(decision.operation, terms);
    }
  }

  /** The sign just after now. */
  private side(decision: Let, term: Term): number {
    this.watches.push({ decision, term, steps: false });
    const sign = Math.abs(term.value) > noiseOf(term, this.close) ? term.value : this.direction * term.slope;
    return Math.sign(sign);
  }

  /** The whole number below, just after now. */
  private below(decision: Let, term: Term): number {
    this.watches.push({ decision, term, steps: true });
    const nearest = Math.round(term.value);
    if (Math.abs(term.value - nearest) > noiseOf(term, this.close)) return Math.floor(term.value);
    return this.direction * term.slope > 0 ? nearest : nearest - 1;
  }
}

function towardsZero(below: number): number {
  return below < 0 ? below + 1 : below;
}

/** What is known whichever of the two it is. */
function united(one: Fact, other: Fact): Fact {
  if (one === other) return one;
  if (one === undefined || other === undefined || one.made !== undefined || other.made !== undefined) return undefined;
  return one.value === other.value ? one : undefined;
}

/** What an array's elements are, and what was written over that. */
class Elements {
  private readonly written = new Map<number, Fact>();
  private isForgotten = false;

  constructor(private readonly initial: (index: number) => Fact) {}

  get(index: number | undefined): Fact {
    if (index === undefined) return undefined;
    if (this.written.has(index)) return this.written.get(index);
    return this.isForgotten ? undefined : this.initial(index);
  }

  set(index: number, fact: Fact): void {
    this.written.set(index, fact);
  }

  forget(): void {
    this.written.clear();
    this.isForgotten = true;
  }
}

function initially(array: ArrayDeclaration, p: Float64Array): (index: number) => Fact {
  const { role, name, data } = array;
  switch (role) {
    case "constant":
      return (i) => constantTerm(data![i] ?? NaN);
    case "local":
      return () => constantTerm(0);
    case "input":
      return name === "p" ? (i) => ({ value: p[i], slope: 0, affine: true, made: { parameter: i } }) : () => undefined;
    default:
      return () => undefined;
  }
}
