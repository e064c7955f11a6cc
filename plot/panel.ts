/** What the pictures of fits have in common: panels in rows, axes, and how what is drawn is told apart, in grey too. */
import type { Markish, PlotOptions } from "@observablehq/plot";
import { formatPower, formatTick } from "./numbers.ts";
import { colors } from "./colors.ts";

export interface PanelAxis {
  readonly label: string;
  readonly type?: "linear" | "log";
  readonly domain?: readonly [number, number];
}

/** Panels of a figure, at most. */
export const MOST_PANELS = 12;

/** How many there are beside each other, and how wide each is. */
export function gridOf(panels: number): { readonly columns: number; readonly width: number } {
  if (panels === 1) return { columns: 1, width: 720 };
  return panels <= 4 ? { columns: 2, width: 400 } : { columns: 3, width: 320 };
}

/** A title with what is left out of it. */
export function titleOf(title: string, shown: number, all: number, what: string): string {
  return shown < all ? `${title} (the first ${shown} of ${all} ${what})` : title;
}

export function panel(width: number, x: PanelAxis, y: PanelAxis, marks: readonly Markish[]): PlotOptions {
  const height = Math.round(140 + width / 3);
  return {
    width,
    height,
    marginLeft: 65,
    marginRight: 20,
    marginTop: 38,
    marginBottom: 48,
    inset: 6,
    style: { fontSize: "12px" },
    x: { ...scaleOf(x, width - 85), label: shortened(x.label, width - 20), labelAnchor: "center" },
    y: { ...scaleOf(y, height - 86), label: shortened(y.label, width - 20) },
    marks: [...marks],
  };
}

/** Pixels of a letter, about. */
const LETTER = 6.5;
/** So many pixels for each tick, at least. */
const TICK = 45;

function scaleOf({ type = "linear", domain }: PanelAxis, length: number): NonNullable<PlotOptions["x"]> {
  return {
    type,
    domain: domain && [...domain],
    grid: true,
    labelArrow: "none",
    ticks: Math.min(6, Math.floor(length / TICK)),
    tickFormat: type === "log" ? formatPower : formatTick,
  };
}

/** A name without its middle, where that is too long. */
export function shortened(name: string, pixels: number): string {
  const most = Math.max(5, Math.floor(pixels / LETTER));
  if (name.length <= most) return name;
  return `${name.slice(0, Math.ceil((most - 1) / 2))}…${name.slice(name.length - Math.floor((most - 1) / 2))}`;
}

/** One of several things in a panel: its colour, and what tells it from the others without. */
export interface Style {
  readonly color: string;
  readonly mark: "dot" | "ring";
  readonly dash: string;
}

const dashes = ["none", "5 3", "1 3", "8 3 1 3"];

/** Eight are all different without colours. */
export const MOST_STYLES = 8;

export function styleOf(i: number): Style {
  return { color: colors[i % colors.length], mark: i % 2 === 0 ? "dot" : "ring", dash: dashes[(i >> 1) % dashes.length] };
}

/** What `dot` takes; many are small, and do not hide each other. */
export function dotsIn({ color, mark }: Pick<Style, "color" | "mark">, count: number): Readonly<Record<string, unknown>> {
  if (areMany(count)) return { r: 1.2, fill: color, fillOpacity: 0.5 };
  return { r: 3, fill: mark === "dot" ? color : "white", stroke: color, strokeWidth: 1.5 };
}

/** More would hide a line that they are drawn above. */
export function areMany(count: number): boolean {
  return count > 300;
}
