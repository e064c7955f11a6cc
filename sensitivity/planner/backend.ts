/** The choice of the vjp backend. */
import type { ProblemCode } from "../../src/problem/code.ts";
import { BackendRefused, BadGradientOption } from "../vjp/errors.ts";
import { CapturedVariable, NoSourceText, UnreadableFunction } from "../../src/read/syntax/errors.ts";
import type { Decision } from "./plan.ts";
import type { VjpBackend } from "../vjp/backend.ts";
import { vjpBackends } from "../vjp/backends/index.ts";
import { short } from "./quantities.ts";

/** The number of compiled calls that take as long as one call of the plain function. */
const PLAIN = 4;

/** The backend that was chosen. */
export interface ChosenBackend {
  readonly backend: VjpBackend;
  readonly decision: Decision;
}

interface Candidate {
  readonly name: string;
  readonly backend: VjpBackend;
  /** Why it cannot take the function. */
  readonly refusal?: string;
  /** Why it is not chosen unless it is asked for. */
  readonly caution?: string;
  /**
   * What both products cost, in calls of the right-hand side. It is asked only of those that may be chosen: differences have to know
   * the sparsity, which takes long in large systems.
   */
  readonly cost: () => number;
}

/**
 * Chooses the backend of a name or that was handed in, or without one the cheapest of those that take the function and give exact products.
 *
 * @throws BadGradientOption for an unknown name, {@link BackendRefused} for a backend that cannot, and the ReadError of a function that
 * no backend takes unless it is asked for.
 */
export function chooseBackend(code: ProblemCode, given: string | VjpBackend | undefined): ChosenBackend {
  const own = typeof given === "object" ? { [given.name]: given } : {};
  const asked = typeof given === "object" ? given.name : given;
  const unreadable = unreadableOf(code);
  const candidates = Object.entries({ ...vjpBackends, ...own })
    .map(([name, backend]) => candidate(name, backend, code, unreadable))
    .sort((a, b) => rank(a) - rank(b) || (rank(a) === 0 ? a.cost() - b.cost() : 0));
  const able = candidates.filter(({ refusal }) => refusal === undefined);
  if (asked === undefined) {
    const best = able.at(0);
    if (!best) throw new BadGradientOption("vjp: there is no backend to choose from. Hand one in: vjp: sourceVjp.");
    if (best.caution !== undefined) throw unreadable;
    return { backend: best.backend, decision: decision(best, candidates, "the cheapest exact products of this function", false) };
  }
  const found = candidates.find(({ name }) => name === asked);
  if (!found) {
    throw new BadGradientOption(`vjp: there is no backend "${asked}". Backends are ${Object.keys(vjpBackends).join(", ")}.`);
  }
  if (found.refusal !== undefined) {
    const nearest = able.find(({ backend }) => backend.capabilities.scalars) ?? able[0];
    throw new BackendRefused(asked, found.refusal, nearest?.name, { cause: unreadable });
  }
  return { backend: found.backend, decision: decision(found, candidates, "as asked for", true) };
}

/** What each product costs, in calls of the right-hand side as it runs. */
export function vjpCalls(backend: VjpBackend, code: ProblemCode): { readonly u: number; readonly p: number } {
  const { unit, u, p } = backend.cost(code);
  const scale = unit === "plain" && unreadableOf(code) === undefined ? PLAIN : 1;
  return { u: scale * u, p: scale * p };
}

function candidate(name: string, backend: VjpBackend, code: ProblemCode, unreadable: UnreadableFunction | undefined): Candidate {
  const refusal = refusalOf(backend, code, unreadable);
  if (refusal !== undefined) return { name, backend, refusal, cost: () => Infinity };
  const cost = (): number => {
    const { u, p } = vjpCalls(backend, code);
    return u + p;
  };
  return { name, backend, caution: cautionOf(backend), cost };
}

function rank({ refusal, caution }: Candidate): number {
  if (refusal !== undefined) return 2;
  return caution === undefined ? 0 : 1;
}

function refusalOf(
  { capabilities }: VjpBackend,
  { derivatives, name, operators, layout, changed }: ProblemCode,
  unreadable: UnreadableFunction | undefined,
): string | undefined {
  const withoutText = unreadable instanceof NoSourceText || unreadable instanceof CapturedVariable;
  if (unreadable && (capabilities.programs || (capabilities.needsText && withoutText))) {
    return `it needs the function's text, and ${firstLine(unreadable)}`;
  }
  if (operators.rhs.isSplit && capabilities.records) return "it records one function, and the right-hand side is in parts";
  if (layout.u.kind === "extended" && capabilities.exact && !capabilities.programs) {
    return changed
      ? "events change parameters, which it cannot show to the function as the state that they are of the solve"
      : `it calls a right-hand side, and ${name} is a residual`;
  }
  const given = Object.values(derivatives ?? {}).some((derivative) => derivative !== undefined);
  if (capabilities.needsDerivatives && !given) {
    return `${name} comes with no derivatives (odeProblem's \`derivatives\`: jac, paramJac, jvp or vjp)`;
  }
  return undefined;
}

function cautionOf({ capabilities }: VjpBackend): string | undefined {
  if (!capabilities.exact) return "differences lose half of the digits or more";
  if (!capabilities.scalars) return "it sees operations on whole arrays only, and refuses others when it meets them";
  return undefined;
}

function decision(chosen: Candidate, candidates: readonly Candidate[], because: string, asked: boolean): Decision {
  const calls = ({ cost }: Candidate): string => `about ${short(cost())} right-hand sides for both products`;
  return {
    about: "vjp",
    chosen: chosen.name,
    because: `${because}: ${calls(chosen)}`,
    asked,
    rejected: candidates
      .filter((other) => other !== chosen)
      .map((other) => ({ name: other.name, because: other.refusal ?? other.caution ?? calls(other) })),
  };
}

/** Why the function cannot be read, or undefined; other errors are thrown. */
function unreadableOf(code: ProblemCode): UnreadableFunction | undefined {
  try {
    code.rhsProgram();
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableFunction) return error;
    throw error;
  }
}

function firstLine({ message }: Error): string {
  return message.split("\n")[0].replace(/\.$/, "");
}
