/** Methods on their way to a worker: a family is code, and goes by its name. */
import { isObject } from "../src/core/options/check.ts";
import { families } from "../solvers/methods/families.ts";

/** Options whose methods can be sent. */
export function sendable<Options extends object>(options: Options): Options {
  return withFamilies(options, (family) => (isObject(family) && "name" in family ? family.name : family));
}

/** What was made by {@link sendable}, with methods as they were. */
export function received<Options extends object>(options: Options): Options {
  return withFamilies(options, (name) =>
    Object.hasOwn(families, name as string) ? families[name as keyof typeof families] : name,
  );
}

/** With another family for each method, those for a backward pass among them; what is no method stays as it is. */
function withFamilies<Value extends object>(value: Value, change: (family: unknown) => unknown): Value {
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === "family") return [key, change(inner)];
    return [key, (key === "solver" || key === "backward") && isObject(inner) ? withFamilies(inner, change) : inner];
  });
  return Object.fromEntries(entries) as Value;
}
