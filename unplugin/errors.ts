/** Errors of building. */
import { OdegradError } from "../src/core/errors.ts";

/** The build plugin is handed what it has already rewritten. */
export class PluginTwice extends OdegradError {
  static override readonly name = "PluginTwice";

  constructor(path: string) {
    super(`${path} was rewritten by odegrad's build plugin already. Give the plugin once, to one of the tools that build it.`);
  }
}
