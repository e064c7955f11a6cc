/** The sliders of parameters and, of few states, of where these start. */
import { element } from "./element.ts";
import { Sliders } from "./sliders.ts";
import type { Values } from "./values.ts";

/** More initial values are a field, or a list that nobody drags. */
const MOST_INITIAL = 12;

export class ValuesCard {
  private readonly parameters: Sliders;
  private readonly initial: Sliders;
  private readonly reset: HTMLButtonElement;
  private readonly none = element("p", { class: "quiet" }, "The model has no parameters.");
  private readonly details: HTMLDetailsElement;

  constructor(
    parent: HTMLElement,
    private readonly p: Values,
    private readonly u0: Values,
    onChange: () => void,
  ) {
    const [first, second] = [element("div"), element("div")];
    const take = (values: Values) => (list: readonly number[]) => {
      values.list = list;
      this.showReset();
      onChange();
    };
    this.parameters = new Sliders(first, "p", take(p));
    this.initial = new Sliders(second, "u0", take(u0));
    this.reset = element("button", { type: "button", class: "plain", hidden: true }, "as in the text");
    this.reset.addEventListener("click", () => {
      p.reset();
      u0.reset();
      this.show();
      onChange();
    });
    this.details = element("details", {}, element("summary", {}, "Initial state"), second);
    parent.append(
      element("div", { class: "sliders-head" }, element("h2", {}, "Parameters"), this.reset),
      this.none,
      first,
      this.details,
    );
  }

  build(canStartElsewhere: boolean): void {
    const { p, u0 } = this;
    this.none.hidden = p.names.length > 0;
    this.parameters.build(p.names, p.stated, p.list);
    this.details.hidden = !canStartElsewhere || u0.names.length > MOST_INITIAL;
    this.initial.build(u0.names, u0.stated, u0.list);
    this.showReset();
  }

  /** The values have changed elsewhere. */
  show(): void {
    this.parameters.set(this.p.list);
    this.initial.set(this.u0.list);
    this.showReset();
  }

  private showReset(): void {
    this.reset.hidden = !this.p.isChanged && !this.u0.isChanged;
  }
}
