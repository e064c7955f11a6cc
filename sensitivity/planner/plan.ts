/** The plan of a gradient: what was chosen, and why. */
import { showSwitch, type Switch } from "../../solvers/events/switches.ts";
import { inBytes, inSeconds, short } from "./quantities.ts";
import { counted } from "../../src/core/in-words.ts";

/** One of the choices that make up a plan. */
export interface Decision {
  /** What is chosen. */
  readonly about: "solver" | "linear solver" | "adjoint" | "vjp" | "memory";
  readonly chosen: string;
  readonly because: string;
  /** Whether the user asked for it. */
  readonly asked: boolean;
  /** The other candidates, and why they were not chosen. */
  readonly rejected: readonly { readonly name: string; readonly because: string }[];
}

/** What the choices rest on. */
export interface Known {
  /** The problem's name. */
  readonly problem: string;
  /** The number of components of the state. */
  readonly states: number;
  /** The number of parameters. */
  readonly parameters: number;
  /** The number of derivatives asked for. */
  readonly derivatives: number;
  /** The number of times of the loss's sum. */
  readonly lossTimes: number;
  /** The number of times of events, and of events of the state, which take place as often as their conditions are met. */
  readonly events: number;
  readonly conditions: number;
  /** Whether the right-hand side is compiled. */
  readonly compiled: boolean;
  /** Why it is not compiled. */
  readonly reason?: string;
  /** What the problem's functions capture, and counts as constants; of `explain` with values, and the loss's, too: "k = 2", "table (Array of 3)". */
  readonly captured?: readonly string[];
  /** The number of structurally non-zero entries of ∂f/∂u, where a solver needs it. */
  readonly jacobianEntries?: number;
  /** The short forward solve: steps taken, time reached, and the steps expected to be tried for the whole span. */
  readonly steps: { readonly taken: number; readonly reached: number; readonly expected: number };
  /** The seconds of a call of the right-hand side, of a step, and of both vector-Jacobian products, from counts of their operations. */
  readonly seconds: { readonly rhs: number; readonly vjp: number; readonly step: number };
}

/** How a gradient is, or would be, computed; `JSON.stringify` gives all of it. */
export class Plan {
  constructor(
    /** The name of the solver, with the time of the change where the method changes. */
    readonly solver: string,
    /** The name of the adjoint method. */
    readonly adjoint: string,
    /** The name of the vjp backend. */
    readonly vjp: string,
    readonly known: Known,
    readonly decisions: readonly Decision[],
    /** What the whole gradient takes once all is compiled: seconds, and bytes kept of the forward solve. */
    readonly estimate: { readonly seconds: number; readonly bytes: number },
    /** The components that cannot influence the loss, of a gradient that was computed. */
    readonly zeros: readonly string[] = [],
    /** What switches along the solution: by the time, and, of a gradient that was computed, by the state too. */
    readonly switches: readonly Switch[] = [],
    readonly warnings: readonly string[] = [],
  ) {}

  /** The plan with what was met when it was carried out: the solver as it ran, and components that cannot influence the loss. */
  ranWith(solver: string, zeros: readonly string[], switches: readonly Switch[] = [], warnings: readonly string[] = []): Plan {
    if (solver === this.solver && zeros.length + switches.length + warnings.length === 0) return this;
    const foreseen = methodsOf(solver) === methodsOf(this.solver);
    const because = `as it went; ${this.solver} was expected by what was tried out with earlier values`;
    const decisions = this.decisions.map((decision) =>
      decision.about === "solver" ? { ...decision, chosen: solver, ...(foreseen ? {} : { because }) } : decision,
    );
    return new Plan(solver, this.adjoint, this.vjp, this.known, decisions, this.estimate, zeros, switches, warnings);
  }

  /** The plan with what is captured, in words. */
  capturing(captured: readonly string[]): Plan {
    if (captured.length === 0) return this;
    const { solver, adjoint, vjp, known, decisions, estimate, zeros, switches, warnings } = this;
    return new Plan(solver, adjoint, vjp, { ...known, captured }, decisions, estimate, zeros, switches, warnings);
  }

  /** What was chosen, in one line. */
  get summary(): string {
    return `solver ${this.solver}, adjoint ${this.adjoint}, vjp ${this.vjp}`;
  }

  toString(): string {
    const { summary, decisions, estimate, zeros, switches, warnings } = this;
    return [
      `${this.known.problem}: ${summary}; about ${inSeconds(estimate.seconds)}, ${inBytes(estimate.bytes)} kept`,
      ...linesOf(this.known).map((line) => `  ${line}`),
      ...decisions.flatMap(({ about, chosen, because, rejected }) => [
        `  ${about}: ${chosen}, ${because}`,
        ...rejected.map((candidate) => `    not ${candidate.name}: ${candidate.because}`),
      ]),
      ...switches.map((one) => `  ${showSwitch(one)}`),
      ...(zeros.length ? [`  zero by structure, as they cannot influence the loss: ${shownInPart(zeros)}`] : []),
      ...warnings.map((warning) => `  warning: ${warning}`),
    ].join("\n");
  }
}

/** What is known, in lines. */
function linesOf({
  states,
  parameters,
  derivatives,
  lossTimes,
  events,
  conditions,
  compiled,
  reason,
  steps,
  seconds,
  ...rest
}: Known): string[] {
  const { jacobianEntries: entries, captured } = rest;
  return [
    `${counted(states, "state")}, ${counted(parameters, "parameter")}, ${counted(derivatives, "derivative")}, ` +
      `${counted(lossTimes, "loss time")}, ${counted(events, "event")}` +
      (conditions > 0 ? `, ${counted(conditions, "event")} of the state` : ""),
    `right-hand side ${compiled ? "compiled" : `not compiled (${reason})`}: ${inSeconds(seconds.rhs)} a call, ` +
      `its vector-Jacobian products about ${inSeconds(seconds.vjp)}` +
      (entries === undefined ? "" : `; ${entries} of ${states ** 2} entries of the Jacobian`),
    `${counted(steps.taken, "step")} tried out, to t = ${short(steps.reached)}; ${steps.expected} expected, ${inSeconds(seconds.step)} each`,
    ...(captured ? [`captured, and constant therefore: ${shownInPart(captured)}`] : []),
  ];
}

/** The names of the methods without the time at which they changed. */
function methodsOf(solver: string): string {
  return solver.replaceAll(/ at t = \S+/g, "");
}

/** The names of a list, or its beginning where it is long. */
function shownInPart(names: readonly string[]): string {
  const most = 8;
  return names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");
}
