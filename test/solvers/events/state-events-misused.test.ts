/** Events of the state that make no sense: each is an error that names what is wrong. */
import { describe, expect, it } from "vitest";
import { BadEvents, BadOption, NonFinite, odeProblem, solve, tsit5, UnknownOption } from "../../../index.ts";

const stated = (events: unknown, u0: unknown = { x: 0 }): ReturnType<typeof odeProblem> =>
  odeProblem({ rhs: () => ({ x: 1 }), u0, tspan: [0, 2], p: { a: 1 }, events: events as never });
const when = (u: { x: number }): number => u.x - 1;
const apply = (): void => {};

describe("as they are stated", () => {
  it.each([
    ["an unknown key", { whenever: when }, UnknownOption, "whenever"],
    [
      "an unknown key in a list",
      [
        { at: [1], apply },
        { when, until: 3 },
      ],
      UnknownOption,
      "events[1]",
    ],
    ["neither time nor condition", { apply }, BadEvents, "neither `at` nor `when`"],
    ["neither in a list", [{ when }, { direction: "up" }], BadEvents, "events[1]: there is neither"],
    ["both", { at: [1], when, apply }, BadEvents, "both `at` and `when`"],
    [
      "another direction",
      { when, direction: "left" },
      BadOption,
      'events.direction is "left". It may be "up" or "down" or "both"',
    ],
    ["another kind of end", { when, terminal: 1 }, BadOption, "events.terminal is 1"],
    ["a condition that is no function", { when: 3 }, BadEvents, "events.when is the number 3"],
    ["a change that is no function", [{ when, apply: 3 }], BadEvents, "events[0].apply is the number 3"],
    ["the end of a timed event", { at: [1], apply, terminal: true }, BadEvents, "`terminal` is of an event of the state"],
    ["the direction of a timed event", { at: [1], apply, direction: "up" }, BadEvents, "`direction` is of an event of the state"],
    ["no events", 7, BadOption, "events"],
  ] as const)("%s", (_, events, Kind, message) => {
    expect(() => stated(events)).toThrow(Kind);
    expect(() => stated(events)).toThrow(message);
  });

  it("an empty list is none", () => {
    expect(solve(stated([])).events).toEqual([]);
    expect(stated([]).events).toBeUndefined();
  });

  it("a state that is a number cannot be changed in place, but may end the solve", () => {
    const number = { rhs: (u: number) => -u, u0: 1, tspan: [0, 2] as const };
    expect(() => odeProblem({ ...number, events: { when: (u) => u - 0.5, apply } })).toThrow(/array of one/);
    const { terminated } = solve(odeProblem({ ...number, events: { when: (u) => u - 0.5, terminal: true } }), {
      rtol: 1e-10,
      atol: 1e-10,
    });
    expect(terminated!.t).toBeCloseTo(Math.LN2, 9);
  });
});

describe("as they are called", () => {
  it.each([
    ["NaN", (u: { x: number }) => Math.sqrt(0.5 - u.x), NonFinite, "events.when gives NaN at t = "],
    ["a comparison", (u: { x: number }) => u.x < 1, BadEvents, "no comparison"],
    ["nothing", () => {}, BadEvents, "events.when gives undefined at t = 0"],
  ] as const)("a condition that gives %s", (_, wrong, Kind, message) => {
    expect(() => solve(stated({ when: wrong }))).toThrow(Kind);
    expect(() => solve(stated({ when: wrong }))).toThrow(message);
  });

  it("a change that returns a state", () => {
    const returning = stated({ when, apply: (u: { x: number }) => ({ x: u.x + 1 }) });
    expect(() => solve(returning)).toThrow(BadEvents);
    expect(() => solve(returning)).toThrow("changes u in place");
  });

  it("a change of parameters that does not show in its text", () => {
    const apply = new Function("u", "p", "p.a = 2; try {} finally {}");
    for (const events of [
      { when, apply },
      { at: [1], apply },
    ]) {
      expect(() => solve(stated(events), { solver: tsit5() })).toThrow(BadEvents);
      expect(() => solve(stated(events), { solver: tsit5() })).toThrow("events.apply writes a at t = 1");
    }
  });

  it("a change that is not finite", () => {
    expect(() => solve(stated({ when, apply: (u: { x: number }) => void (u.x = 1 / 0) }), { solver: tsit5() })).toThrow(
      /events\.apply makes x Infinity at t = 1/,
    );
  });
});
