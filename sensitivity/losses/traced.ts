/** Parts of a loss that cannot be read: they run by themselves, with derivatives by their tape. */
import { ifItCanBe } from "../../src/operations/calling.ts";
import { requireSame } from "../../src/problem/comparison.ts";
import type { PlainCall } from "../../src/operations/definitions.ts";
import { derivativesOf } from "../../src/derive/program-derivatives.ts";
import type { UnreadableFunction } from "../../src/core/errors.ts";
import type { Loss } from "../../src/problem/problem.ts";
import { Builder } from "../../src/ir/builder.ts";
import type { ArrayArgument, Program, Value } from "../../src/ir/ir.ts";
import { contentOf, counterpartsIn, sameForm, type Content } from "../../src/read/constants/contents.ts";
import type { Samples } from "../../src/read/constants/bindings.ts";
import type { LossContext, LossPart, LossReading } from "./part.ts";
import { tracedProgram, type OwnFunction } from "../../src/tape/traced-program.ts";

export interface TracedRequest {
  readonly name: string;
  readonly fn: PlainCall;
  readonly constants: Loss["constants"];
  readonly layout: LossContext["layout"];
  /** The names of the arguments behind u and p: t, or t and i. */
  readonly scalars: readonly ("t" | "i")[];
  readonly samples: Samples;
}

interface Own {
  readonly fn: PlainCall;
  readonly constants: unknown;
}

interface Known {
  readonly request: TracedRequest;
  readonly content: Content;
  /** What is called now. */
  own: Own;
  /** How many hold that. */
  users: number;
  readonly part: LossPart;
}

/** The one used last comes last. */
const entries: Known[] = [];
const MOST_ENTRIES = 64;

/** A traced part, of one function with its constants. */
class TracedReading implements LossReading {
  constructor(
    private readonly known: Known,
    private readonly own: Own,
  ) {
    known.own = own;
  }

  get program(): Program {
    return this.known.part.value;
  }

  get isFilled(): boolean {
    return this.known.own === this.own;
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
    const { known, own } = this;
    if (known.users > 0 || !counterpartsIn(own.constants, constants)) return undefined;
    return new TracedReading(known, { fn: own.fn, constants });
  }
}

/**
 * The part of a function of this text, with constants of this form: what numbers they hold is looked up in every call. It is to be held
 * while it is in use.
 */
export function tracedPart(request: TracedRequest, reason: UnreadableFunction): { part: LossPart; reading: LossReading } {
  const { fn, constants, name, layout } = request;
  const content = contentOf(fn, constants);
  const at = entries.findIndex(
    ({ request: other, content: known, users }) =>
      users === 0 &&
      other.name === name &&
      other.layout.u === layout.u &&
      other.layout.p === layout.p &&
      sameForm(known, content),
  );
  const [found] = at < 0 ? [partAnew(request, content, reason)] : entries.splice(at, 1);
  entries.push(found);
  if (entries.length > MOST_ENTRIES) entries.shift();
  return { part: found.part, reading: new TracedReading(found, { fn, constants }) };
}

/** Throws Disagreement where the function does not give the same when called again. */
function partAnew(request: TracedRequest, content: Content, unread: UnreadableFunction): Known {
  const { name, fn, constants, layout, scalars, samples } = request;
  for (const sample of samples) {
    const call = (): unknown => ifItCanBe(() => fn(...sample(constants)));
    requireSame(name, call(), call());
  }
  const known: Omit<Known, "part"> = { request, content, own: { fn, constants }, users: 0 };
  const own: OwnFunction = {
    name,
    get fn() {
      return known.own.fn;
    },
    get constants() {
      return known.own.constants;
    },
    layout,
    samples,
    scalars: scalars.length as OwnFunction["scalars"],
    returns: { kind: "scalar", offset: 0, size: 1 },
  };
  const value = returning(tracedProgram(own), request);
  return Object.assign(known, { part: { value, gradient: derivativesOf(value).vjp(["u", "p"]), unread } });
}

/** (input u, input p, scalars), returning what the program writes. */
function returning(traced: Program, { name, layout, scalars }: TracedRequest): Program {
  const b = new Builder(name);
  const whole = (array: ArrayArgument["array"]): ArrayArgument => ({ array, offset: b.i32(0) });
  const inputs = [b.arrayParameter("u", layout.u.size, "input"), b.arrayParameter("p", layout.p.size, "input")];
  const given = scalars.map((scalar): Value => b.scalarParameter(scalar, scalar === "i" ? "i32" : "f64"));
  if (given.length) {
    const numbers = b.localArray("scalars", given.length);
    given.forEach((value, k) => b.store(numbers, b.i32(k), b.toF64(value)));
    inputs.push(numbers);
  }
  const result = b.localArray("result", 1);
  b.call(traced, [...inputs, result].map(whole));
  return b.finish(b.load(result, b.i32(0)));
}
