/** A slider and a number for each of several values. */
import { formatNumber } from "../../plot/numbers.ts";
import { element } from "./element.ts";

/** Steps of a key over the range. */
const STEPS = 400;
/** More would be a wall. */
const MOST = 24;

interface Row {
  readonly slider: HTMLInputElement;
  readonly field: HTMLInputElement;
}

export class Sliders {
  private values: number[] = [];
  private rows: readonly Row[] = [];

  /** `onInput` gets all values, as one is dragged or typed. */
  constructor(
    private readonly parent: HTMLElement,
    private readonly id: string,
    private readonly onInput: (values: readonly number[]) => void,
  ) {}

  /** Builds them anew; their ranges are around what the model states. */
  build(names: readonly string[], stated: readonly number[], values: readonly number[]): void {
    this.rows = names.slice(0, MOST).map((name, i) => this.row(name, i, stated[i]));
    const more = names.length - MOST;
    const rest = element("p", { class: "quiet" }, `and ${more} more, as the text states them`);
    this.parent.replaceChildren(...this.rows.map(({ slider }) => slider.parentElement!), ...(more > 0 ? [rest] : []));
    this.set(values);
  }

  set(values: readonly number[]): void {
    this.values = [...values];
    this.rows.forEach((row, i) => show(row, values[i]));
  }

  private row(name: string, i: number, stated: number): Row {
    const [low, high] = rangeOf(stated);
    const id = `${this.id}-${i}`;
    const take = (value: number): void => {
      if (!Number.isFinite(value)) return;
      this.values[i] = value;
      show(this.rows[i], value);
      this.onInput([...this.values]);
    };
    const slider = element("input", {
      type: "range",
      id,
      min: low,
      max: high,
      step: (high - low) / STEPS,
      input: () => take(Number(slider.value)),
    });
    const field = element("input", {
      type: "number",
      step: "any",
      "aria-label": `${name}, as a number`,
      change: () => take(field.valueAsNumber),
    });
    element("div", { class: "slider" }, element("label", { for: id, title: name }, name), slider, field);
    return { slider, field };
  }
}

function rangeOf(stated: number): readonly [number, number] {
  if (stated === 0) return [-1, 1];
  return stated > 0 ? [0, 2 * stated] : [2 * stated, 0];
}

/** A value beyond the range widens it. */
function show({ slider, field }: Row, value: number): void {
  if (value > Number(slider.max)) slider.max = String(value);
  if (value < Number(slider.min)) slider.min = String(value);
  slider.value = String(value);
  slider.setAttribute("aria-valuetext", formatNumber(value));
  field.value = formatNumber(value);
}
