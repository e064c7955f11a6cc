/** Events that do not do what their author thinks: an error, or a warning. */
import { describe, expect, it } from "vitest";
import { gradient, odeProblem, solve } from "../../../index.ts";
import { BadEvents } from "../../../src/problem/errors.ts";
import { NonFinite } from "../../../src/core/errors.ts";

interface State {
  gut: number;
  cells: Float64Array;
}
type Apply = (u: State, p: { dose: number }, t: number) => unknown;

function stated(apply: Apply) {
  return odeProblem({
    rhs(du: State, u: State) {
      du.gut = -u.gut;
      for (let i = 0; i < 2; i++) du.cells[i] = 0;
    },
    u0: { gut: 0, cells: new Float64Array(2) },
    p: { dose: 2 },
    tspan: [0, 2],
    events: { at: [0.5, 1], apply: apply as never },
  });
}

const loss = { final: (u: State) => u.gut };

describe("a state that is returned is an error", () => {
  const returning: Record<string, Apply> = {
    "a new state": (u, p) => ({ ...u, gut: u.gut + p.dose }),
    "a part of one": (u, p) => ({ gut: u.gut + p.dose }),
    "an array": (u, p) => [u.gut + p.dose],
    "what it was not called with": (u, p) => {
      u.gut += p.dose;
      return u.cells.slice();
    },
  };
  it.each(Object.keys(returning))("%s", (name) => {
    expect(() => solve(stated(returning[name]))).toThrow(BadEvents);
    expect(() => gradient(stated(returning[name]), { loss })).toThrow("changes u in place");
  });

  const harmless: Record<string, Apply> = {
    "the value of an assignment": (u, p) => (u.gut += p.dose),
    "the state itself": (u, p) => Object.assign(u, { gut: u.gut + p.dose }),
    "a part of it": (u, p) => {
      u.gut += p.dose;
      return u.cells.fill(0);
    },
  };
  it.each(Object.keys(harmless))("but not %s", (name) => {
    const { u, warnings } = solve(stated(harmless[name]), { rtol: 1e-8, atol: 1e-8, saveat: [2] });
    expect(u[0].gut).toBeCloseTo(2 * (Math.exp(-1.5) + Math.exp(-1)), 6);
    expect(warnings).toEqual([]);
  });
});

describe("events that change nothing", () => {
  // The mistake itself.
  // oxlint-disable-next-line no-unused-vars
  const idle: Apply = ({ gut }, p) => {
    gut += p.dose;
  };

  it("are a warning", () => {
    expect(solve(stated(idle)).warnings.join()).toContain("events.apply was called, and changed nothing");
    expect(gradient(stated(idle), { loss, wrt: ["u0"] }).warnings.join()).toContain(
      "events.apply was called, and changed nothing",
    );
  });

  it("unless they do at some other time", () => {
    const late: Apply = (u, p, t) => {
      if (t > 0.7) u.gut += p.dose;
    };
    expect(solve(stated(late)).warnings).toEqual([]);
  });
});

it("an event that makes NaN is named", () => {
  const broken: Apply = (u, p) => {
    u.gut = Math.log(u.gut - p.dose);
  };
  expect(() => solve(stated(broken))).toThrow(NonFinite);
  expect(() => solve(stated(broken))).toThrow("events.apply makes gut NaN at t = 0.5");
});
