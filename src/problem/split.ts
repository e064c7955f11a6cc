/** Right-hand sides that are stated in parts, as methods take them that treat each in its own way. */
import { sameLayout, type Layout } from "../arrays/layout.ts";
import { sumOfParts, type Part } from "../passes/parts.ts";
import { InternalError } from "../core/errors.ts";
import { adviceOn } from "../core/options/names.ts";
import { BadOption, UnknownOption } from "../core/errors.ts";
import { isObject, type Check } from "../core/options/check.ts";
import { callable } from "../core/options/kinds.ts";
import type { Program } from "../ir/ir.ts";
import { isMisread, requireReadRight } from "../read/misreading.ts";
import { BadProblem } from "./errors.ts";
import { isInPlace } from "./in-place.ts";
import { Operator, type Called, type OperatorOptions } from "./operator.ts";
import { operators } from "./operators.ts";
import type { Inputs, PlainFunction, Spaces } from "./plain-operator.ts";

/** What a right-hand side may be stated as. */
export type Split = Sum | Readonly<Record<"position" | "velocity", PlainFunction>>;

type Sum = Readonly<Record<"stiff" | "nonstiff", PlainFunction>>;

type PartName = "stiff" | "nonstiff" | "position" | "velocity";

const FORMS: readonly (readonly PartName[])[] = [
  ["stiff", "nonstiff"],
  ["position", "velocity"],
];

/** A function, or the functions of one of the forms. */
export const rightHandSide: Check = (value, what) => {
  if (!isObject(value)) return callable(value, what);
  const keys = Object.keys(value).filter((key) => (value as Readonly<Record<string, unknown>>)[key] !== undefined);
  const form = FORMS.find((names) => names.some((name) => keys.includes(name))) ?? [];
  const unknown = keys.find((key) => !form.includes(key as PartName));
  if (unknown !== undefined) throw new UnknownOption(what, unknown, adviceOn(unknown, form.length > 0 ? form : FORMS.flat()));
  const missing = form.find((name) => !keys.includes(name));
  if (missing !== undefined || form.length === 0) {
    throw new BadOption(
      `${what} is in parts, but there is no ${missing ?? FORMS.map(([name]) => name).join(" and no ")}. Give a function; or { stiff, ` +
        "nonstiff }, whose sum is the derivative; or { position, velocity }, of a state of these names, each the derivative by the other half.",
    );
  }
  for (const name of form) callable((value as Readonly<Record<string, unknown>>)[name], `${what}.${name}`);
};

/** Where the parts of one lie in the state. Throws {@link BadProblem} where the state has no such halves. */
export function placesOf(split: Split, u: Layout): readonly PartPlace[] {
  if (isSum(split)) {
    return [
      { name: "stiff", fn: split.stiff, du: u, u },
      { name: "nonstiff", fn: split.nonstiff, du: u, u },
    ];
  }
  const { position, velocity, ...others } = u.kind === "struct" ? u.fields : ({} as Readonly<Record<string, Layout>>);
  if (!position || !velocity || Object.keys(others).length > 0 || !sameLayout(fromZero(position), fromZero(velocity))) {
    throw new BadProblem(
      "odeProblem: rhs is { position, velocity }, so u0 has to be { position, velocity } too, and nothing else, with both of one shape.",
    );
  }
  return [
    { name: "position", fn: split.position, du: position, u: velocity },
    { name: "velocity", fn: split.velocity, du: velocity, u: position },
  ];
}

/** What is undefined is left out. */
function isSum(split: Split): split is Sum {
  return (split as Partial<Sum>).stiff !== undefined;
}

interface PartPlace {
  readonly name: PartName;
  readonly fn: PlainFunction;
  /** What it gives, and what it takes, of the whole state. */
  readonly du: Layout;
  readonly u: Layout;
}

/** As the layout of a state by itself. */
function fromZero(layout: Layout, by = layout.offset): Layout {
  const offset = layout.offset - by;
  if (layout.kind !== "struct") return { ...layout, offset };
  return {
    ...layout,
    offset,
    fields: Object.fromEntries(Object.entries(layout.fields).map(([name, field]) => [name, fromZero(field, by)])),
  };
}

interface PartOperator extends Omit<PartPlace, "fn"> {
  readonly operator: Operator;
}

type SplitOptions = Omit<OperatorOptions, "fn" | "inPlace">;

/** The operator of a right-hand side in parts. Throws as {@link placesOf} and {@link isInPlace} do. */
export function splitOperator(split: Split, options: SplitOptions): SplitOperator {
  const parts = placesOf(split, options.spaces.u).map(({ name, fn, du, u }): PartOperator => {
    const spaces: Spaces = { ...options.spaces, u: fromZero(u), [name]: fromZero(du) };
    const points = (): Inputs[] => options.points().map((inputs) => partOf(inputs, u));
    const [state, p, t] = points()[0] as readonly [Float64Array, Float64Array, number];
    const inPlace = isInPlace(fn, `rhs.${name}`, spaces, state, p, t, options.constants);
    const operator = new Operator(operators[name], { ...options, fn, name: `rhs.${name}`, spaces, inPlace, points });
    return { name, du, u, operator };
  });
  return new SplitOperator(split, parts, options);
}

/** What a part takes of (u, p, t). */
function partOf([u, ...others]: Inputs, { offset, size }: Layout): Inputs {
  return [(u as Float64Array).subarray(offset, offset + size), ...others];
}

/** A right-hand side that is the sum of its parts, each an operator of its own. */
export class SplitOperator extends Operator {
  private sum: Program | undefined;

  constructor(
    private readonly split: Split,
    private readonly parts: readonly PartOperator[],
    options: SplitOptions,
  ) {
    super(operators.rhs, {
      ...options,
      fn: () => {
        throw new InternalError("a right-hand side in parts is called by its parts");
      },
    });
  }

  override get stated(): unknown {
    return this.split;
  }

  override get isSplit(): boolean {
    return true;
  }

  override functionsAt(inputs: Inputs): readonly Called[] {
    return this.parts.map(({ operator, u }) => ({ operator, inputs: partOf(inputs, u) }));
  }

  override program(): Program {
    const parts = this.parts.map(({ name, operator, du, u }): Part => ({
      name,
      program: operator.program(),
      du: du.offset,
      u: u.offset,
    }));
    return requireReadRight((this.sum = sumOfParts(this.spaces.u.size, ...parts)));
  }

  override evaluate(into: Float64Array, inputs: Inputs): void {
    into.fill(0);
    this.functionsAt(inputs).forEach((called, k) => {
      const value = new Float64Array(called.operator.output.layout.size);
      called.operator.evaluate(value, called.inputs);
      const { offset } = this.parts[k].du;
      value.forEach((x, i) => (into[offset + i] += x));
    });
  }

  override get isMisread(): boolean {
    return this.each(({ isMisread: one }) => one).some(Boolean) || (this.sum !== undefined && isMisread(this.sum));
  }

  override changed(): string | undefined {
    return this.each((one) => one.changed()).find((what) => what !== undefined);
  }

  override changedSinceRead(): string | undefined {
    return this.each((one) => one.changedSinceRead()).find((what) => what !== undefined);
  }

  override lookAtCaptured(): void {
    this.each((one) => one.lookAtCaptured());
  }

  override get isOutdated(): boolean {
    return this.each((one) => one.isOutdated).some(Boolean);
  }

  override get isFilled(): boolean {
    return this.each((one) => one.isFilled).every(Boolean);
  }

  override fill(): boolean {
    return this.each((one) => one.fill()).every(Boolean);
  }

  override hold(): void {
    this.each((one) => one.hold());
  }

  override release(): void {
    this.each((one) => one.release());
  }

  override refilled(): Operator | undefined {
    return undefined;
  }

  override with(constants: unknown): Operator {
    const parts = this.parts.map((part) => ({ ...part, operator: part.operator.with(constants) }));
    return new SplitOperator(this.split, parts, { ...this.options, constants });
  }

  private each<T>(of: (operator: Operator) => T): T[] {
    return this.parts.map(({ operator }) => of(operator));
  }
}
