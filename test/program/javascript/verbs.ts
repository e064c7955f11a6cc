/** Written functions as users have them: in a right-hand side, in a loss, in an event, with default options. */
import { gradient, odeProblem, rk4, solve } from "../../../index.ts";
import { OdegradError } from "../../../src/errors.ts";
import { along, difference } from "./derivatives.ts";
import { close, constants, functionOf, plainly, shown, type Plain, type Point } from "./judge.ts";
import type { Form } from "./writer.ts";

export interface ByVerbs {
  readonly complaint?: string;
  /** Named errors. */
  readonly refused?: string;
}

/** What the verbs make of a function, against what JavaScript does; nothing where that is no number. */
export function byVerbs(form: Form, body: string, at: Point): ByVerbs {
  const fn = functionOf({ form, body });
  if (!plainly(form, fn, at, constants())?.every(Number.isFinite)) return {};
  try {
    return {
      complaint: form === "loss" ? ofLoss(body, at) : form === "event" ? ofEvent(fn, at) : ofRightHandSide(form, fn, body, at),
    };
  } catch (error) {
    if (error instanceof OdegradError && error.name !== "InternalError") return { refused: error.name };
    return { complaint: `${form === "loss" ? "gradient" : "solve"} fails with ${shown(error)}` };
  }
}

function ofLoss(body: string, at: Point): string | undefined {
  // A loss of the end has no time.
  const final = new Function("u", "p", "c", `const t = ${at.t};\n${body}`) as () => number;
  const still = odeProblem({ rhs: (du) => void du.fill(0), u0: [...at.u], p: [...at.p], tspan: [0, 1] });
  const found = gradient(still, { loss: { final, constants: constants() }, wrt: ["u0", "p"] });
  const plain = plainly("loss", functionOf({ form: "loss", body }), at, constants())!;
  if (!close([found.value], plain)) return `gradient's value: ${found.value}, plainly ${plain[0]}`;
  const expected = difference("loss", body, at);
  const slope = along(found.flat.u0!, found.flat.p!) * LOSS_WEIGHT;
  if (expected === undefined || Math.abs(slope - expected) <= 1e-5 * Math.max(1, Math.abs(expected))) return undefined;
  return `gradient: ${slope}, expected ${expected}`;
}

/** What `difference` weighs a lone number with. */
const LOSS_WEIGHT = 0.5;

const at = 0.7019;

function ofEvent(fn: Plain, { u, p }: Point): string | undefined {
  const problem = odeProblem({
    rhs: (du) => void du.fill(0),
    u0: [...u],
    p: [...p],
    tspan: [0, 1],
    events: { at: [at], apply: fn as () => void },
    constants: constants(),
  });
  const found = solve(problem, { solver: rk4({ dt: 0.5 }), saveat: [1] }).u[0] as ArrayLike<number>;
  const plain = plainly("event", fn, { u, p, t: at }, constants());
  if (!plain?.every(Number.isFinite) || close(found, plain)) return undefined;
  return `solve with the event: ${Array.from(found).join(", ")}, plainly ${plain.join(", ")}`;
}

/** Inside the gate in time. */
const [FROM, TO, STEPS] = [0.65, 0.85, 4];
const GATE = /^if \(t [^{]*|^if \(t < 0\.6 \|\| t > 0\.9\) .*$/m;

/** Steps of Runge and Kutta's method with the plain function. Where else time is compared, `solve` stops, and so is not compared. */
function ofRightHandSide(form: "rhs" | "value", fn: Plain, body: string, { u, p }: Point): string | undefined {
  if (/\bt\b/.test(body.replace(GATE, ""))) return undefined;
  const h = (TO - FROM) / STEPS;
  let state = u.slice();
  const slope = (y: Float64Array, t: number): Float64Array => plainly(form, fn, { u: y, p, t }, constants()) ?? y.map(() => NaN);
  const moved = (k: Float64Array, by: number): Float64Array => state.map((y, i) => y + by * k[i]);
  for (let n = 0; n < STEPS; n++) {
    const t = FROM + n * h;
    const k1 = slope(state, t);
    const k2 = slope(moved(k1, h / 2), t + h / 2);
    const k3 = slope(moved(k2, h / 2), t + h / 2);
    const k4 = slope(moved(k3, h), t + h);
    state = state.map((y, i) => y + (h / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
  }
  if (!state.every((y) => Math.abs(y) < 1e3)) return undefined;
  const problem = odeProblem({ rhs: fn as () => void, u0: [...u], p: [...p], tspan: [FROM, TO], constants: constants() });
  const found = solve(problem, { solver: rk4({ dt: h }), saveat: [TO] }).u[0] as ArrayLike<number>;
  return close(found, state, 1e-6) ? undefined : `solve: ${Array.from(found).join(", ")}, plainly ${state.join(", ")}`;
}
