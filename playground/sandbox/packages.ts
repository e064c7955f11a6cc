/** In place of the build plugin's own list: the packages that it needs, within the engine. */
import * as typescript from "@sveltejs/acorn-typescript";
import * as magicString from "magic-string";

const packages: Readonly<Record<string, unknown>> = {
  "magic-string": magicString,
  "@sveltejs/acorn-typescript": typescript,
};

export function needed<T>(name: string): T {
  return packages[name] as T;
}
