/** Data as CSV, pasted, dropped or chosen, and the fit to them. */
import { formatNumber } from "../../plot/numbers.ts";
import { TooLong } from "../shared/errors.ts";
import type { Fitted, ModelInfo, Table } from "../shared/protocol.ts";
import { element } from "./element.ts";
import { short } from "./shown.ts";

/** Characters. */
const MOST = 10.5e6;
/** A longer text would make the page slow, and nobody reads it. */
const MOST_SHOWN = 100_000;
/** Columns beside the time. */
const SUGGESTED = 3;

export interface DataTabOwner {
  /** The text is another one. */
  readonly onCsv: (csv: string) => void;
  readonly onFit: () => void;
  readonly onInitial: () => void;
}

export class DataTab {
  private readonly area: HTMLTextAreaElement;
  private readonly said = element("p", { role: "status" });
  private readonly result = element("div", { "aria-live": "polite" });
  private readonly fit: HTMLButtonElement;
  private readonly initial: HTMLInputElement;
  private text = "";

  constructor(
    parent: HTMLElement,
    private readonly owner: DataTabOwner,
  ) {
    this.area = element("textarea", {
      "aria-label": "Data as CSV: a column t, and one for each component that was observed",
      spellcheck: "false",
      input: () => this.take(this.area.value),
    });
    const file = element("input", {
      type: "file",
      accept: ".csv,.tsv,.txt,text/csv",
      change: () => void this.open(file.files?.[0]),
    });
    this.fit = element("button", { type: "button", class: "primary", disabled: true, click: () => owner.onFit() }, "Fit");
    this.initial = element("input", { type: "checkbox", change: () => owner.onInitial() });
    parent.append(
      this.area,
      element(
        "div",
        { class: "row" },
        this.fit,
        element("label", { class: "check" }, this.initial, " the initial state too"),
        element("label", { class: "file" }, "Open a file", file),
        element("button", { type: "button", click: () => this.set("") }, "Clear"),
      ),
      this.said,
      this.result,
    );
    this.takeDrops();
  }

  get csv(): string {
    return this.text;
  }

  get fitsInitial(): boolean {
    return this.initial.checked;
  }

  set fitsInitial(fits: boolean) {
    this.initial.checked = fits;
  }

  /** As if it were typed. */
  /** What data of the model look like: a header, and where it starts. */
  suggest({ states, initial }: ModelInfo): void {
    const names = states.slice(0, SUGGESTED).map((name) => (name.includes(",") ? `"${name}"` : name));
    const start = initial.slice(0, SUGGESTED).map(short);
    this.area.placeholder = [
      ["t", ...names],
      ["0", ...start],
      ["1", ...names.map(() => "…")],
    ]
      .map((row) => row.join(","))
      .join("\n");
  }

  set(csv: string): void {
    this.area.value =
      csv.length > MOST_SHOWN ? `${csv.slice(0, MOST_SHOWN)}\n… and ${csv.length - MOST_SHOWN} more characters` : csv;
    this.area.readOnly = csv.length > MOST_SHOWN;
    this.take(csv);
  }

  /** What was read of it, or why it was not. */
  say(text: string, canFit: boolean): void {
    this.said.textContent = text;
    this.fit.disabled = !canFit;
    this.result.replaceChildren();
  }

  showFit(fitted: Fitted): void {
    const rows = fitted.rows.map(({ name, value, error, note }) =>
      element(
        "tr",
        {},
        element("td", {}, name),
        element("td", { class: "number" }, formatNumber(value)),
        element(
          "td",
          { class: "number" },
          note || (Number.isNaN(error) ? "not determined" : `± ${formatNumber(Number(error.toPrecision(2)))}`),
        ),
      ),
    );
    const head = element(
      "tr",
      {},
      ...["parameter", "value", "standard error"].map((name, i) =>
        element("th", { scope: "col", class: i > 0 ? "number" : "" }, name),
      ),
    );
    this.result.replaceChildren(
      element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows)),
      element(
        "p",
        { class: "quiet" },
        `${fitted.converged ? "Converged" : "Did not converge"}: ${fitted.observations} observations, ${fitted.iteration} iterations of ` +
          `${fitted.optimiser}; ${fitted.ended}.`,
      ),
      ...fitted.warnings.map((warning) => element("p", { class: "quiet" }, warning)),
    );
  }

  private take(csv: string): void {
    if (csv.length > MOST) {
      const { name, message } = new TooLong(
        `The file has ${(csv.length / 1e6).toFixed(1)} million characters; the playground takes 10 million. Thin it out, or fit it in Node: odegrad fit.`,
      );
      this.text = "";
      this.say(`${name}: ${message}`, false);
      return;
    }
    this.text = csv;
    this.owner.onCsv(csv);
  }

  private async open(file: File | undefined): Promise<void> {
    if (!file) return;
    this.set(file.size > 2 * MOST ? " ".repeat(MOST + 1) : await file.text());
  }

  /** Anywhere on the page. */
  private takeDrops(): void {
    const isOver = (is: boolean): void => void this.area.classList.toggle("dropping", is);
    addEventListener("dragover", (event) => {
      event.preventDefault();
      isOver(true);
    });
    addEventListener("dragleave", () => isOver(false));
    addEventListener("drop", (event) => {
      event.preventDefault();
      isOver(false);
      const { files } = event.dataTransfer!;
      if (files.length > 0) void this.open(files[0]);
    });
  }
}

/** What is said of data: which of them are of the model. */
export function saidOf(table: Table, states: readonly string[]): { readonly text: string; readonly canFit: boolean } {
  const names = Object.keys(table.values);
  const known = names.filter((name) => states.includes(name));
  const rows = `${table.t.length} rows`;
  if (known.length === names.length) return { text: `${rows}: ${names.join(", ")}.`, canFit: true };
  const unknown = names.filter((name) => !known.includes(name));
  return {
    text: `${rows}. The model has no ${unknown.map((name) => `"${name}"`).join(", ")}: name columns as components, ${states.slice(0, 8).join(", ")}.`,
    canFit: false,
  };
}
