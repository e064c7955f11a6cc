/** A function that a problem is made of, as a program, with what is derived of that. */
import { InternalError, ReadError } from "../core/errors.ts";
import { CapturedVariable, UnreadableFunction } from "../read/syntax/errors.ts";
import { derivativesOf, type ProgramDerivatives } from "../derive/program-derivatives.ts";
import type { Program } from "../ir/ir.ts";
import { contentOf, sameContent, type Content } from "../read/constants/contents.ts";
import type { Samples } from "../read/constants/bindings.ts";
import { readingOf, type Reading, type ReadParameter, type ReadRequest } from "../read/index.ts";
import { isMisread, requireReadRight } from "../read/misreading.ts";
import type { MassMatrix } from "./mass-matrix.ts";
import type { Signature, SpaceValue } from "./operators.ts";
import type { Start } from "./points.ts";
import { PlainOperator, type Inputs, type PlainOptions } from "./plain-operator.ts";

export interface OperatorOptions extends PlainOptions {
  /** What of its constants is data (see {@link ReadRequest}). */
  readonly data?: ReadRequest["data"];
  /** Adds to an error of reading what is to be done, where that is known. */
  readonly advised?: (error: unknown, operator: Operator) => unknown;
}

export interface Called {
  readonly operator: Operator;
  readonly inputs: Inputs;
}

/** Of a function, its spaces and names, and where it can be called. */
export type AsEquation = (given: Omit<OperatorOptions, "points">, at: Start) => Equation;

export interface Equation {
  readonly rhs: Operator;
  readonly mass?: MassMatrix;
  /** Where it can be called. */
  readonly from: Start;
}

/** What an operator that is seen otherwise has of its own. */
export type SeenOtherwise = Partial<
  Pick<Operator, "program" | "evaluate" | "number" | "spaces" | "points" | "overState" | "restated">
>;

export class Operator extends PlainOperator {
  /** Of one over a state that holds parameters which events change: that of the state without, and how programs become ones over it. */
  readonly overState?: { readonly within: Operator; readonly programOf: (program: Program) => Program };

  /** Of a residual, what makes it an equation of another state, with about this derivative. */
  readonly restated?: (derivative: Float64Array) => AsEquation;

  private reading: Reading | undefined;
  private unreadable: UnreadableFunction | undefined;
  /** What it was made of when it could not be read, where a name stood for nothing yet. */
  private unset: Content | undefined;
  private isSet = false;
  /** How many hold it. */
  private holders = 0;

  constructor(
    signature: Signature,
    protected override readonly options: OperatorOptions,
  ) {
    super(signature, options);
  }

  /**
   * Its parameters are what the function takes, by their names, behind the output that it gives; what it changes is two arrays, `u_after`
   * and `u`. A number is the program's result. Throws ReadError where the function cannot be read, or was misread.
   */
  program(): Program {
    const reading = (this.reading ??= this.readOnce());
    if (!reading.fill()) {
      throw new InternalError(`${this.name}: its program was asked for while it is in use with other constants`);
    }
    return requireReadRight(reading.program);
  }

  /** The same function with another program in place of its own. */
  through(program: Program): Operator {
    return this.instead({ program: () => program });
  }

  /** The same function, seen otherwise: with these in place of its own. */
  instead({ spaces = this.spaces, points = () => this.points(), ...own }: SeenOtherwise): Operator {
    const options = { ...this.options, spaces, points };
    return Object.create(this, Object.getOwnPropertyDescriptors({ ...own, options })) as Operator;
  }

  /** Throws as {@link program} does. */
  get derivatives(): ProgramDerivatives {
    return derivativesOf(this.program());
  }

  /** What its author gave. */
  get stated(): unknown {
    return this.fn;
  }

  /** Is it made of several functions? */
  get isSplit(): boolean {
    return false;
  }

  /** The functions that it is made of, with what they take where it takes this. */
  functionsAt(inputs: Inputs): readonly Called[] {
    return [{ operator: this, inputs }];
  }

  private readOnce(): Reading {
    if (this.unreadable) throw this.unreadable;
    try {
      const reading = this.read();
      if (this.holders > 0) reading.hold();
      return reading;
    } catch (error) {
      if (error instanceof UnreadableFunction) this.unreadable = error;
      if (this.unreadable?.construct === "undefined") this.unset = contentOf(this.fn, this.constants);
      throw this.options.advised?.(error, this) ?? error;
    }
  }

  read(): Reading {
    const { fn, name, constants, data } = this.options;
    const { takes, gives, changesParameters } = this.signature;
    const inputs = takes.map((argument, k): ReadParameter => {
      if ("scalar" in argument) {
        return { kind: "scalar", name: argument.name, type: argument.scalar, isLast: "isLast" in argument };
      }
      const isChanged = (k === 0 && gives === "nothing") || (argument.space === "p" && changesParameters === true);
      return this.parameter(argument, isChanged ? "inout" : "input");
    });
    const value = this.given && this.parameter(this.given, "output");
    const samples = (): Samples => this.samples;
    return readingOf({
      fn,
      name,
      parameters: value && this.inPlace ? [value, ...inputs] : inputs,
      constants: constants as Readonly<Record<string, unknown>> | undefined,
      returns: gives === "number" ? { kind: "scalar" } : value && !this.inPlace ? value : { kind: "nothing" },
      get samples() {
        return samples();
      },
      data,
    });
  }

  private parameter(of: SpaceValue, role: "input" | "output" | "inout"): ReadParameter & { readonly kind: "layout" } {
    return { kind: "layout", name: of.name, layout: this.layoutOf(of), role };
  }

  get isReadable(): boolean {
    try {
      return Boolean(this.program());
    } catch (error) {
      if (error instanceof ReadError) return false;
      throw error;
    }
  }

  /** Throws what reading finds to be a mistake of the function; one that cannot be read may be right. */
  refuseMistake(): void {
    try {
      this.program();
    } catch (error) {
      if (error instanceof ReadError && !(error instanceof UnreadableFunction)) throw error;
    }
  }

  /** Was it read, and found to be misread? */
  get isMisread(): boolean {
    return this.reading !== undefined && isMisread(this.reading.program);
  }

  /** What has changed of the constants since they were compiled in: "table[3] was 1 and is 2". */
  changed(): string | undefined {
    return this.isMisread ? undefined : this.changedSinceRead();
  }

  /** The same of one that turned out to be misread, too: then that may be why. */
  changedSinceRead(): string | undefined {
    return this.reading?.changed();
  }

  /** Of a function that cannot be read: looks what it captures now, for its recordings, if that can be known. */
  lookAtCaptured(): void {
    if (!this.unreadable || this.unreadable instanceof CapturedVariable) return;
    const content = contentOf(this.fn, this.constants);
    if (this.unset) this.isSet = !sameContent(this.unset, content);
  }

  /** Does the program hold what an object of a class, or a getter, gives otherwise now? Or is there none for a name that is set now? */
  get isOutdated(): boolean {
    return this.isSet || (!this.isMisread && (this.reading?.isOutdated ?? false));
  }

  /** Do the program's tables hold this function's data? */
  get isFilled(): boolean {
    return this.reading?.isFilled ?? true;
  }

  /** Fills the program's tables with this function's data; false where those are in use with others'. */
  fill(): boolean {
    return this.reading?.fill() ?? true;
  }

  /** Until it is released as often, the program's tables hold this function's data. */
  hold(): void {
    if (this.holders++ === 0) this.reading?.hold();
  }

  release(): void {
    if (--this.holders === 0) this.reading?.release();
  }

  /** With other numbers in its constants; undefined where its program is not plainly one for those, or is in use. */
  refilled(constants: unknown): Operator | undefined {
    const reading = this.isMisread ? undefined : this.reading?.refilled(constants);
    if (!reading) return undefined;
    const operator = this.with(constants);
    operator.reading = reading;
    return operator;
  }

  /** With other constants, not read yet. */
  with(constants: unknown): Operator {
    return new Operator(this.signature, { ...this.options, constants });
  }

  /** The same function as one that changes the parameters too, not read yet. */
  changingParameters(): Operator {
    return new Operator({ ...this.signature, changesParameters: true }, this.options);
  }

  /** The same, not read yet. */
  anew(): Operator {
    return this.with(this.constants);
  }
}
