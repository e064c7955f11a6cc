/**
 * The vjp backends that run the function's own code with recorded operations. They are for what is too dynamic to be read into a program,
 * such as objects, lists that grow, maps, classes, recursion and exceptions.
 */
import type { Capabilities, VjpBackend } from "../backend.ts";
import { hostVjp } from "../host.ts";
import { hvps } from "./tape/hvps.ts";
import { compiledVjps, sweptVjps } from "./tape/vjps.ts";

const capabilities: Capabilities = {
  needsText: true,
  records: true,
  scalars: true,
  mutation: true,
  branches: true,
  dynamic: true,
  programs: false,
  exact: true,
  modes: ["reverse"],
};

/** Records at every call and sweeps back (as ReverseDiff without its compiled tapes). It throws ReadError as a backend that needs text. */
export const tape: VjpBackend = {
  name: "tape",
  capabilities,
  cost: () => ({ unit: "plain", u: 60, p: 60 }),
  prepare: ({ code, arena, target }) => ({
    ...hostVjp("tape", code, arena, sweptVjps(code)),
    hvp: hvps("tape", code, arena, target),
  }),
};

/** Compiles what was recorded, for all points where the function decides alike; where it decides otherwise, records again. */
export const compiledTape: VjpBackend = {
  name: "compiledTape",
  capabilities,
  cost: () => ({ unit: "plain", u: 3, p: 3 }),
  prepare: ({ code, arena, target }) => ({
    ...compiledVjps("compiledTape", code, arena, target),
    hvp: hvps("compiledTape", code, arena, target),
  }),
};
