/**
 * `odegrad/unplugin`: lets functions that close over names be read in pages and bundles. `odegrad.vite()`, `.rollup()`, `.rolldown()`,
 * `.esbuild()` and `.webpack()` make the plugins of those tools, which put beside each function of the project that may be part of a problem
 * the names that it captures and its text before it was minified. Needs the packages unplugin, magic-string and @sveltejs/acorn-typescript.
 */
import type * as Unplugin from "unplugin";
import { BadOption } from "../src/core/errors.ts";
import { checkOptions, type Check, type Checks } from "../src/core/options/check.ts";
import { listOf, shown } from "../src/core/options/kinds.ts";
import { ProjectFiles, pathOf } from "./files.ts";
import { needed } from "./packages.ts";
import { rewritten } from "./rewrite.ts";

export interface PluginOptions {
  /**
   * Files that are taken as well, by their paths: those of packages in node_modules, and those that the plugin does not find. Default: the
   * project's own files that import odegrad, those that import these, and all that these import.
   */
  readonly include?: RegExp | readonly RegExp[];
}

type Instance = Unplugin.UnpluginInstance<PluginOptions | undefined, false>;

/** Each throws MissingPackage where one of the packages that it needs is not installed, UnknownOption and BadOption. */
export const odegrad: Pick<Instance, "vite" | "rollup" | "rolldown" | "esbuild" | "webpack"> = {
  vite: (options) => instance().vite(options),
  rollup: (options) => instance().rollup(options),
  rolldown: (options) => instance().rolldown(options),
  esbuild: (options) => instance().esbuild(options),
  webpack: (options) => instance().webpack(options),
};

const instance = (): Instance => needed<typeof Unplugin>("unplugin").createUnplugin(pluginOf);

const pattern: Check = (value, what) => {
  if (!(value instanceof RegExp))
    throw new BadOption(`odegrad: ${what} is ${shown(value)}, but must be a regular expression, or a list of some: /my-models/.`);
};

const checks: Checks<PluginOptions> = {
  include: (value, what) => (Array.isArray(value) ? listOf(pattern) : pattern)(value, what),
};

function pluginOf(options: PluginOptions = {}): Unplugin.UnpluginOptions {
  checkOptions(options, checks, "odegrad");
  const { include = [] } = options;
  const files = new ProjectFiles([include].flat());
  return {
    name: "odegrad",
    enforce: "pre",
    buildStart: () => files.forget(),
    watchChange: () => files.forget(),
    transformInclude: (id) => files.mayHold(id),
    transform(code, id) {
      if (!files.isReached(id, code)) return undefined;
      try {
        return rewritten(code, pathOf(id));
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        this.warn(`odegrad: ${pathOf(id)} cannot be parsed, so that its functions stay as they are: ${error.message}`);
        return undefined;
      }
    },
  };
}
