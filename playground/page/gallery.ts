/** All pictures together, at one time. */
import type { Curves, ModelInfo, Table } from "../shared/protocol.ts";
import { Cursor } from "./cursor.ts";
import { FieldPicture, PortraitPicture, SensitivityPicture, SolutionPicture, type Picture } from "./pictures.ts";
import { at, drawnStates, short, stateColumn, type Shown } from "./shown.ts";
import { element } from "./element.ts";
import { rested } from "./latest.ts";

const REST = 400;

export class Gallery {
  private readonly pictures: readonly Picture[];
  private readonly status = element("span", { id: "status" });
  private readonly cursor = new Cursor(() => this.draw());
  private drawn: Omit<Shown, "cursor"> | undefined;
  private readonly describe = rested(REST, () => {
    if (this.drawn) for (const picture of this.pictures) picture.describe({ ...this.drawn, cursor: this.cursor.index });
  });

  constructor(parent: HTMLElement) {
    const draw = (): void => this.draw();
    const move = (t: number): void => {
      if (!this.drawn) return;
      this.cursor.moveTo(t, this.drawn.curves.t);
      this.draw();
    };
    const solution = new SolutionPicture(parent, draw, move);
    solution.append(this.status, this.cursor.row);
    this.pictures = [
      solution,
      new FieldPicture(parent, draw),
      new SensitivityPicture(parent, draw, move),
      new PortraitPicture(parent, draw),
    ];
  }

  show(info: ModelInfo, curves: Curves, table: Table | undefined, logTime: boolean): void {
    this.drawn = { info, curves, table, logTime };
    this.cursor.setCount(curves.t.length);
    this.draw();
    this.describe();
  }

  /** How it was solved. */
  say(text: string): void {
    this.status.textContent = text;
  }

  set isStale(isStale: boolean) {
    for (const picture of this.pictures) picture.isStale = isStale;
  }

  private draw(): void {
    if (!this.drawn || this.drawn.curves.t.length === 0) return;
    const shown: Shown = { ...this.drawn, cursor: this.cursor.index };
    const { info, curves, cursor } = shown;
    const values = drawnStates(info).map((i) => `${info.states[i]} ${short(at(stateColumn(shown, i), cursor))}`);
    this.cursor.say(short(curves.t[cursor]), values.join(", "));
    for (const picture of this.pictures) picture.show(shown);
  }
}
