/** What is chosen in the head of the page. */
import { models } from "../models/index.ts";
import { DEFAULT_TOLERANCE, solvers, tolerances } from "../shared/solvers.ts";
import type { Shared } from "../shared/shared.ts";
import { byId, element } from "./element.ts";

/** Stands for a text that is none of the models. */
const OWN = "yours";

export interface Controls {
  readonly solver: string | undefined;
  readonly rtol: number;
  readonly logTime: boolean;
  show(shared: Shared): void;
}

export function controls(onModel: (shared: Shared) => void, onChange: () => void): Controls {
  const [model, solver, rtol] = ["models", "solver", "rtol"].map((id) => byId<HTMLSelectElement>(id));
  const logTime = byId<HTMLInputElement>("logTime");
  const option = (value: string, name = value): HTMLOptionElement => element("option", { value }, name);
  model.append(...Object.keys(models).map((name) => option(name)), element("option", { value: OWN, hidden: true }, OWN));
  solver.append(option("", "chosen for you"), ...solvers.map((name) => option(name)));
  rtol.append(...tolerances.map((value) => option(String(value), value.toExponential())));
  model.addEventListener("change", () => onModel(models[model.value]));
  for (const control of [solver, rtol, logTime]) control.addEventListener("change", onChange);
  return {
    get solver() {
      return solver.value || undefined;
    },
    get rtol() {
      return Number(rtol.value);
    },
    get logTime() {
      return logTime.checked;
    },
    show(shared) {
      model.value = Object.keys(models).find((name) => models[name].text === shared.text) ?? OWN;
      solver.value = shared.solver ?? "";
      rtol.value = String(shared.rtol ?? DEFAULT_TOLERANCE);
      logTime.checked = shared.logTime ?? false;
    },
  };
}
