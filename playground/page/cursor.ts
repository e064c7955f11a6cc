/** The time at which values are read off, by a slider under the solution or by the pointer over a picture. */
import { element } from "./element.ts";

export class Cursor {
  private readonly slider: HTMLInputElement;
  private readonly output = element("output");
  readonly row: HTMLElement;

  constructor(onMove: () => void) {
    this.slider = element("input", {
      type: "range",
      min: 0,
      step: 1,
      "aria-label": "Time at which values are read off",
      input: onMove,
    });
    this.row = element("div", { class: "cursor" }, this.output, this.slider);
  }

  get index(): number {
    return this.slider.valueAsNumber;
  }

  /** Goes to the time nearest to t. */
  moveTo(t: number, times: Float64Array): void {
    let nearest = 0;
    for (let i = 0; i < times.length; i++) if (Math.abs(times[i] - t) < Math.abs(times[nearest] - t)) nearest = i;
    this.slider.value = String(nearest);
  }

  /** For other times it stays at the same part of them; at the end at first. */
  setCount(count: number): void {
    const last = Number(this.slider.max);
    if (this.output.value !== "" && last === count - 1) return;
    const part = this.output.value === "" ? 1 : this.index / Math.max(1, last);
    this.slider.max = String(count - 1);
    this.slider.value = String(Math.round(part * (count - 1)));
  }

  /** The time, and for those who hear it the values there. */
  say(time: string, values: string): void {
    this.output.value = `t = ${time}`;
    this.slider.setAttribute("aria-valuetext", `t = ${time}: ${values}`);
  }
}
