/** The pictures of a solution: over time, its sensitivities, its phase portrait, and fields over grids. */
import { colors } from "../../plot/colors.ts";
import { Chart, column, type Curve, type Dots } from "../draw/chart.ts";
import { HeatMap } from "../draw/heat-map.ts";
import { Panel, type Choice } from "./panel.ts";
import { at, drawnStates, inWords, short, slopeColumn, stateColumn, timesOf, type Shown } from "./shown.ts";

export interface Picture {
  show(shown: Shown): void;
  /** For screen readers, once it has come to rest. */
  describe(shown: Shown): void;
  set isStale(isStale: boolean);
}

/** `onCursor` gets the time under the pointer. */
export class SolutionPicture implements Picture {
  private readonly panel: Panel;
  private readonly chart: Chart;

  constructor(parent: HTMLElement, onChange: () => void, onCursor: (t: number) => void) {
    this.panel = new Panel(parent, "Solution", onChange);
    this.panel.isWide = true;
    this.chart = new Chart(this.panel.place, onCursor);
  }

  /** Beside the title, and below the picture. */
  append(status: HTMLElement, row: HTMLElement): void {
    this.panel.title.after(status);
    this.panel.place.after(row);
  }

  set isStale(isStale: boolean) {
    this.panel.isStale = isStale;
  }

  show(shown: Shown): void {
    const { info, curves, table, logTime, cursor } = shown;
    const drawn = drawnStates(info);
    this.panel.entries(drawn.map((i, k) => ({ name: info.states[i], color: colors[k] })));
    this.panel.values(drawn.map((i) => short(at(stateColumn(shown, i), cursor))));
    const visible = drawn.map((i, k) => ({ i, color: colors[k] })).filter(({ i }) => this.panel.isShown(info.states[i]));
    this.chart.show({
      x: { label: "time t", isLog: logTime },
      y: { label: "state u", isNice: true },
      curves: visible.map(({ i, color }) => ({ x: timesOf(shown), y: stateColumn(shown, i), color })),
      dots: visible.flatMap(({ i, color }): Dots[] => {
        const values = table?.values[info.states[i]];
        return values ? [{ x: column(table!.t), y: column(values), color }] : [];
      }),
      verticals: curves.switches,
      cursor: { x: curves.t[cursor] },
    });
  }

  describe(shown: Shown): void {
    const { info, curves } = shown;
    const words = drawnStates(info).map((i) => inWords(info.states[i], stateColumn(shown, i)));
    this.chart.describe(`Solution from t = ${short(curves.t[0])} to ${short(curves.t.at(-1)!)}: ${words.join("; ")}.`);
  }
}

const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3]];

/** Of one component, by each parameter. */
export class SensitivityPicture implements Picture {
  private readonly panel: Panel;
  private readonly chart: Chart;
  private readonly component: Choice;

  constructor(parent: HTMLElement, onChange: () => void, onCursor: (t: number) => void) {
    this.panel = new Panel(parent, "Sensitivities", onChange);
    this.component = this.panel.choice("of");
    this.chart = new Chart(this.panel.place, onCursor);
  }

  set isStale(isStale: boolean) {
    this.panel.isStale = isStale;
  }

  show(shown: Shown): void {
    const { info, curves, logTime, cursor } = shown;
    const { slopes } = curves;
    const drawn = drawnStates(info);
    // The first cell of a grid is a corner, where nothing happens.
    this.component.offer(
      drawn.map((i) => info.states[i]),
      info.grids.length > 0 ? drawn.length >> 1 : 0,
    );
    this.panel.say(typeof slopes === "string" ? slopes : undefined);
    if (typeof slopes === "string") return;
    const i = drawn[this.component.index];
    const columns = info.parameters.map((_, j) => slopeColumn(shown, slopes, i, j));
    this.panel.entries(info.parameters.map((name, j) => ({ name, color: colors[j % colors.length] })));
    this.panel.values(columns.map((one) => short(at(one, cursor))));
    this.chart.show({
      x: { label: "time t", isLog: logTime },
      y: { label: `∂${info.states[i]}/∂p`, isNice: true },
      curves: columns.flatMap((y, j): Curve[] => {
        const dash = DASHES[Math.floor(j / colors.length) % DASHES.length];
        return this.panel.isShown(info.parameters[j]) ? [{ x: timesOf(shown), y, color: colors[j % colors.length], dash }] : [];
      }),
      verticals: curves.switches,
      cursor: { x: curves.t[cursor] },
    });
  }

  describe(shown: Shown): void {
    const { info, curves } = shown;
    const { slopes } = curves;
    if (typeof slopes === "string") return;
    const i = drawnStates(info)[this.component.index];
    const words = info.parameters.map((name, j) => inWords(`by ${name}`, slopeColumn(shown, slopes, i, j)));
    this.chart.describe(`Sensitivities of ${info.states[i]}: ${words.join("; ")}.`);
  }
}

/** One component over another. */
export class PortraitPicture implements Picture {
  private readonly panel: Panel;
  private readonly chart: Chart;
  private readonly x: Choice;
  private readonly y: Choice;

  constructor(parent: HTMLElement, onChange: () => void) {
    this.panel = new Panel(parent, "Phase portrait", onChange);
    this.x = this.panel.choice("x");
    this.y = this.panel.choice("y");
    this.chart = new Chart(this.panel.place);
  }

  set isStale(isStale: boolean) {
    this.panel.isStale = isStale;
  }

  show(shown: Shown): void {
    const { info, cursor } = shown;
    this.panel.isThere = info.states.length > 1 && info.grids.length === 0;
    if (info.states.length < 2) return;
    const drawn = drawnStates(info);
    this.x.offer(drawn.map((i) => info.states[i]));
    this.y.offer(
      drawn.map((i) => info.states[i]),
      drawn.length > 2 ? 2 : 1,
    );
    const [x, y] = [this.x, this.y].map((choice) => drawn[choice.index]);
    const [across, up] = [stateColumn(shown, x), stateColumn(shown, y)];
    this.chart.show({
      x: { label: info.states[x], isNice: true },
      y: { label: info.states[y], isNice: true },
      curves: [{ x: across, y: up, color: colors[0] }],
      cursor: { x: at(across, cursor), y: at(up, cursor) },
    });
  }

  describe(shown: Shown): void {
    const { info } = shown;
    if (info.states.length < 2) return;
    const drawn = drawnStates(info);
    const words = [this.x, this.y].map((choice) => {
      const i = drawn[choice.index];
      return inWords(info.states[i], stateColumn(shown, i));
    });
    this.chart.describe(`Phase portrait: ${words.join("; over it ")}.`);
  }
}

/** A field at the time of the cursor: of the state, or of its derivative by a parameter. */
export class FieldPicture implements Picture {
  private readonly panel: Panel;
  private readonly map: HeatMap;
  private readonly field: Choice;
  private readonly of: Choice;

  constructor(parent: HTMLElement, onChange: () => void) {
    this.panel = new Panel(parent, "Field", onChange);
    this.field = this.panel.choice("of");
    this.of = this.panel.choice("shows");
    this.map = new HeatMap(this.panel.place);
  }

  set isStale(isStale: boolean) {
    this.panel.isStale = isStale;
  }

  show(shown: Shown): void {
    const { info, curves, cursor } = shown;
    this.panel.isThere = info.grids.length > 0;
    if (info.grids.length === 0) return;
    this.field.offer(info.grids.map(({ name }) => name));
    const { slopes } = curves;
    this.of.offer(["state", ...(typeof slopes === "string" ? [] : info.parameters.map((name) => `∂/∂${name}`))]);
    const { rows, columns, offset } = info.grids[this.field.index];
    const n = info.states.length;
    const j = this.of.index - 1;
    if (j < 0 || typeof slopes === "string") {
      this.map.show({ rows, columns, values: curves.states, offset: cursor * n + offset });
      return;
    }
    const m = info.parameters.length;
    const values = Float64Array.from({ length: rows * columns }, (_, k) => slopes[(cursor * n + offset + k) * m + j]);
    this.map.show({ rows, columns, values, offset: 0 });
  }

  describe({ info, curves, cursor }: Shown): void {
    if (info.grids.length === 0) return;
    const { name, rows, columns } = info.grids[this.field.index];
    this.map.describe(`${name} on ${rows} by ${columns} points at t = ${short(curves.t[cursor])}, as a heat map.`);
  }
}
