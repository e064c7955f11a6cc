/** Several solvers on the model: what they take, and how right they are. */
import { colors } from "../../plot/colors.ts";
import { formatNumber } from "../../plot/numbers.ts";
import { Chart, column, type Curve } from "../draw/chart.ts";
import { COMPARED_AT } from "../shared/solvers.ts";
import type { Run } from "../shared/protocol.ts";
import { element } from "./element.ts";
import { Panel, type Choice } from "./panel.ts";

const COLUMNS = ["solver", "time", "steps", "rejected", "calls", "error"];

export class SolversTab {
  private runs: Run[] = [];
  private readonly panel: Panel;
  private readonly chart: Chart;
  private readonly tolerance: Choice;
  private readonly body = element("tbody");
  private readonly said = element("p", { role: "status", class: "quiet" });

  constructor(parent: HTMLElement, onCompare: () => void) {
    const pictures = element("div");
    this.panel = new Panel(pictures, "Work and precision", () => this.draw());
    this.tolerance = this.panel.choice("table at");
    this.tolerance.offer(
      COMPARED_AT.map((rtol) => rtol.toExponential()),
      1,
    );
    this.chart = new Chart(this.panel.place);
    const head = element(
      "tr",
      {},
      ...COLUMNS.map((name, i) => element("th", { scope: "col", class: i === 0 ? "" : "number" }, name)),
    );
    parent.append(
      element(
        "div",
        { class: "row" },
        element("button", { type: "button", class: "primary", click: onCompare }, "Compare solvers"),
        this.said,
      ),
      pictures,
      element("table", {}, element("thead", {}, head), this.body),
    );
    this.panel.isThere = false;
  }

  begin(): void {
    this.runs = [];
    this.body.replaceChildren();
    this.say("Solving exactly, to compare with …");
  }

  say(text: string): void {
    this.said.textContent = text;
  }

  add(run: Run): void {
    this.runs.push(run);
    this.say("");
    this.draw();
  }

  /** At the chosen tolerance; of a solver that failed, why. */
  private rows(): HTMLTableRowElement[] {
    const rtol = COMPARED_AT[this.tolerance.index];
    const solvers = [...new Set(this.runs.map(({ solver }) => solver))];
    return solvers.flatMap((solver) => {
      const own = this.runs.filter((run) => run.solver === solver);
      const run = own.find((one) => one.rtol === rtol) ?? own.find(({ failure }) => failure !== undefined);
      return run ? [rowOf(run)] : [];
    });
  }

  private draw(): void {
    const done = this.runs.filter(({ failure }) => failure === undefined);
    const solvers = [...new Set(done.map(({ solver }) => solver))];
    const colorOf = (solver: string): string => colors[solvers.indexOf(solver) % colors.length];
    this.panel.isThere = solvers.length > 0;
    this.body.replaceChildren(...this.rows());
    this.panel.entries(solvers.map((name) => ({ name, color: colorOf(name) })));
    this.chart.show({
      x: { label: "error, relative", isLog: true },
      y: { label: "time in ms", isLog: true },
      curves: solvers
        .filter((solver) => this.panel.isShown(solver))
        .map((solver): Curve => {
          const own = done.filter((run) => run.solver === solver);
          const x = column(Float64Array.from(own, ({ error }) => error));
          const y = column(Float64Array.from(own, ({ milliseconds }) => milliseconds));
          return { x, y, color: colorOf(solver), dotted: true };
        }),
    });
    const words = done.map(({ solver, milliseconds, error }) => `${solver} ${short(milliseconds)} ms, error ${short(error)}`);
    this.chart.describe(`Time over error of each solver: ${words.join("; ")}.`);
  }
}

function rowOf({ solver, milliseconds, steps, rejected, rhsCalls, error, failure }: Run): HTMLTableRowElement {
  const first = element("td", {}, solver);
  if (failure !== undefined) return element("tr", {}, first, element("td", { colspan: COLUMNS.length - 1 }, failure));
  const numbers = [`${short(milliseconds)} ms`, steps, rejected, rhsCalls, short(error)];
  return element("tr", {}, first, ...numbers.map((one) => element("td", { class: "number" }, String(one))));
}

function short(value: number): string {
  return formatNumber(Number(value.toPrecision(3)));
}
