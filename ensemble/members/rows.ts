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
import type { Base, Member, MemberRows, Members } from "./members.ts";

/** Some trajectories: how many, and the index of the m-th. */
export interface Some {
  readonly count: number;
  readonly indexOf: (m: number) => number;
}

/** As the distributions say. */
export function drawnRows(problem: OdeProblem, members: Members, { count, indexOf }: Some): MemberRows {
  const { base, draws } = members;
  const rows = new Rows(problem, base, count);
  for (const what of ["p", "u0"] as const) {
    const own = draws.filter(({ of }) => of === what);
    if (own.length === 0) continue;
    const { data, size } = rows.of(what);
    for (let m = 0; m < count; m++) for (const draw of own) data[m * size + draw.at] = drawn(members, draw, indexOf(m));
  }
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
  // An initial state may be a function of the parameters, so these come first.
  const starts: (readonly [m: number, u0: unknown])[] = [];
  for (let m = 0; m < count; m++) {
    const { u0, p: own, tspan } = said(vary, indexOf(m));
    if (tspan) {
      naming(indexOf(m), () => checkTimeSpan(tspan));
      rows.of("tspan").data.set(tspan, 2 * m);
    }
    if (own !== undefined) {
      const { data } = rows.of("p");
      naming(indexOf(m), (where) => packPart(p, own, `${where}.p`, data, m * p.size));
    }
    if (u0 !== undefined) starts.push([m, u0]);
  }
  const ofU = ownLayout(u);
  for (const [m, u0] of starts) {
    const { data } = rows.of("u0");
    naming(indexOf(m), (where) => packPart(ofU, u0, `${where}.u0`, data, m * u.size));
  }
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

/**
 * What is wrong with a value is wrong with that trajectory. Names of millions that are right take longer than to look at them, so that
 * of a wrong one is made when it is known to be wrong.
 */
function naming(trajectory: number, look: (where: string) => void): void {
  try {
    return look("vary");
  } catch {
    named(`vary(${trajectory})`, look);
  }
}

function named(where: string, look: (where: string) => void): void {
  try {
    look(where);
  } catch (error) {
    if (error instanceof BadVariation || !(error instanceof OdegradError)) throw error;
    throw new BadVariation(`${error.message.startsWith(where) ? "" : `${where}: `}${error.message}`, { cause: error });
  }
}

/** Components that are named; those that are not stay as they are. */
function packPart(layout: Layout, value: unknown, what: string, into: Float64Array, at: number): void {
  if (layout.kind !== "struct" || !isPlainObject(value)) return void pack(layout, value, what, into, at);
  for (const [name, part] of Object.entries(value)) {
    if (!Object.hasOwn(layout.fields, name)) {
      const known = Object.keys(layout.fields);
      const near = nearest(name, known);
      throw new BadVariation(
        `${what} has no "${name}". ${near === undefined ? `It has ${known.join(", ")}.` : `Is "${near}" meant?`}`,
      );
    }
    packPart(layout.fields[name], part, memberPath(what, name), into, at);
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

  /** Of p before those of u0, which may be a function of it. */
  of(what: keyof MemberRows): { readonly data: Float64Array; readonly size: number } {
    const { base, count, made, problem } = this;
    const { u, p } = problem.layout;
    const size = { p: p.size, u0: u.size, tspan: 2 }[what];
    let data = made[what];
    if (!data) {
      data = made[what] = new Float64Array(count * size);
      const shared = base[what];
      for (let m = 0; m < count; m++) {
        const row: ArrayLike<number> = shared ?? this.startOf(m);
        for (let i = 0; i < size; i++) data[m * size + i] = row[i];
      }
    }
    return { data, size };
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
