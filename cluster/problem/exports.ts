/** Functions travel by the names under which a module exports them. */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CannotTravel, OtherModule } from "../redis/errors.ts";
import type { ModuleReference } from "./reference.ts";

/** Of a module, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** What the module exports under a name; "default.loss" is of the default export. Throws {@link OtherModule} where there is none. */
export function exportNamed(exports: Exports | undefined, name: string): unknown {
  const found = exports && entriesOf(exports).find(([own]) => own === name);
  if (found) return found[1];
  throw new OtherModule(
    `The module that the worker loaded exports no "${name}", which the program's does. Start the worker again.`,
  );
}

/** Finds names; the module is loaded where one is asked for. */
export class Names {
  private exports: Promise<Exports> | undefined;

  constructor(private readonly from: ModuleReference | undefined) {}

  /** The module, where something goes by a name. */
  get used(): ModuleReference | undefined {
    return this.exports && this.from;
  }

  /** `what` it is: "loss". Throws {@link CannotTravel} for what the module does not export. */
  async nameOf(value: unknown, what: string): Promise<string> {
    if (!this.from) throw new CannotTravel(what);
    const { module } = this.from;
    this.exports ??= import(pathToFileURL(resolve(module)).href) as Promise<Exports>;
    const entries = entriesOf(await this.exports);
    const found = entries.find(([, exported]) => exported === value);
    if (found) return found[0];
    throw new CannotTravel(what, { module, names: entries.map(([name]) => name) });
  }
}

function entriesOf(exports: Exports): [string, unknown][] {
  const { default: main } = exports;
  const within =
    typeof main === "object" && main !== null && "loss" in main ? [["default.loss", main.loss] as [string, unknown]] : [];
  return [...Object.entries(exports), ...within];
}
