/** Keeps exits of loops and functions as flags: the program itself has no jumps. */
import type { AnyNode } from "acorn";
import type { Value } from "../../ir/ir.ts";
import type { Reader } from "../state/reader.ts";
import { unreadable, type Site } from "../state/site.ts";
import type { Exit, Scope } from "../state/scope.ts";
import { branch } from "../values/branch.ts";
import { exitKinds } from "../syntax/control-flow.ts";

export function newExit(r: Reader, kind: Exit["kind"], labels: readonly string[] = [], plain = true): Exit {
  return { kind, labels, plain, flag: r.journal.cell(kind, r.builder.bool(false)) };
}

function isTaken(exit: Exit): Value {
  return exit.flag.item as Value;
}

/** Was any exit taken, so that what follows here must not run? */
export function leaving(r: Reader, exits: readonly Exit[]): Value {
  return exits.reduce((any, exit) => r.builder.operation("bool.or", any, isTaken(exit)), r.builder.bool(false));
}

export function take(r: Reader, exit: Exit): void {
  r.journal.write(exit.flag, r.builder.bool(true));
}

/** The exit that a `break` or `continue` leads to. */
export function exitFor(at: Site, kind: "break" | "continue", label: string | undefined): Exit {
  const found = at.scope.exits.findLast(
    (exit) => exit.kind === kind && (label === undefined ? exit.plain : exit.labels.includes(label)),
  );
  return found ?? unreadable(at, kind, `\`${kind}\` leads nowhere`, "It belongs into a loop.");
}

export function returnExit(scope: Scope): Exit {
  return scope.exits.findLast((exit) => exit.kind === "return")!;
}

/** Those exits around a loop's body that may be taken within. */
export function exitsTaken(body: AnyNode, exits: readonly Exit[]): Exit[] {
  const kinds = exitKinds(body);
  const innermost = exits.findLast((exit) => exit.kind === "break" && exit.plain);
  return exits.filter(
    (exit) =>
      (exit.kind === "return" && kinds.has("return")) ||
      (exit === innermost && kinds.has("break")) ||
      exit.labels.some((label) => kinds.has(`${exit.kind} ${label}`)),
  );
}

/** Runs unless an exit was taken. Within, none was. */
export function guarded(at: Site, exits: readonly Exit[], run: () => void): void {
  const { builder: b, journal } = at.r;
  const left = leaving(at.r, exits);
  const open = left.constant === undefined ? exits.filter((exit) => isTaken(exit).constant === undefined) : [];
  branch(
    at,
    b.operation("bool.not", left),
    () => {
      for (const exit of open) journal.write(exit.flag, b.bool(false));
      run();
    },
    () => takeOnlyExit(at, open),
  );
}

/** One of these was taken: where there is but one, it was that. */
export function takeOnlyExit({ r }: Site, exits: readonly Exit[]): void {
  const open = exits.filter((exit) => isTaken(exit).constant === undefined);
  if (open.length === 1) take(r, open[0]);
}
