/** Initial states that are steady states as operators. */
import { sameLayout, type Layout } from "../../src/arrays/layout.ts";
import { UnsupportedValue } from "../../src/core/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import { BadProblem } from "../../src/problem/errors.ts";
import { Operator, type OperatorOptions } from "../../src/problem/operator.ts";
import { operators } from "../../src/problem/operators.ts";
import type { Inputs } from "../../src/problem/plain-operator.ts";
import { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import { restProgram, startProgram } from "./rest-program.ts";
import { restAt, type Rest } from "./rest.ts";

export class SteadyStart extends Operator {
  private readonly parameters: Operator | undefined;
  private readonly state: Operator | undefined;

  constructor(
    private readonly rest: Rest,
    given: OperatorOptions,
  ) {
    super(operators.u0, given);
    const { layout } = rest.problem;
    const { spaces, points } = given;
    const { parameters, state, constants } = rest.options;
    const operator = (name: string, fn: unknown, takes: readonly ("u" | "p")[], gives: Layout): Operator =>
      new Operator(
        { takes: takes.map((space) => ({ name: space, space })), gives: { name, space: "du" } },
        {
          fn: fn as OperatorOptions["fn"],
          name: `fromSteadyState.${name}`,
          spaces: { u: layout.u, p: spaces.p, du: gives },
          constants,
          points: () => points().map(([p]) => takes.map((space) => (space === "u" ? rest.problem.code.from.u0 : p))),
        },
      );
    this.parameters = parameters && operator("parameters", parameters, ["p"], layout.p);
    this.state = state && operator("state", state, ["u", "p"], spaces.u);
    if (!parameters) requireSame("p", layout.p, spaces.p, "parameters: (p) => …");
    if (!state) requireSame("u0", layout.u, spaces.u, "state: (u, p) => …");
  }

  override evaluate(into: Float64Array, [given]: Inputs): void {
    const p = given as Float64Array;
    const { rest, parameters, state } = this;
    const own = parameters ? new Float64Array(rest.problem.layout.p.size) : p;
    parameters?.evaluate(own, [p]);
    const { u } = restAt(rest, own);
    if (state) state.evaluate(into, [u, p]);
    else into.set(u);
  }

  override program(): Program {
    const { rest, parameters, state, spaces } = this;
    for (const part of this.parts) requireRead(part);
    return startProgram(
      restProgram(rest, rest.problem.code),
      parameters?.program(),
      state?.program(),
      spaces.u.size,
      spaces.p.size,
    );
  }

  override with(constants: unknown): SteadyStart {
    return new SteadyStart(this.rest, { ...this.options, constants });
  }

  override anew(): SteadyStart {
    const { problem, options } = this.rest;
    return new SteadyStart({ problem: { ...problem, code: problem.code.anew() }, options }, this.options);
  }

  override refilled(constants: unknown): SteadyStart {
    return this.with(constants);
  }

  override get isReadable(): boolean {
    return this.parts.every((part) => part.isReadable);
  }

  override get isMisread(): boolean {
    return false;
  }

  /** What its program is made of. */
  private get parts(): readonly Operator[] {
    const { rhs, u0 } = this.rest.problem.code.operators;
    return [rhs, u0, this.parameters, this.state].filter((one) => one !== undefined);
  }

  override changed(): string | undefined {
    return this.parts.map((part) => part.changed()).find((one) => one !== undefined);
  }

  override get isOutdated(): boolean {
    return this.parts.some((part) => part.isOutdated);
  }

  override get isFilled(): boolean {
    return this.parts.every((part) => part.isFilled);
  }

  override fill(): boolean {
    return this.parts.every((part) => part.fill());
  }

  override hold(): void {
    for (const part of this.parts) part.hold();
  }

  override release(): void {
    for (const part of this.parts) part.release();
  }
}

/** Throws UnsupportedValue: no tape records a search. */
function requireRead(part: Operator): void {
  try {
    part.program();
  } catch (error) {
    if (!(error instanceof UnreadableFunction)) throw error;
    throw new UnsupportedValue(
      `fromSteadyState: ${part.name} cannot be read, and derivatives of a steady state are made of its text: ${error.message}`,
      { cause: error },
    );
  }
}

function requireSame(what: string, own: Layout, other: Layout, option: string): void {
  if (sameLayout(own, other)) return;
  throw new BadProblem(
    `fromSteadyState: ${what} of the problem at rest has ${own.size} numbers, and ${what} of the one that begins there has other ` +
      `names or another shape, of ${other.size}. Say how they belong together: fromSteadyState(problem, { ${option} }).`,
  );
}
