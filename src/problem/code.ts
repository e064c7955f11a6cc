/** The code of a problem: its operators, plainly callable and as programs, and what is made of those, once. */
import { memo } from "../core/memo.ts";
import { recent } from "../core/recent.ts";
import type { Layout } from "../arrays/layout.ts";
import type { Derivatives } from "../derive/derivatives.ts";
import { ConstantsChanged } from "./errors.ts";
import { releasing } from "../core/releasing.ts";
import type { Program } from "../ir/ir.ts";
import { contentOf, sameContent, type Content } from "../read/constants/contents.ts";
import { sameMatrix, type MassMatrix } from "./mass-matrix.ts";
import type { Operator } from "./operator.ts";
import type { ChangedParameters } from "./changed-parameters.ts";
import type { Start } from "./points.ts";

export interface ProblemOperators {
  readonly rhs: Operator;
  /** The initial state at parameters; absent where it is given. */
  readonly u0?: Operator;
  readonly preconditioner?: Operator;
}

/** The functions of an event: one that is timed has no `when`, one that only looks on, or ends the solve, may have no `apply`. `times` give those that depend on p. */
export interface EventOperators {
  /** For messages. */
  readonly name: string;
  readonly times?: Operator;
  readonly when?: Operator;
  readonly apply?: Operator;
}

/**
 * Shared by problems that differ only in u0, p and tspan. Its programs are shared by all whose constants differ in numbers of arrays only:
 * those are in the programs' tables while it is held.
 */
export class ProblemCode {
  /** How many hold it. */
  private users = 0;
  private own: object | undefined;
  private all: object | undefined;
  private recorded: Content | "changing" | undefined;
  private recordings = 0;
  private timesLooked = 0;
  private readonly each: Operator[];

  constructor(
    readonly operators: ProblemOperators,
    /** The author's own, of the right-hand side. */
    readonly derivatives: Derivatives | undefined,
    /** Where the right-hand side can be called. */
    readonly from: Start,
    readonly events: readonly EventOperators[] = [],
    /** M of M u' = rhs; absent: the identity. */
    readonly mass?: MassMatrix,
    private readonly original?: ProblemCode,
    /** Of code over a state that holds parameters which events change. */
    readonly changed?: ChangedParameters,
  ) {
    const ofEvents = events.flatMap(({ times, when, apply }) => [times, when, apply]);
    this.each = [operators.rhs, operators.u0, operators.preconditioner, ...ofEvents].filter((one) => one !== undefined);
  }

  /** That of which the programs are those of the functions: of code that goes through another program, what it was made of. */
  get asRead(): ProblemCode {
    return this.original ?? this;
  }

  get name(): string {
    return this.operators.rhs.name;
  }

  get layout(): { readonly u: Layout; readonly p: Layout } {
    return this.operators.rhs.spaces;
  }

  /** Of what the right-hand side gives. */
  get output(): Layout {
    return this.operators.rhs.output.layout;
  }

  get constants(): unknown {
    return this.operators.rhs.constants;
  }

  /** Is the right-hand side made of a residual? */
  get isResidual(): boolean {
    return this.operators.rhs.restated !== undefined;
  }

  /** What makes its equations others than u' = f, for messages about the problem; undefined where nothing does. */
  get implicitBy(): string | undefined {
    if (this.isResidual) return "is stated by a residual";
    return this.mass && "has a mass matrix";
  }

  /** rhs(du, u, p, t, constants), returning nothing; otherwise rhs(u, p, t, constants), returning du. */
  get inPlace(): boolean {
    return this.operators.rhs.inPlace;
  }

  /** (output du[n], input u[n], input p[np], scalar t). Throws ReadError where the function cannot be read, or was misread. */
  rhsProgram(): Program {
    return this.operators.rhs.program();
  }

  /** Calls the right-hand side on flat memory; du is 0 where it is not written. */
  plain(du: Float64Array, u: Float64Array, p: Float64Array, t: number): void {
    this.operators.rhs.evaluate(du, [u, p, t]);
  }

  /**
   * Calls `use` with this code, whose programs' tables hold its constants until what that returns, or promises, is there; where they are in
   * use with others', with another of the same functions and constants. Throws ConstantsChanged where these are not the same any more.
   */
  held<R>(use: (code: ProblemCode) => R): R {
    const code = this.hold() ? this : this.another();
    return releasing(
      () => code.release(),
      () => use(code),
    );
  }

  private hold(): boolean {
    if (this.users === 0 && !this.each.every((operator) => operator.fill())) return false;
    if (this.users++ === 0) for (const operator of this.each) operator.hold();
    return true;
  }

  private release(): void {
    if (--this.users === 0) for (const operator of this.each) operator.release();
  }

  /** Holds another form of one of its functions as long as those. */
  alsoHolds(operator: Operator): void {
    this.each.push(operator);
    if (this.users > 0) operator.hold();
  }

  private another(): ProblemCode {
    this.requireConstants();
    const code = this.anew();
    code.hold();
    return code;
  }

  /** The same, not read yet. */
  anew(): ProblemCode {
    const events = this.events.map(({ name, times, when, apply }) => ({
      name,
      times: times?.anew(),
      when: when?.anew(),
      apply: apply?.anew(),
    }));
    const { rhs, u0, preconditioner } = this.operators;
    const operators = { rhs: rhs.anew(), u0: u0?.anew(), preconditioner: preconditioner?.anew() };
    return new ProblemCode(operators, this.derivatives, this.from, events, this.mass);
  }

  /** Do the constants hold what was compiled in? */
  get hasSameConstants(): boolean {
    return this.each.every((operator) => operator.changed() === undefined);
  }

  /** Do the programs hold what an object of a class, or a getter, gives otherwise now? Then code is to be made anew. */
  get isOutdated(): boolean {
    return this.each.some((operator) => operator.isOutdated);
  }

  /** What the right-hand side and its constants hold. */
  content(): Content {
    return contentOf(this.operators.rhs.fn, this.constants);
  }

  /**
   * A call of the function was recorded, to be used in place of later ones as long as its constants hold the same, which they did
   * before the call. If the call changed them, they hold something else from now on.
   */
  keepRecorded(before: Content): void {
    const [now, { recorded = before }] = [this.content(), this];
    const isSame = recorded !== "changing" && [before, recorded].every((then) => sameContent(then, now));
    this.recorded = isSame && !now.mayChangeUnseen ? now : "changing";
  }

  /** Grows where recordings do not hold any more. */
  get generation(): number {
    return this.recordings;
  }

  /** Grows where constants may be others than before. */
  get looks(): number {
    return this.timesLooked;
  }

  /** Looks whether recordings still hold. */
  lookAtConstants(): void {
    const { recorded } = this;
    this.timesLooked++;
    for (const operator of this.each) operator.lookAtCaptured();
    if (!recorded || (recorded !== "changing" && sameContent(recorded, this.content()))) return;
    this.recorded = undefined;
    this.recordings++;
  }

  /** Throws ConstantsChanged. */
  requireConstants(): void {
    this.requireSame((operator) => operator.changed());
  }

  /**
   * Throws ConstantsChanged where what was read is another one now, whether it was found to be misread or not: a function that calls of the
   * user's other functions changed is not to run by itself from the start again, with what these have left.
   */
  requireConstantsAsRead(): void {
    this.requireSame((operator) => operator.changedSinceRead());
  }

  private requireSame(changedOf: (operator: Operator) => string | undefined): void {
    for (const operator of this.each) {
      const changed = changedOf(operator);
      if (changed === undefined) continue;
      throw new ConstantsChanged(
        `${operator.name}: of its constants, ${changed}. They were compiled in as they were. Pass what changes as a parameter, in \`p\`; ` +
          `or make the problem anew: remake(problem, {}).`,
      );
    }
  }

  /**
   * What compiled forms of the right-hand side are kept by: its program, which all functions of the same content share, with the mass
   * matrix and the preconditioner where there are some; this code, where there is no program, or where functions are called that have none.
   */
  get identity(): object {
    const { rhs, preconditioner } = this.operators;
    if (rhs.isMisread) return this;
    if (this.own) return this.own;
    if (this.derivatives || !rhs.isReadable || preconditioner?.isReadable === false) return (this.own = this);
    const program = this.rhsProgram();
    const withMass = this.mass ? paired(program, oneOf(this.mass, program)) : program;
    return (this.own = preconditioner ? paired(withMass, preconditioner.program()) : withMass);
  }

  /** As {@link identity}, of all operators together. */
  get identityWithEvents(): object {
    if (this.each.some((operator) => operator.isMisread)) return this;
    return (this.all ??= this.together());
  }

  private together(): object {
    const { identity } = this;
    if (identity === this || !this.each.every((operator) => operator.isReadable)) return this;
    // Three after each other, where what an event lacks is told apart from what the next one has.
    const parts = this.events.flatMap(({ times, when, apply }) => [times, when, apply]);
    return parts.reduce<object>((first, operator) => paired(first, operator?.program() ?? NONE), identity);
  }
}

const NONE = {};

/** The matrix that stands for all those of equal entries that problems of a program have. */
function oneOf(mass: MassMatrix, program: Program): MassMatrix {
  return recent(
    matricesOf(program),
    (one) => sameMatrix(one, mass),
    () => mass,
  );
}

const matricesOf = memo((_program: Program): MassMatrix[] => []);

/** One object for each two. */
const paired = memo((_first: object, _second: object): object => ({}));

/** The same code, with a right-hand side that goes through another program than its own. One for each of them. */
export const codeThrough = memo(
  (code: ProblemCode, program: Program): ProblemCode =>
    new ProblemCode(
      { rhs: code.operators.rhs.through(program) },
      code.derivatives,
      code.from,
      code.events,
      code.mass,
      code.asRead,
      code.changed,
    ),
);
