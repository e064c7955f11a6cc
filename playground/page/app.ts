/** The page: what it holds, and what follows from what. */
import type { Curves, Fault, FitProgress, ModelInfo, Setting, Table } from "../shared/protocol.ts";
import type { Shared } from "../shared/shared.ts";
import { controls } from "./controls.ts";
import { DataTab, saidOf } from "./data-tab.ts";
import { editorIn, type Editor } from "./editor.ts";
import { byId } from "./element.ts";
import { Engine, EngineFault, STOPPED } from "./engine.ts";
import { showFaults } from "./faults.ts";
import { Frames } from "./frames.ts";
import { Gallery } from "./gallery.ts";
import { latest, rested } from "./latest.ts";
import { showPlan } from "./plan-tab.ts";
import { fragmentOf } from "./share.ts";
import { SolversTab } from "./solvers-tab.ts";
import { tabsIn } from "./tabs.ts";
import { Values } from "./values.ts";
import { ValuesCard } from "./values-card.ts";

/** Milliseconds without a key, after which the text is read. */
const TYPED = 200;
const SETTLED = 400;
const SOON = 150;
/** Each iteration of a fit is seen for so long. */
const FRAME = 70;
/** Characters of data that a link holds. */
const MOST_LINKED = 200_000;

export class App {
  private readonly engine = new Engine((isBusy) => this.showBusy(isBusy));
  private readonly gallery = new Gallery(byId("pictures"));
  private readonly p = new Values();
  private readonly u0 = new Values();
  private readonly card = new ValuesCard(byId("sliders"), this.p, this.u0, () => this.valuesChanged());
  private readonly head = controls(
    (shared) => this.restore(shared),
    () => this.valuesChanged(),
  );
  private readonly editor: Editor;
  private readonly data: DataTab;
  private readonly solvers: SolversTab;
  private readonly plan: HTMLElement;
  private tab = "Data and fit";
  private info: ModelInfo | undefined;
  private table: Table | undefined;
  private faults: readonly Fault[] = [];
  private busy: ReturnType<typeof setTimeout> | undefined;
  /** A fit or a comparison that is under way. */
  private long: object | undefined;
  private given: Pick<Shared, "p" | "u0"> = {};
  private readonly solveLatest = latest(() => this.solve());
  private readonly readLatest = latest(() => this.read());
  private readonly readSoon = rested(TYPED, () => void this.readLatest());
  private readonly settle = rested(SETTLED, () => void this.settled());

  constructor() {
    this.editor = editorIn(byId("editor"), "", () => {
      this.gallery.isStale = true;
      this.readSoon();
    });
    const tabs = tabsIn(byId("tabs"), ["Data and fit", "Plan", "Solvers"], (name) => {
      this.tab = name;
      if (name === "Plan") void this.explain();
    });
    this.data = new DataTab(tabs["Data and fit"], {
      onCsv: () => void this.readTable(),
      onFit: () => void this.fit(),
      onInitial: () => this.settle(),
    });
    this.plan = tabs.Plan;
    this.solvers = new SolversTab(tabs.Solvers, () => void this.compare());
    byId("stop").addEventListener("click", () => this.engine.stop());
  }

  restore(shared: Shared): void {
    this.given = { p: shared.p, u0: shared.u0 };
    this.p.restate([], []);
    this.u0.restate([], []);
    this.head.show(shared);
    this.editor.setText(shared.text);
    this.data.fitsInitial = shared.fitInitial ?? false;
    this.info = undefined;
    this.data.set(shared.csv ?? "");
    void this.readLatest();
  }

  /** What a link holds. */
  get shared(): Shared {
    const [p, u0] = [this.p.changed(), this.u0.changed()];
    const { solver, rtol, logTime } = this.head;
    return {
      text: this.editor.text,
      ...(Object.keys(p).length > 0 && { p }),
      ...(Object.keys(u0).length > 0 && { u0 }),
      ...(solver && { solver }),
      rtol,
      ...(logTime && { logTime }),
      ...(this.data.csv && { csv: this.data.csv }),
      ...(this.data.fitsInitial && { fitInitial: true }),
    };
  }

  private setting(): Setting {
    const { solver, rtol, logTime } = this.head;
    return {
      text: this.editor.text,
      p: this.p.list,
      ...(this.u0.isChanged && { u0: this.u0.list }),
      ...(solver && { solver }),
      rtol,
      logTime,
    };
  }

  /** Reads the text anew. */
  private async read(): Promise<void> {
    this.endLongWork();
    const info = await this.attempt(() => this.engine.call("describe", { text: this.editor.text }));
    if (!info) return;
    this.p.restate(info.parameters, info.values, this.given.p);
    this.u0.restate(info.states, info.initial, info.startsByParameters ? {} : this.given.u0);
    this.given = {};
    this.info = info;
    this.card.build(!info.startsByParameters);
    this.data.suggest(info);
    this.sayTable();
    await this.solveLatest();
    this.settle();
  }

  private async solve(): Promise<void> {
    const { info } = this;
    if (!info) return;
    const setting = this.setting();
    const curves = await this.attempt(() => this.engine.call("solve", setting));
    if (!curves || info !== this.info) return;
    this.show(curves, setting.logTime);
  }

  private show(curves: Curves, logTime: boolean): void {
    const { solver, steps, milliseconds, failure, warnings } = curves;
    this.gallery.isStale = false;
    this.gallery.show(this.info!, curves, this.table, logTime);
    this.showFaults([...(failure ? [failure] : []), ...warnings]);
    // "tsit5 -> rodas5P at t = 0.0268…" is long.
    const methods = solver.replaceAll(/ at t = \S+/g, "").replaceAll(" -> ", ", then ");
    this.gallery.say(`${methods}: ${steps} steps, ${milliseconds.toFixed(1)} ms`);
  }

  private valuesChanged(): void {
    this.endLongWork();
    void this.solveLatest();
    this.settle();
  }

  /** Fits and comparisons are of what was there when they began. */
  private endLongWork(): void {
    if (!this.long) return;
    this.long = undefined;
    this.engine.drop(["fit", "compare"]);
  }

  /** Runs it unless something changes meanwhile; `isCurrent` tells whether that is so. */
  private async longWork<T>(work: (isCurrent: () => boolean) => Promise<T>): Promise<T | undefined> {
    this.endLongWork();
    const own = {};
    this.long = own;
    const isCurrent = (): boolean => this.long === own;
    const done = await this.attempt(() => work(isCurrent));
    if (!isCurrent()) return undefined;
    this.long = undefined;
    return done;
  }

  /** Once nobody has changed anything for a while. */
  private async settled(): Promise<void> {
    if (this.tab === "Plan") void this.explain();
    history.replaceState(null, "", await this.fragment());
  }

  /** Without the data where they are too long for a link. */
  async fragment(): Promise<string> {
    const { csv, ...rest } = this.shared;
    return fragmentOf(csv && csv.length <= MOST_LINKED ? { ...rest, csv } : rest);
  }

  get leavesDataOut(): boolean {
    return this.data.csv.length > MOST_LINKED;
  }

  private async readTable(): Promise<void> {
    const { csv } = this.data;
    this.table = undefined;
    this.data.say(csv.trim() ? "Reading …" : "", false);
    if (csv.trim()) {
      try {
        const table = await this.engine.call("table", { csv });
        if (csv !== this.data.csv) return;
        this.table = table;
        this.sayTable();
      } catch (error) {
        this.data.say(`${(error as EngineFault).fault.name}: ${(error as Error).message}`, false);
      }
    }
    this.valuesChanged();
  }

  private sayTable(): void {
    if (!this.table || !this.info) return;
    const { text, canFit } = saidOf(this.table, this.info.states);
    this.data.say(text, canFit);
  }

  private async fit(): Promise<void> {
    const { info, table } = this;
    if (!info || !table) return;
    const setting = this.setting();
    const ask = { ...setting, table, initial: this.data.fitsInitial };
    const fitted = await this.longWork(async (isCurrent) => {
      const frames = new Frames<FitProgress>(FRAME, (reached) => {
        if (!isCurrent()) return;
        this.take(reached);
        this.show(reached.curves, setting.logTime);
      });
      const found = await this.engine.call("fit", ask, (reached) => frames.add(reached));
      await frames.end();
      return found;
    });
    if (!fitted) return;
    this.take(fitted);
    this.data.showFit(fitted);
    this.valuesChanged();
  }

  private take({ p, u0 }: Pick<FitProgress, "p" | "u0">): void {
    this.p.list = p;
    this.u0.list = u0;
    this.card.show();
  }

  private async explain(): Promise<void> {
    if (!this.info) return;
    const table = this.table && saidOf(this.table, this.info.states).canFit ? this.table : undefined;
    const plan = await this.attempt(() => this.engine.call("explain", { ...this.setting(), table }));
    if (plan) showPlan(this.plan, plan);
  }

  private async compare(): Promise<void> {
    if (!this.info) return;
    this.solvers.begin();
    const done = await this.longWork(() => this.engine.call("compare", this.setting(), (run) => this.solvers.add(run)));
    this.solvers.say(
      done
        ? `Errors are the largest over time, relative to each component's size, against ${done.reference} at a tolerance of 10⁻¹³.`
        : "",
    );
  }

  /** What goes wrong is shown, at its line. */
  private async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineFault)) throw error;
      if (error.fault.name === STOPPED) {
        this.gallery.say("stopped");
        return undefined;
      }
      this.gallery.isStale = true;
      this.showFaults([error.fault]);
      this.gallery.say("");
      return undefined;
    }
  }

  /** While a parameter is dragged there is mostly nothing to show, as before. */
  private showFaults(faults: readonly Fault[]): void {
    if (faults.length === 0 && this.faults.length === 0) return;
    this.faults = faults;
    this.editor.show(faults);
    showFaults(byId("faults"), faults, (fault) => this.editor.focusAt(fault));
  }

  /** What is over at once cannot be stopped, and would make the page blink. */
  private showBusy(isBusy: boolean): void {
    clearTimeout(this.busy);
    if (isBusy) this.busy = setTimeout(() => (byId("stop").hidden = false), SOON);
    else byId("stop").hidden = true;
  }
}
