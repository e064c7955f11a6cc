/** Every error of the library, by name. Each message says what happened, where, and what to try. */

import type { SourceLocation } from "./source-location.ts";

/** A value that may be anything: texts in quotes, numbers as they are. */
function inWords(value: unknown): string {
  if (typeof value === "string") return `"${value}"`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/** The base of all errors that odegrad throws on purpose. */
export class OdegradError extends Error {
  /** Written out in every class: minifiers rename classes. */
  static override readonly name: string = "OdegradError";

  override get name(): string {
    return this.constructor.name;
  }
}

/** The library broke its own rule; a fault of odegrad, never of the input. */
export class InternalError extends OdegradError {
  static override readonly name = "InternalError";
}

/** The page's content security policy forbids `new Function`, which the JavaScript target needs. */
export class CodeGenerationForbidden extends OdegradError {
  static override readonly name = "CodeGenerationForbidden";

  constructor(program: string, options?: ErrorOptions) {
    super(
      `Compiling "${program}" to JavaScript needs \`new Function\`, which this page's content security policy forbids ` +
        `(script-src without 'unsafe-eval'). Use the "wasm" target: it needs only 'wasm-unsafe-eval'.`,
      options,
    );
  }
}

/** Shapes of arrays that do not fit an operation. */
export class ShapeMismatch extends OdegradError {
  static override readonly name = "ShapeMismatch";
}

/** An array, typed array or ndarray of another length or shape than the problem has. */
export class WrongLength extends OdegradError {
  static override readonly name = "WrongLength";
}

/** Names that a state or its parameters lack, or do not know. */
export class UnknownComponent extends OdegradError {
  static override readonly name = "UnknownComponent";
}

/** NaN or an infinity where a finite number must be. */
export class NonFinite extends OdegradError {
  static override readonly name = "NonFinite";
}

/** A value that can be neither state nor parameter: nested arrays, strings, class instances, … */
export class UnsupportedValue extends OdegradError {
  static override readonly name = "UnsupportedValue";
}

/** A time span that is not two different finite numbers. */
export class BadTimeSpan extends OdegradError {
  static override readonly name = "BadTimeSpan";
}

/** What was given as a problem is none. */
export class BadProblem extends OdegradError {
  static override readonly name = "BadProblem";
}

/** The value of an option is not of its kind. */
export class BadOption extends OdegradError {
  static override readonly name: string = "BadOption";
}

/** A key that an object of options, or of a problem, a loss, events, does not have. */
export class UnknownOption extends BadOption {
  static override readonly name = "UnknownOption";

  /** `where`: the verb or the object. `advice`: a sentence, see options/names.ts. */
  constructor(
    where: string,
    readonly key: string,
    advice: string,
  ) {
    super(`${where}: there is no "${key}". ${advice}`);
  }
}

/** Events whose times or function make no sense. */
export class BadEvents extends OdegradError {
  static override readonly name = "BadEvents";
}

/** A function made by `implicit` whose `residual` is not zero at what its `solve` returned. */
export class ResidualNotZero extends OdegradError {
  static override readonly name = "ResidualNotZero";

  constructor(name: string, component: number, residual: number, allowed: number) {
    super(
      `${name}: at what \`solve\` returned, component ${component} of \`residual\` is ${residual}, not zero; a solution that is right to ` +
        `five digits would leave ${allowed} at most. Its derivatives would be those of another function. Look whether both are of the ` +
        "same equations, and let `solve` iterate until it has converged.",
    );
  }
}

/** A user's function threw where its value is needed; what it threw is the cause. */
export class FunctionThrew extends OdegradError {
  static override readonly name = "FunctionThrew";

  /** `where`: "at t = 0.3", as far as that is known. */
  constructor(name: string, where: string, cause: unknown) {
    const what = cause instanceof Error ? `${cause.name}: ${cause.message}` : inWords(cause);
    super(`${name} threw${where && ` ${where}`}: ${what}. It must give a value wherever steps may lead.`, {
      cause,
    });
  }
}

/** A compiled function and the user's plain one give different results. */
export class Disagreement extends OdegradError {
  static override readonly name: string = "Disagreement";
}

/** Constants of a problem that were changed after its function was compiled with them. */
export class ConstantsChanged extends Disagreement {
  static override readonly name = "ConstantsChanged";
}

/** What is asked for needs more memory than there is to have; told before any of it is taken. */
export class TooMuchMemory extends OdegradError {
  static override readonly name = "TooMuchMemory";

  /** `what` needs so many bytes, of `most`; `remedy`: sentences, with the largest size that would do where that can be said. */
  constructor(what: string, bytes: number, most: number, remedy: string) {
    const gigabytes = (x: number): string => `${Number((x / 1e9).toPrecision(3))} GB`;
    super(`${what}: that needs ${gigabytes(bytes)}, and ${gigabytes(most)} is the most there can be. ${remedy}`);
  }
}

/** A function that cannot run for many trajectories at once. */
export class CannotBatch extends OdegradError {
  static override readonly name = "CannotBatch";
}

/** A batch of the wrong shape, of no trajectories, or with a number that is not finite. */
export class BadBatch extends OdegradError {
  static override readonly name = "BadBatch";
}

/** A package that only some work needs is not installed. */
export class MissingPackage extends OdegradError {
  static override readonly name = "MissingPackage";

  constructor(name: string, purpose: string, options?: ErrorOptions) {
    super(`${purpose} needs the package ${name}, which is not installed. Install it: npm install ${name}`, options);
  }
}

/** No WebGPU, or no adapter. */
export class NoGpu extends OdegradError {
  static override readonly name = "NoGpu";
}

/** The GPU device was lost, and its successor too. */
export class DeviceLost extends OdegradError {
  static override readonly name = "DeviceLost";

  constructor(reason: string, options?: ErrorOptions) {
    super(
      `The GPU device was lost twice in the same work${reason ? ` (${reason})` : ""}. ` +
        `A kernel may run too long for the driver: give it less work at once, or use device: "cpu".`,
      options,
    );
  }
}

export class GpuOutOfMemory extends OdegradError {
  static override readonly name = "GpuOutOfMemory";

  constructor(bytes: number, reason: string) {
    super(`The GPU has no ${bytes} bytes left for a buffer (${reason}). Save fewer times, or use device: "cpu".`);
  }
}

/** One trajectory alone does not fit a device's memory. */
export class BatchTooLarge extends OdegradError {
  static override readonly name = "BatchTooLarge";

  constructor(name: string, bytes: number, limit: number) {
    super(
      `${name} needs ${bytes} bytes for each trajectory, but the memory of this device holds ${limit}. ` +
        `Save fewer times, take fewer steps, or take the trajectories one by one.`,
    );
  }
}

/** `maxTime` was over before all trajectories had ended. */
export class BatchOutOfTime extends OdegradError {
  static override readonly name = "BatchOutOfTime";

  constructor(verb: string, milliseconds: number) {
    super(
      `${verb}: maxTime (${milliseconds} ms) was over. Raise it, give fewer trajectories at a time, or loosen the tolerances.`,
    );
  }
}

/** The driver does not take the shader of a function. */
export class ShaderFailed extends OdegradError {
  static override readonly name = "ShaderFailed";

  constructor(name: string, reason: string, source: SourceLocation | undefined, options?: ErrorOptions) {
    const where = source ? `, from line ${source.line}, column ${source.column + 1} of it` : "";
    super(`The shader of ${name} does not compile${where}: ${reason} Use device: "cpu".`, options);
  }
}

/** A place in the text of a user's function. */
export interface Place {
  /** Name of the function. */
  readonly name: string;
  /** In the function's own text: 1-based line, 0-based column. Absent where there is no text. */
  readonly line?: number;
  readonly column?: number;
  /** That line. */
  readonly code?: string;
}

/** What happened there, in one sentence without a full stop, with the line and a caret under the column. */
export function showPlace({ name, line, column, code }: Place, what: string): string {
  const where = line === undefined ? "" : `, line ${line}, column ${column! + 1}`;
  const label = `  ${line} | `;
  const caret =
    code === undefined ? "" : `\n${label}${code}\n${" ".repeat(label.length)}${code.slice(0, column).replace(/[^\t]/g, " ")}^`;
  return `${name}${where}: ${what}.${caret}`;
}

/** Where and why the text of a user's function could not be read. */
export interface ReadErrorDetails extends Place {
  /** What happened, in one sentence without a full stop. */
  readonly what: string;
  /** What could not be read: a construct of the language, a name. */
  readonly construct: string;
  /** What to try. */
  readonly remedy: string;
}

/** A number that depends on the inputs went where its derivative would be lost. */
export class Untraceable extends OdegradError {
  static override readonly name = "Untraceable";
}

/** A function's tape grew beyond what can be recorded at every call. */
export class TapeTooLong extends OdegradError {
  static override readonly name = "TapeTooLong";

  constructor(most: number) {
    super(
      `A call has more than ${most} operations on numbers that depend on the inputs: so many fit on the tape, which each call ` +
        "that cannot be compiled records anew. Write the function so that it can be read (explain() says why it cannot), with loops " +
        'over arrays in place of calls in calls; where its loops may not end, bound them. Or ask for differences: vjp: "finite".',
    );
  }
}

/** The base of all errors of reading a user's function. */
export class ReadError extends OdegradError {
  static override readonly name: string = "ReadError";

  readonly construct: string;
  readonly remedy: string;
  readonly line?: number;
  readonly column?: number;
  readonly code?: string;
  readonly #details: ReadErrorDetails;

  constructor(details: ReadErrorDetails) {
    const { what, construct, remedy, line, column, code } = details;
    super(`${showPlace(details, what)}\n${remedy}`);
    this.#details = details;
    this.construct = construct;
    this.remedy = remedy;
    this.line = line;
    this.column = column;
    this.code = code;
  }

  /** The same, with other words on what to try. */
  withRemedy(remedy: string): ReadError {
    const Class = this.constructor as new (details: ReadErrorDetails) => ReadError;
    return new Class({ ...this.#details, remedy });
  }
}

/** A function that may be right and run as it is, but cannot be made a program. Other ReadErrors are mistakes in the function. */
export class UnreadableFunction extends ReadError {
  static override readonly name: string = "UnreadableFunction";
}

/** A construct of JavaScript outside the subset that can be read and differentiated. */
export class UnreadableConstruct extends UnreadableFunction {
  static override readonly name = "UnreadableConstruct";
}

/** The engine gives no text for the function: native, bound, or a proxy. */
export class NoSourceText extends UnreadableFunction {
  static override readonly name = "NoSourceText";
}

/** A free name: its value cannot be known from the function's text. */
export class CapturedVariable extends UnreadableFunction {
  static override readonly name = "CapturedVariable";
}

/** A function that calls itself, directly or through others. */
export class RecursiveFunction extends UnreadableFunction {
  static override readonly name = "RecursiveFunction";
}

/** A function whose compiled form does not do what the function does: it was read wrongly, which is the library's fault. */
export class MisreadFunction extends UnreadableFunction {
  static override readonly name = "MisreadFunction";

  constructor(place: Place, what: string) {
    const remedy =
      "The library has read it wrongly; its compiled form is not used. Please report the function. Until that is mended, write it " +
      "in a simpler way, or let it run by itself: `solve` does so, and `gradient` takes its tape.";
    super({ ...place, what, construct: place.name, remedy });
  }
}

/** A property that the object does not have. */
export class UnknownProperty extends ReadError {
  static override readonly name = "UnknownProperty";
}

/** A write to what a function may only read: its state, its parameters, its constants. */
export class WriteToInput extends ReadError {
  static override readonly name = "WriteToInput";
}

/** A read of an output or of a work buffer before the same call has written it. */
export class ReadBeforeWrite extends ReadError {
  static override readonly name = "ReadBeforeWrite";
}

/** A component of the result that the function never writes. */
export class UnwrittenOutput extends ReadError {
  static override readonly name = "UnwrittenOutput";
}

/** An index outside its array: seen when the function is read, or when it is first run. */
export class IndexOutOfRange extends ReadError {
  static override readonly name = "IndexOutOfRange";
}

/** A loop without end: seen when the function is read, or when the loop's budget of operations was over. */
export class EndlessLoop extends ReadError {
  static override readonly name = "EndlessLoop";
}

/** A loss whose keys or times make no sense, or whose value is not finite. */
export class BadLoss extends OdegradError {
  static override readonly name: string = "BadLoss";
}

/** A loss that is NaN or infinite, or its integrand on the way. */
export class NonFiniteLoss extends BadLoss {
  static override readonly name = "NonFiniteLoss";
}

/** The way back of an adjoint method failed or was cut short; the cause is attached. */
export class AdjointFailed extends OdegradError {
  static override readonly name: string = "AdjointFailed";
}

/** The signal of the caller was aborted on the way back, or while derivatives were carried along. */
export class AdjointAborted extends AdjointFailed {
  static override readonly name = "AdjointAborted";

  constructor(where: string) {
    super(`${where}: the signal was aborted.`);
  }
}

/** The way back, or the derivatives carried along, needed more steps than were allowed. */
export class AdjointOutOfSteps extends AdjointFailed {
  static override readonly name = "AdjointOutOfSteps";
}

/** `maxTime` was over on the way back, or while derivatives were carried along. */
export class AdjointOutOfTime extends AdjointFailed {
  static override readonly name = "AdjointOutOfTime";

  constructor(where: string) {
    super(
      `${where}: maxTime was over. Raise it, loosen the tolerances, or ask for another adjoint: explain() tells what each would take.`,
    );
  }
}

/** A derivative that the gradient needs is not finite: at a kink or at the edge of a domain, as `sqrt` at zero. */
export class NotDifferentiable extends AdjointFailed {
  static override readonly name = "NotDifferentiable";

  /** `where`: on the solution; `what` happened at the place in the user's function. */
  constructor(place: Place, what: string, where: string, options?: ErrorOptions) {
    super(
      `${showPlace(place, `${what}, ${where}`)}\nStart from a point where it is smooth, or write it so that it stays smooth there: ` +
        `Math.sqrt(x + 1e-12) for Math.sqrt(x), and a branch for what is not needed at the edge.`,
      options,
    );
  }
}

/** What a gradient is asked for cannot influence the loss, whatever the values: no function passes it on. */
export class NoInfluence extends OdegradError {
  static override readonly name = "NoInfluence";

  constructor(problem: string, what: "p" | "u0") {
    super(
      `${problem}: nothing of ${what} can influence the loss, so all its derivatives are zero by structure. Look whether the ` +
        `right-hand side uses it for what the loss depends on, or leave "${what}" out of wrt.`,
    );
  }
}

/** The state integrated backward left the forward solution: the gradient would be wrong. */
export class BacksolveDrifted extends OdegradError {
  static override readonly name = "BacksolveDrifted";
}

/** Reverse and forward derivatives disagree: the gradient would be wrong. */
export class GradientCheckFailed extends OdegradError {
  static override readonly name = "GradientCheckFailed";
}

/** An option of `gradient` that names nothing the library has, or that the problem rules out. */
export class BadGradientOption extends BadOption {
  static override readonly name: string = "BadGradientOption";
}

/** A method of fixed steps was made without the length of its steps. */
export class MissingStepSize extends OdegradError {
  static override readonly name = "MissingStepSize";

  constructor(method: string, given: unknown) {
    super(`${method} takes steps of fixed length, and dt is ${inWords(given)}. Give a positive length: ${method}({ dt: 0.01 }).`);
  }
}

/** An implicit method met a system without a Jacobian. */
export class MissingJacobian extends OdegradError {
  static override readonly name = "MissingJacobian";

  constructor(method: string) {
    super(
      `${method} is implicit and needs the Jacobian, which this system does not have. Give one, or take an explicit method (tsit5).`,
    );
  }
}

/** A solve that did not reach the end of its time span. */
export abstract class SolveFailed extends OdegradError {
  static override readonly name: string = "SolveFailed";

  /** What was solved up to the failure, as `solve` returns it. Not enumerable, so that an error that nobody catches prints its message alone. */
  declare readonly solution: unknown;

  constructor(message: string, solution: unknown) {
    super(
      `${message}${/\s$/.test(message) ? "" : " "}The solution so far is attached as \`solution\`; \`throwOnFailure: false\` returns it.`,
    );
    Object.defineProperty(this, "solution", { value: solution });
  }
}

/** The right-hand side gave NaN or an infinity, however short the step. */
export class NonFiniteDerivative extends SolveFailed {
  static override readonly name = "NonFiniteDerivative";

  /** `place`: in the right-hand side, with what happened there, and `cause`, where they could be found out. */
  constructor(where: string, component: string, place: string | undefined, cause: string | undefined, solution: unknown) {
    const hint = place
      ? `\n${place}\n`
      : " Look in the right-hand side for a division by zero, or a root or logarithm of a negative number. ";
    super(`${where}: the derivative of ${component} is not finite there.${hint}${cause ?? ""}`, solution);
  }
}

/** The step became too short to change the time. */
export class StepUnderflow extends SolveFailed {
  static override readonly name = "StepUnderflow";

  /** `cause`: in whole sentences, with what to try, where it could be found out. */
  constructor(where: string, cause: string | undefined, solution: unknown) {
    super(
      `${where}: the step became too short to advance. ` +
        (cause ??
          "The solution may have a singularity there, or the tolerances ask for more than rounding allows. Look at the solution so " +
            "far; if a component is smaller than its atol, give a smaller one."),
      solution,
    );
  }
}

export class TooManySteps extends SolveFailed {
  static override readonly name = "TooManySteps";

  /** As of {@link StepUnderflow}. */
  constructor(where: string, cause: string | undefined, solution: unknown) {
    super(
      `${where} after the largest number of steps allowed. ` +
        (cause ?? "Raise maxSteps, loosen the tolerances, or try a stiff method (rodas5P)."),
      solution,
    );
  }
}

/** The matrix of an implicit step could not be factorized, however short the step. */
export class SingularMatrix extends SolveFailed {
  static override readonly name = "SingularMatrix";

  constructor(where: string, solution: unknown) {
    super(
      `${where}: the matrix I/(γh) − J is singular. Look for infinite entries of the Jacobian, or try an explicit method (tsit5).`,
      solution,
    );
  }
}

/** Newton's iterations of an implicit step did not converge, however short the step. */
export class ConvergenceFailure extends SolveFailed {
  static override readonly name = "ConvergenceFailure";

  constructor(where: string, solution: unknown) {
    super(
      `${where}: Newton's iterations do not converge, however short the step. Look for jumps and kinks of the right-hand side, or for ` +
        `a Jacobian of your own that is wrong (checkGradient tells); rodas5P solves linear systems alone.`,
      solution,
    );
  }
}

/** The Jacobian of an implicit step, or ∂f/∂t, is not finite, and no step was short enough to do without it. */
export class NonFiniteJacobian extends SolveFailed {
  static override readonly name = "NonFiniteJacobian";

  /** `entry`: which derivative; `place`: in the right-hand side, with what happened there, where that could be found out. */
  constructor(where: string, entry: string, place: string | undefined, solution: unknown) {
    super(
      `${where}: ${entry} is not finite there, though the right-hand side is.${place ? `\n${place}\n` : " "}` +
        `Write it so that it is smooth there (Math.sqrt(x + 1e-12) for Math.sqrt(x)), or take an explicit method (tsit5).`,
      solution,
    );
  }
}

/** The signal of the caller was aborted. */
export class SolveAborted extends SolveFailed {
  static override readonly name = "SolveAborted";

  constructor(where: string, solution: unknown) {
    super(`${where}: the signal was aborted.`, solution);
  }
}

/** `maxTime` was over before the end was reached. */
export class OutOfTime extends SolveFailed {
  static override readonly name = "OutOfTime";

  /** `fraction`: of tspan, that was reached. */
  constructor(where: string, fraction: number, solution: unknown) {
    super(
      `${where}, ${(100 * fraction).toPrecision(3)} % of the way: maxTime was over. Raise it, loosen the tolerances, or solve a shorter span.`,
      solution,
    );
  }
}

/** A tolerance that is not positive, or that has another length than the state. */
export class BadTolerance extends OdegradError {
  static override readonly name = "BadTolerance";
}

/** Times of `saveat` outside tspan, out of order, or not finite. */
export class BadSaveTimes extends OdegradError {
  static override readonly name = "BadSaveTimes";
}

/** The right-hand side becomes another one more often, as time goes by, than a solve can stop for. */
export class TooManySwitches extends OdegradError {
  static override readonly name = "TooManySwitches";

  constructor(place: Place, most: number, t: number, [t0, t1]: readonly [number, number]) {
    const what = `more than ${most} times of switching between t = ${t0} and t = ${t1}, ${most} of them by t = ${t}`;
    super(
      `${showPlace(place, what)}\nA solve stops at each of them. Solve a shorter tspan, or write what switches so fast as its mean.`,
    );
  }
}

/** A name that no method has. */
export class UnknownSolver extends OdegradError {
  static override readonly name = "UnknownSolver";

  constructor(name: unknown, known: readonly string[]) {
    super(`There is no solver ${inWords(name)}. The solvers are ${known.join(", ")}.`);
  }
}

/** What was given as a solver is no method. */
export class BadSolver extends OdegradError {
  static override readonly name = "BadSolver";

  constructor(given: unknown, option = "solver") {
    const what = typeof given === "function" ? `the function ${given.name}, not what it returns` : inWords(given);
    super(`${option} is ${what}. Give a method, such as solver: tsit5(), or leave it out and have one chosen.`);
  }
}

/** A state between the steps was asked of a solution that kept only the times of \`saveat\`. */
export class NoDenseOutput extends OdegradError {
  static override readonly name = "NoDenseOutput";

  constructor(t: number) {
    super(`The state at t = ${t} was not kept. Solve with \`dense: true\`, or name the time in \`saveat\`.`);
  }
}

/** An adjoint method that cannot take the task. */
export class MethodRefused extends BadGradientOption {
  static override readonly name = "MethodRefused";
  /** `nearest`: the method to try instead. */
  constructor(
    readonly method: string,
    readonly reason: string,
    readonly nearest: string,
  ) {
    super(`The adjoint method "${method}" cannot do this: ${reason}. The nearest that can is "${nearest}".`);
  }
}

/** A vjp backend that cannot take the function. */
export class BackendRefused extends OdegradError {
  static override readonly name = "BackendRefused";

  /** `nearest`: the backend to try instead. */
  constructor(
    readonly backend: string,
    readonly reason: string,
    readonly nearest: string,
    options?: ErrorOptions,
  ) {
    super(`The backend "${backend}" cannot do this: ${reason}. The nearest that can is "${nearest}".`, options);
  }
}

/** A derivative that the author of a function gave, and the derived one, differ. */
export class DerivativeMismatch extends OdegradError {
  static override readonly name = "DerivativeMismatch";
}

/** A tracked array was used as a number: the closure backend sees operations on whole arrays only. */
export class TrackedAsNumber extends OdegradError {
  static override readonly name = "TrackedAsNumber";

  constructor(array: string, use: string) {
    super(
      `${array} is tracked by the closure backend, and was used as a number (${use}). This backend sees operations on arrays only: ` +
        `write add(a, b), mul(a, b), slice(a, from, to), … instead of a + b, a * b, a[i]; or take the backend "source", or "finite".`,
    );
  }
}

/** Arguments that have other shapes than a differentiable function was made for, or than one another. */
export class SignatureMismatch extends OdegradError {
  static override readonly name = "SignatureMismatch";
}

/** A setting of an optimiser out of its range, or arrays that do not belong together. */
export class BadTrainingOption extends OdegradError {
  static override readonly name = "BadTrainingOption";
}

/** A device that does not exist. */
export class UnknownDevice extends OdegradError {
  static override readonly name = "UnknownDevice";

  constructor(device: string, known: readonly string[]) {
    super(`There is no device "${device}". Devices are ${known.map((name) => `"${name}"`).join(", ")}.`);
  }
}

/** f64 asked of a device that computes in f32. */
export class NoDoublePrecision extends OdegradError {
  static override readonly name = "NoDoublePrecision";

  constructor(device: string) {
    super(`The device "${device}" computes in f32, not in f64: about seven digits. Use device: "cpu", or leave out precision.`);
  }
}
