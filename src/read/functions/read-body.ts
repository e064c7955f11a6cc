/** Reads functions that are programs of their own: those with rules, and the rules themselves. */
import { finish } from "./finish.ts";
import { Reader, type Grammar } from "../state/reader.ts";
import { wrap } from "../values/wrap.ts";
import { FoundOut } from "../state/storage.ts";
import { Scope } from "../state/scope.ts";
import { checkPlain, sourceOf } from "../syntax/source.ts";
import type { Site } from "../state/site.ts";
import { UNSET, type Item } from "../state/items.ts";
import type { Program } from "../../ir/ir.ts";
import { runBody } from "../expressions/invocation.ts";
import { valueLike } from "./samples.ts";
import { declareParameters } from "../expressions/patterns.ts";
import { newExit } from "../loops/exits.ts";
import { bind } from "../constants/bindings.ts";

/** Reads a function whose result `take` gets; `declare` gives its arguments, but for the constants. */
export function readBody(
  grammar: Grammar,
  fn: object,
  name: string,
  constants: Readonly<Record<string, unknown>> | undefined,
  declare: (at: Site) => Item[],
  take: (at: Site, result: Item) => void,
): Program {
  return readAgain((found) => {
    const r = new Reader(grammar, name, found);
    const { source, node } = sourceOf(fn, name);
    checkPlain(node, source);
    const value = r.journal.cell("result", UNSET);
    const give = (item: Item): void => r.journal.write(value, item);
    const at: Site = { r, node, scope: new Scope(undefined, { source, node, name, give }, [newExit(r, "return")]) };
    const args = declare(at);
    const own = constants === undefined ? [] : [wrap(at, constants, "constants")];
    bind(fn, constants, [(given) => (constants === undefined ? args.map(valueLike) : [...args.map(valueLike), given])]);
    declareParameters(r, node, [...args, ...own], at.scope);
    runBody(r, node, at.scope);
    take(at, value.item);
    return finish(r);
  });
}

/** Reads again as often as something is found out that is to be known from the start. */
export function readAgain(readKnowing: (found: ReadonlySet<object>) => Program): Program {
  const found = new Set<object>();
  for (;;) {
    try {
      return readKnowing(found);
    } catch (reason) {
      if (!(reason instanceof FoundOut)) throw reason;
      found.add(reason.key);
    }
  }
}
