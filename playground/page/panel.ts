/** A picture with its title, its choices and its legend. */
import { element } from "./element.ts";

export interface Entry {
  readonly name: string;
  readonly color: string;
}

export class Panel {
  readonly place = element("div", { class: "place" });
  readonly title: HTMLElement;
  private readonly note = element("p", { class: "note", hidden: true });
  private readonly legend = element("div", { class: "legend", role: "group" });
  private readonly section: HTMLElement;
  private readonly hidden = new Set<string>();
  private outputs: readonly HTMLOutputElement[] = [];
  private shown = "";

  /** `onChange`: another set of curves is to be shown. */
  constructor(
    parent: HTMLElement,
    title: string,
    private readonly onChange: () => void,
  ) {
    this.legend.setAttribute("aria-label", `Curves of ${title.toLowerCase()}`);
    this.title = element("h2", {}, title);
    const head = element("div", { class: "panel-head" }, this.title, this.legend);
    this.section = element("section", { class: "card panel", "aria-label": title }, head, this.note, this.place);
    parent.append(this.section);
  }

  set isWide(isWide: boolean) {
    this.section.classList.toggle("wide", isWide);
  }

  set isThere(isThere: boolean) {
    this.section.hidden = !isThere;
  }

  /** Of results of a model that is being changed. */
  set isStale(isStale: boolean) {
    this.section.classList.toggle("stale", isStale);
  }

  /** In place of the picture, where there is none. */
  say(note: string | undefined): void {
    this.note.hidden = note === undefined;
    this.place.hidden = note !== undefined;
    this.note.textContent = note ?? "";
  }

  /** A choice among names. */
  choice(label: string): Choice {
    const select = element("select", { change: () => this.onChange() });
    this.legend.before(element("label", {}, `${label} `, select));
    return new Choice(select);
  }

  /** What a press hides and shows; those that are hidden stay so while there are such names. */
  entries(entries: readonly Entry[]): void {
    const key = JSON.stringify(entries);
    if (key === this.shown) return;
    this.shown = key;
    this.outputs = entries.map(() => element("output"));
    this.legend.replaceChildren(...entries.map((entry, i) => this.button(entry, this.outputs[i])));
  }

  /** Beside the names. */
  values(values: readonly string[]): void {
    this.outputs.forEach((output, i) => (output.value = values[i] ?? ""));
  }

  isShown(name: string): boolean {
    return !this.hidden.has(name);
  }

  private button({ name, color }: Entry, output: HTMLOutputElement): HTMLButtonElement {
    const mark = element("i");
    mark.style.background = color;
    const press = (): void => {
      if (!this.hidden.delete(name)) this.hidden.add(name);
      button.setAttribute("aria-pressed", String(this.isShown(name)));
      this.onChange();
    };
    const button = element(
      "button",
      { type: "button", "aria-pressed": this.isShown(name) ? "true" : "false", click: press },
      mark,
      name,
      output,
    );
    return button;
  }
}

export class Choice {
  constructor(private readonly select: HTMLSelectElement) {}

  /** Keeps what was chosen, where it is there; else takes the one at `first`. */
  offer(names: readonly string[], first = 0): void {
    const { options } = this.select;
    if (options.length === names.length && names.every((name, i) => options[i].value === name)) return;
    const before = this.select.value;
    this.select.replaceChildren(...names.map((name) => element("option", { value: name }, name)));
    this.select.value = names.includes(before) ? before : (names[first] ?? "");
  }

  get index(): number {
    return this.select.selectedIndex;
  }
}
