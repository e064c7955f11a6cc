/** Parts of a loss that cannot be read: they run by themselves, with derivatives by their tape. */
import { ifItCanBe } from "../../src/operations/calling.ts";
import { requireSame } from "../../src/problem/comparison.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { UnreadableFunction } from "../../src/read/syntax/errors.ts";
import type { Program } from "../../src/ir/ir.ts";
import type { Operator } from "../../src/problem/operator.ts";
import { contentOf, counterpartsIn, sameForm, type Content } from "../../src/read/constants/contents.ts";
import type { LossPart, LossReading } from "./part.ts";
import { tracedProgram } from "../../src/tape/traced-program.ts";

interface Known {
  readonly content: Content;
  /** What is called now. */
  now: Operator;
  /** How many hold that. */
  users: number;
  readonly part: LossPart;
}

/** The one used last comes last. */
const entries: Known[] = [];
const MOST_ENTRIES = 64;

/** A traced part, of one function with its constants. */
class TracedReading implements LossReading {
  readonly isMisread = false;

  constructor(
    private readonly known: Known,
    private readonly operator: Operator,
  ) {
    known.now = operator;
  }

  program(): Program {
    return this.known.part.value;
  }

  get isFilled(): boolean {
    return this.known.now === this.operator;
  }

  /** What the constants hold is looked up in every call. */
  changed(): undefined {}

  hold(): void {
    this.known.users++;
  }

  release(): void {
    this.known.users--;
  }

  refilled(constants: unknown): LossReading | undefined {
    const { known, operator } = this;
    if (known.users > 0 || !counterpartsIn(operator.constants, constants)) return undefined;
    return new TracedReading(known, operator.with(constants));
  }
}

/**
 * The part of a function of this text, with constants of this form: what numbers they hold is looked up in every call. It is to be held
 * while it is in use.
 */
export function tracedPart(
  operator: Operator,
  reason: UnreadableFunction,
): { readonly part: LossPart; readonly reading: LossReading } {
  const { spaces } = operator;
  const content = contentOf(operator.fn, operator.constants);
  const at = entries.findIndex(
    ({ now, content: known, users }) =>
      users === 0 &&
      now.signature === operator.signature &&
      now.spaces.u === spaces.u &&
      now.spaces.p === spaces.p &&
      sameForm(known, content),
  );
  const [found] = at < 0 ? [partAnew(operator, content, reason)] : entries.splice(at, 1);
  entries.push(found);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return { part: found.part, reading: new TracedReading(found, operator) };
}

/** Throws Disagreement where the function does not give the same when called again. */
function partAnew(operator: Operator, content: Content, unread: UnreadableFunction): Known {
  const { name, fn, constants, samples } = operator;
  for (const sample of samples) {
    const call = (): unknown => ifItCanBe(() => fn(...sample(constants)));
    requireSame(name, call(), call());
  }
  const known: Omit<Known, "part"> = { content, now: operator, users: 0 };
  const value = tracedProgram(operator, { now: () => known.now });
  return Object.assign(known, { part: { value, gradient: derivativesOf(value).vjp(["u", "p"]), unread } });
}
