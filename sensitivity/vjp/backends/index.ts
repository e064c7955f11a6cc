/** The table of vjp backends. */
import type { VjpBackend } from "../backend.ts";
import { closure } from "./closure.ts";
import { dual } from "./dual.ts";
import { finite } from "./finite.ts";
import { source } from "./source.ts";
import { compiledTape, tape } from "./tape.ts";
import { user } from "./user.ts";

const table = { source, tape, compiledTape, dual, closure, finite, user } as const satisfies Readonly<Record<string, VjpBackend>>;

type Backends = typeof table;

/** What there is, by name: an interface, to which tests add. */
export interface VjpBackends extends Backends {}

export type VjpName = keyof VjpBackends & string;

/** The backends by their names. */
export const vjpBackends: Readonly<Record<VjpName, VjpBackend>> = table;
