/** Makes rules of a program of the derivatives that the author of its function gives. */
import { sizeOf } from "../../arrays/shape.ts";
import type { Definition, OwnRules } from "../../operations/definitions.ts";
import type { Program, Rules } from "../../ir/ir.ts";
import { pullbackOf, pushforwardOf } from "../../derive/transpose.ts";
import { isVariable, parameter, store, zeros, type Argument, type Variable } from "./arguments.ts";
import { readBody } from "./read-body.ts";
import type { Item } from "../state/items.ts";
import { elementsOf } from "../values/iterate.ts";
import { toNumber } from "../state/numbers.ts";
import type { Site } from "../state/site.ts";
import type { Grammar } from "../state/reader.ts";

/** The rules of the program (inputs x0, x1, … of the arguments that are no constants, output y). */
export function ownRules(grammar: Grammar, definition: Definition, args: readonly Argument[], result: Variable): Rules {
  const chosen = (names: readonly string[]): Chosen => new Chosen(grammar, definition, args, result, names);
  return { inert: [], vjp: (names) => chosen(names).vjp(), jvp: (names) => chosen(names).jvp() };
}

/** The rules for calls in which these inputs are active: those for just this activity, or else the general ones. */
class Chosen {
  private readonly active: readonly number[];
  private readonly rules: OwnRules;
  private readonly isGeneral: boolean;

  constructor(
    private readonly grammar: Grammar,
    private readonly definition: Definition,
    private readonly args: readonly Argument[],
    private readonly result: Variable,
    names: readonly string[],
  ) {
    this.active = names.map((input) => Number(input.slice(1)));
    const { activity = [] } = definition;
    const special = activity.find(({ of }) => args.every((_, k) => (of[k] === "active") === this.active.includes(k)));
    this.isGeneral = !special;
    this.rules = special ?? definition;
  }

  vjp(): Program {
    return this.rules.vjp ? this.readVjp("inout") : pullbackOf(this.readJvp(), this.active.length);
  }

  jvp(): Program {
    return this.rules.jvp ? this.readJvp() : pushforwardOf(this.readVjp("output"));
  }

  /** (inputs, y, y_bar, gradients of the active inputs, stored or added to). */
  private readVjp(role: "inout" | "output"): Program {
    const { definition, args, result, active } = this;
    const { name, constants } = definition;
    return readBody(
      this.grammar,
      this.rules.vjp!,
      `${name}.vjp`,
      constants,
      (at) => {
        const inputs = this.inputs(at);
        return [parameter(at, result, "y_bar"), ...inputs];
      },
      (at, item) => {
        const gradients = this.wanted.length === 1 ? [item] : elementsOf(at, item);
        for (const k of active) give(at, gradients[this.wanted.indexOf(k)], `x${k}_bar`, args[k] as Variable, role);
      },
    );
  }

  /** (inputs, y, tangents of the active inputs, output y_dot). */
  private readJvp(): Program {
    const { definition, args, result, active } = this;
    const { name, constants } = definition;
    return readBody(
      this.grammar,
      this.rules.jvp!,
      `${name}.jvp`,
      constants,
      (at) => {
        const inputs = this.inputs(at);
        const declared = new Map(active.map((k) => [k, parameter(at, args[k], `x${k}_dot`)]));
        const tangents = this.wanted.map((k) => declared.get(k) ?? zeros(at, args[k]));
        return [tangents.length === 1 ? tangents[0] : at.r.journal.list(tangents), ...inputs];
      },
      (at, item) => store(at, item, at.r.builder.arrayParameter("y_dot", sizeOf(result.shape), "output"), result.shape),
    );
  }

  private inputs(at: Site): Item[] {
    const inputs = this.args.map((arg, k) => parameter(at, arg, `x${k}`));
    parameter(at, this.result, "y");
    return inputs;
  }

  /** The arguments that the rules are about. */
  private get wanted(): readonly number[] {
    return this.isGeneral ? this.args.map((_, k) => k) : this.active;
  }
}

/** Stores a gradient, or adds it. */
function give(at: Site, item: Item, name: string, { shape }: Variable, role: "inout" | "output"): void {
  const b = at.r.builder;
  const gradient = b.arrayParameter(name, sizeOf(shape), role);
  if (role === "output") return store(at, item, gradient, shape);
  if (!shape.length) return b.accumulate(gradient, b.i32(0), b.toF64(toNumber(at, item)));
  const made = b.localArray("gradient", sizeOf(shape));
  store(at, item, made, shape);
  b.for(b.i32(0), b.i32(made.size), 1, [], (i) => (b.accumulate(gradient, i, b.load(made, i)), []));
}

/** The inputs, by name, that rules for this activity are about. */
export function activeInputs(of: readonly string[], args: readonly Argument[]): string[] {
  return args.flatMap((arg, k) => (isVariable(arg) && of[k] === "active" ? [`x${k}`] : []));
}
