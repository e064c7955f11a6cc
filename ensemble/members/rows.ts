/** The rows of a chunk's trajectories. */
import { memberPath, ownLayout, type Layout } from "../../src/arrays/layout.ts";
import { pack } from "../../src/arrays/pack.ts";
import { describe, firstNotFinite, isPlainObject } from "../../src/core/array-values.ts";
import { FunctionThrew, NonFinite, OdegradError } from "../../src/core/errors.ts";
import { checkOptions, type Checks } from "../../src/core/options/check.ts";
import { anything } from "../../src/core/options/kinds.ts";
import { nearest } from "../../src/core/options/names.ts";
import { checkTimeSpan, timeSpan } from "../../src/core/options/time-span.ts";
import type { OdeProblem } from "../../src/problem/problem.ts";
import { startOf } from "../../solvers/systems/start.ts";
import { BadVariation } from "./errors.ts";
import { drawn } from "./draws.ts";
import type { Base, Draw, Member, MemberRows, Members } from "./members.ts";

/** Some trajectories: how many, and the index of the m-th. */
export interface Some {
  readonly count: number;
  readonly indexOf: (m: number) => number;
}

/** As the distributions say. */
export function drawnRows(problem: OdeProblem, members: Members, { count, indexOf }: Some): MemberRows {
  const { base, draws } = members;
  const rows = new Rows(problem, base, count);
  const ofP = draws.filter(({ of }) => of === "p");
  const ofU0 = draws.filter(({ of }) => of === "u0");
  const fill = (row: Float64Array, some: readonly Draw[], m: number): void => {
    for (const draw of some) row[draw.at] = drawn(members, draw, indexOf(m));
  };
  for (let m = 0; ofP.length > 0 && m < count; m++) fill(rows.p(m), ofP, m);
  for (let m = 0; ofU0.length > 0 && m < count; m++) fill(rows.u0(m), ofU0, m);
  return rows.filled;
}

const memberChecks: Checks<Member<unknown, unknown>> = { u0: anything, p: anything, tspan: timeSpan };

/** As a user's function says of each trajectory. Throws {@link BadVariation}, {@link FunctionThrew}. */
export function rowsBy(
  problem: OdeProblem,
  base: Base,
  vary: (trajectory: number) => unknown,
  { count, indexOf }: Some,
): MemberRows {
  const rows = new Rows(problem, base, count);
  const { u, p } = problem.layout;
  const saidOf = Array.from({ length: count }, (_, m) => said(vary, indexOf(m)));
  const each = (of: (member: Member<unknown, unknown>, m: number, where: string) => void): void =>
    saidOf.forEach((member, m) => naming(indexOf(m), (where) => of(member, m, where)));
  each(({ p: own, tspan }, m, where) => {
    if (tspan) rows.tspan(m).set(checked(tspan));
    if (own !== undefined) packPart(p, own, `${where}.p`, rows.p(m));
  });
  // An initial state may be a function of the parameters.
  each(({ u0 }, m, where) => {
    if (u0 !== undefined) packPart(ownLayout(u), u0, `${where}.u0`, rows.u0(m));
  });
  return rows.filled;
}

function said(vary: (trajectory: number) => unknown, trajectory: number): Member<unknown, unknown> {
  let member: unknown;
  try {
    member = vary(trajectory);
  } catch (error) {
    throw new FunctionThrew("vary", `at trajectory ${trajectory}`, error);
  }
  naming(trajectory, (where) => {
    if (!isPlainObject(member)) {
      throw new BadVariation(`${where} is ${describe(member)}, but must be an object with some of u0, p, tspan.`);
    }
    checkOptions(member, memberChecks, where);
  });
  return member as Member<unknown, unknown>;
}

function checked(tspan: readonly [number, number]): readonly [number, number] {
  checkTimeSpan(tspan);
  return tspan;
}

/** What is wrong with a value is wrong with that trajectory. */
function naming(trajectory: number, look: (where: string) => void): void {
  const where = `vary(${trajectory})`;
  try {
    look(where);
  } catch (error) {
    if (error instanceof BadVariation || !(error instanceof OdegradError)) throw error;
    throw new BadVariation(`${error.message.startsWith(where) ? "" : `${where}: `}${error.message}`, { cause: error });
  }
}

/** Components that are named; those that are not stay as they are. */
function packPart(layout: Layout, value: unknown, what: string, into: Float64Array): void {
  if (layout.kind !== "struct" || !isPlainObject(value)) return void pack(layout, value, what, into);
  for (const [name, part] of Object.entries(value)) {
    if (!Object.hasOwn(layout.fields, name)) {
      const known = Object.keys(layout.fields);
      const near = nearest(name, known);
      throw new BadVariation(
        `${what} has no "${name}". ${near === undefined ? `It has ${known.join(", ")}.` : `Is "${near}" meant?`}`,
      );
    }
    packPart(layout.fields[name], part, memberPath(what, name), into);
  }
}

/** Rows that begin as what all share, made where a first trajectory differs. */
class Rows {
  private made: { u0?: Float64Array; p?: Float64Array; tspan?: Float64Array } = {};

  constructor(
    private readonly problem: OdeProblem,
    private readonly base: Base,
    private readonly count: number,
  ) {}

  get filled(): MemberRows {
    return this.made;
  }

  p(m: number): Float64Array {
    return this.row("p", m, this.problem.layout.p.size, () => this.base.p);
  }

  /** After those of p, which it may be a function of. */
  u0(m: number): Float64Array {
    return this.row("u0", m, this.problem.layout.u.size, (k) => this.base.u0 ?? this.startOf(k));
  }

  tspan(m: number): Float64Array {
    return this.row("tspan", m, 2, () => this.base.tspan);
  }

  private row(what: keyof MemberRows, m: number, size: number, base: (m: number) => ArrayLike<number>): Float64Array {
    let rows = this.made[what];
    if (!rows) {
      rows = this.made[what] = new Float64Array(this.count * size);
      for (let k = 0; k < this.count; k++) rows.set(base(k), k * size);
    }
    return rows.subarray(m * size, (m + 1) * size);
  }

  /** As the problem's function of p says; where that or the parameters are not finite there is none. */
  private startOf(m: number): Float64Array {
    const { base, problem, made } = this;
    const np = problem.layout.p.size;
    const p = made.p ? made.p.slice(m * np, (m + 1) * np) : base.p;
    const none = new Float64Array(problem.layout.u.size).fill(NaN);
    if (firstNotFinite(p) >= 0) return none;
    try {
      return startOf(problem, undefined, p);
    } catch (error) {
      if (error instanceof NonFinite) return none;
      throw error;
    }
  }
}
