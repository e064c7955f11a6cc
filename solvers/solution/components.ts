/** Components of a state by their names, and states of some of them. */
import { componentNames, ownLayout, type Layout } from "../../src/arrays/layout.ts";
import { BadOption } from "../../src/core/errors.ts";

/** Of many components those that are named in a message. */
const SHOWN = 12;

/** Indices of the components of a name; that of a part stands for all its components. Throws BadOption, which names the option. */
export function componentsNamed(layout: Layout, name: string, option: string): number[] {
  const names = componentNames(layout, "u");
  const found = names.flatMap((own, i) => (own === name || own.startsWith(`${name}.`) || own.startsWith(`${name}[`) ? [i] : []));
  if (found.length > 0) return found;
  const shown = names.length > SHOWN ? [...names.slice(0, SHOWN), "…"] : names;
  throw new BadOption(`${option}: the state has no "${name}". Its components are ${shown.join(", ")}.`);
}

/** What is kept of a state: a number of each component that is named, an array of each part. */
export type SavedComponents = Readonly<Record<string, number | Float64Array>>;

/** The components to keep, and how they are laid out behind each other, by the names that they were asked for. */
export interface Kept {
  readonly components: Int32Array;
  readonly names: readonly string[];
  readonly layout: Layout;
}

/** Throws BadOption for names that are none, or given twice. */
export function keptOf(given: Layout, asked: readonly string[]): Kept {
  const layout = ownLayout(given);
  const all = componentNames(layout, "u");
  const fields: Record<string, Layout> = {};
  const components: number[] = [];
  for (const name of asked) {
    if (Object.hasOwn(fields, name)) throw new BadOption(`save: "${name}" is there twice.`);
    const own = componentsNamed(layout, name, "save");
    const [offset, size] = [components.length, own.length];
    const isNumber = size === 1 && all[own[0]] === name;
    fields[name] = isNumber
      ? { kind: "scalar", offset, size: 1 }
      : { kind: "array", offset, size, shape: [size], container: "typed" };
    components.push(...own);
  }
  if (components.length === 0)
    throw new BadOption('save: there is no name in it. Name components, save: ["prey"], or leave it out.');
  return {
    components: Int32Array.from(components),
    names: components.map((i) => all[i]),
    layout: { kind: "struct", offset: 0, size: components.length, fields },
  };
}
