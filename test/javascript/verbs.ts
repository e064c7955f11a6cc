/** Written functions as users have them: in a right-hand side, in a loss, in an event, with default options. */
import { gradient, odeProblem, rk4, solve } from "../../index.ts";
import { OdegradError } from "../../src/core/errors.ts";
import { along, compare, difference, ROUNDED, steadySlope, weights, type Complaint } from "./derivatives.ts";
import { close, constants, functionOf, plainly, points, shown, type Plain, type Point } from "./judge.ts";
import type { Form } from "./writer.ts";

export interface ByVerbs {
  readonly complaint?: string;
  /** Named errors. */
  readonly refused?: string;
}

/** What the verbs make of a function, against what JavaScript does; nothing where that is no number. `isRead`: by the reader. */
export function byVerbs(form: Form, body: string, at: Point, isRead: boolean): ByVerbs {
  const fn = functionOf({ form, body });
  if (!plainly(form, fn, at, constants())?.every(Number.isFinite)) return {};
  try {
    return {
      complaint:
        form === "loss"
          ? (ofFinalLoss(body, at) ?? ofLossAtTimes(fn, body, at))
          : form === "event"
            ? ofEvent(fn, body, at)
            : ofRightHandSide(form, fn, body, at, isRead),
    };
  } catch (error) {
    if (error instanceof OdegradError && error.name !== "InternalError") return { refused: error.name };
    return { complaint: `${form === "loss" ? "gradient" : "solve"} fails with ${shown(error)}` };
  }
}

/** What `difference` weighs a lone number with. */
const LOSS_WEIGHT = weights[0];

const still = ({ u, p }: Point) => odeProblem({ rhs: (du) => void du.fill(0), u0: [...u], p: [...p], tspan: [0, 1] });

function ofFinalLoss(body: string, at: Point): Complaint {
  // A loss of the end has no time.
  const final = new Function("u", "p", "c", `const t = ${at.t};\n${body}`) as () => number;
  const found = gradient(still(at), { loss: { final, constants: constants() }, wrt: ["u0", "p"] });
  const plain = plainly("loss", functionOf({ form: "loss", body }), at, constants())!;
  if (!close([found.value], plain)) return `gradient's value: ${found.value}, plainly ${plain[0]}`;
  const expected = difference("loss", body, at);
  const slope = along(found.flat.u0!, found.flat.p!) * LOSS_WEIGHT;
  return expected === undefined ? undefined : compare("gradient", slope, expected, 1e-5);
}

/** Outside the gate in time, and inside. */
function ofLossAtTimes(fn: Plain, body: string, at: Point): Complaint {
  const times = [points[2].t, points[0].t];
  const plain = times.map((t) => plainly("loss", fn, { ...at, t }, constants())?.[0] ?? NaN);
  if (!plain.every(Number.isFinite)) return undefined;
  const of = new Function("u", "p", "t", "i", "c", body) as () => number;
  const found = gradient(still(at), { loss: { at: times, of, constants: constants() }, wrt: ["u0", "p"] });
  if (!close([found.value], [plain[0] + plain[1]]))
    return `gradient's value at times: ${found.value}, plainly ${plain.join(" + ")}`;
  const [early, late] = times.map((t) => difference("loss", body, { ...at, t }));
  if (early === undefined || late === undefined) return undefined;
  return compare("gradient at times", along(found.flat.u0!, found.flat.p!) * LOSS_WEIGHT, early + late, 1e-5);
}

const final = (u: number[], _p: unknown, c: { readonly weights: readonly number[] }): number =>
  c.weights[0] * u[0] + c.weights[1] * u[1] + c.weights[2] * u[2];
const weighed = { final, constants: { weights: [...weights] } };

function ofEvent(fn: Plain, body: string, at: Point): Complaint {
  const { u, p, t } = { ...at, t: 0.7019 };
  const problem = odeProblem({
    rhs: (du) => void du.fill(0),
    u0: [...u],
    p: [...p],
    tspan: [0, 1],
    events: { at: [t], apply: fn as () => void },
    constants: constants(),
  });
  const found = solve(problem, { solver: rk4({ dt: 0.5 }), saveat: [1] }).u[0] as ArrayLike<number>;
  const plain = plainly("event", fn, { u, p, t }, constants());
  if (!plain?.every(Number.isFinite)) return undefined;
  if (!close(found, plain)) return `solve with the event: ${Array.from(found).join(", ")}, plainly ${plain.join(", ")}`;
  const expected = difference("event", body, { u, p, t });
  if (expected === undefined) return undefined;
  const { flat } = gradient(problem, { loss: weighed, wrt: ["u0", "p"] });
  return compare("gradient through the event", along(flat.u0!, flat.p!), expected, 1e-5);
}

/** Two stretches: before and behind the gate in time, at which `solve` stops, or both inside, where it cannot be read and so is not known. */
const [PAST_GATE, INSIDE] = [[0.5, 0.6, 0.7] as const, [0.65, 0.75, 0.85] as const];
const H = 0.05;
const GATE = /^if \(t [^{]*|^if \(t < 0\.6 \|\| t > 0\.9\) .*$/m;

/** Steps of Runge and Kutta's method with the plain function. Where else time is compared, `solve` stops, and so is not compared. */
function ofRightHandSide(form: "rhs" | "value", fn: Plain, body: string, { u, p }: Point, isRead: boolean): Complaint {
  if (/\bt\b/.test(body.replace(GATE, ""))) return undefined;
  const hasGate = GATE.test(body);
  const [from, middle, to] = isRead ? PAST_GATE : INSIDE;
  const ends = (at: Omit<Point, "t">): Float64Array => {
    const first = steps(form, fn, at, [from, middle]);
    return steps(form, fn, { u: first, p: at.p }, [middle, to]);
  };
  const state = ends({ u, p });
  if (!state.every((y) => Math.abs(y) < 1e3)) return undefined;
  const problem = odeProblem({ rhs: fn as () => void, u0: [...u], p: [...p], tspan: [from, to], constants: constants() });
  const solver = rk4({ dt: H });
  // As the plain function, whose steps go over what decides on the state.
  const found = solve(problem, { solver, saveat: [to], switches: "ignore" }).u[0] as ArrayLike<number>;
  if (!close(found, state, 1e-6)) return `solve: ${Array.from(found).join(", ")}, plainly ${state.join(", ")}`;
  const expected = ROUNDED.test(body) ? undefined : steadySlope({ u, p, t: from }, ends);
  if (expected === undefined) return undefined;
  const { flat } = gradient(problem, { loss: weighed, wrt: ["u0", "p"], solver, switches: "ignore" });
  // Where it runs by itself, the adjoint is that of the equation, not of these few steps.
  const relative = isRead ? 1e-5 : 1e-2;
  return compare(hasGate ? "gradient past the gate" : "gradient", along(flat.u0!, flat.p!), expected, relative);
}

/** By Runge and Kutta's method, as it is between two times: on their side of any gate. */
function steps(form: Form, fn: Plain, { u, p }: Omit<Point, "t">, [from, to]: readonly [number, number]): Float64Array {
  const within = (t: number): number => Math.min(Math.max(t, from + 1e-12), to - 1e-12);
  const slope = (y: Float64Array, t: number): Float64Array =>
    plainly(form, fn, { u: y, p, t: within(t) }, constants()) ?? y.map(() => NaN);
  let state = u.slice();
  const moved = (k: Float64Array, by: number): Float64Array => state.map((y, i) => y + by * k[i]);
  for (let n = 0; n < Math.round((to - from) / H); n++) {
    const t = from + n * H;
    const k1 = slope(state, t);
    const k2 = slope(moved(k1, H / 2), t + H / 2);
    const k3 = slope(moved(k2, H / 2), t + H / 2);
    const k4 = slope(moved(k3, H), t + H);
    state = state.map((y, i) => y + (H / 6) * (k1[i] + 2 * k2[i] + 2 * k3[i] + k4[i]));
  }
  return state;
}
