/** The table of vjp backends. */
import type { VjpBackend } from "../backend.ts";
import { closure } from "./closure.ts";
import { dual } from "./dual.ts";
import { finite } from "./finite.ts";
import { source } from "./source.ts";
import { compiledTape, tape } from "./tape.ts";
import { user } from "./user.ts";

export const vjpBackends: Readonly<Record<string, VjpBackend>> = { source, tape, compiledTape, dual, closure, finite, user };
