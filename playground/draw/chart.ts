/** Curves and dots on two axes, with the look of the library's figures, drawn anew within a millisecond or two. */
import { linear, logarithmic, type Interval, type Scale } from "./scale.ts";
import { Surface, type Pen } from "./surface.ts";

/** Every `stride`-th number of a list, from `offset` on. */
export interface Column {
  readonly data: Float64Array;
  readonly offset: number;
  readonly stride: number;
  readonly count: number;
}

export function column(data: Float64Array): Column {
  return { data, offset: 0, stride: 1, count: data.length };
}

export interface Curve {
  readonly x: Column;
  readonly y: Column;
  readonly color: string;
  readonly dash?: readonly number[];
  /** Points at the numbers, too. */
  readonly dotted?: boolean;
}

export interface Dots {
  readonly x: Column;
  readonly y: Column;
  readonly color: string;
}

export interface Axis {
  readonly label: string;
  readonly isLog?: boolean;
  /** Its ends are round numbers. */
  readonly isNice?: boolean;
}

export interface Picture {
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  readonly dots?: readonly Dots[];
  /** Dashed lines across, at these x. */
  readonly verticals?: readonly number[];
  /** A line across at this x, or a point. */
  readonly cursor?: { readonly x: number; readonly y?: number };
}

const MARGIN = { left: 52, right: 14, top: 26, bottom: 38 };
const EDGE = 6;
const FONT = "12px system-ui, sans-serif";
/** Pixels for a tick. */
const ROOM = { x: 70, y: 44 };
/** More dots are small, and do not hide each other. */
const MANY = 300;
/** Nobody sees more. */
const MOST_DOTS = 20_000;

export class Chart {
  private picture: Picture | undefined;
  private scales: { readonly x: Scale; readonly y: Scale } | undefined;
  private readonly surface: Surface;

  /** `onPoint` gets the x under the pointer. */
  constructor(parent: HTMLElement, onPoint?: (x: number) => void) {
    this.surface = new Surface(parent, (pen) => this.draw(pen));
    if (!onPoint) return;
    const point = ({ offsetX }: PointerEvent): void => {
      if (this.scales) onPoint(this.scales.x.valueAt(offsetX));
    };
    this.surface.canvas.addEventListener("pointermove", point);
    this.surface.canvas.addEventListener("pointerdown", point);
  }

  show(picture: Picture): void {
    this.picture = picture;
    this.surface.redraw();
  }

  describe(text: string): void {
    this.surface.describe(text);
  }

  private draw(pen: Pen): void {
    if (!this.picture) return;
    const { context } = pen;
    const scales = scalesOf(this.picture, pen);
    this.scales = scales;
    const inner = { width: pen.width - MARGIN.left - MARGIN.right, height: pen.height - MARGIN.top - MARGIN.bottom };
    context.font = FONT;
    drawAxes(pen, this.picture, scales);
    context.save();
    context.beginPath();
    // A dot at an end is whole.
    context.rect(MARGIN.left - EDGE, MARGIN.top - EDGE, inner.width + 2 * EDGE, inner.height + 2 * EDGE);
    context.clip();
    drawVerticals(pen, this.picture, scales);
    for (const dots of this.picture.dots ?? []) drawDots(context, dots, scales);
    for (const curve of this.picture.curves) drawCurve(context, curve, scales);
    drawCursor(pen, this.picture, scales);
    context.restore();
  }
}

function scalesOf({ x, y, curves, dots = [] }: Picture, { width, height }: Pen): { readonly x: Scale; readonly y: Scale } {
  const all = [...curves, ...dots];
  const across: Interval = [MARGIN.left, width - MARGIN.right];
  const up: Interval = [height - MARGIN.bottom, MARGIN.top];
  const scale = (axis: Axis, columns: readonly Column[], range: Interval, room: number): Scale =>
    axis.isLog
      ? logarithmic(extent(columns, true), range, room)
      : linear(extent(columns, false), range, room, axis.isNice ?? false);
  const [horizontal, vertical] = [all.map((one) => one.x), all.map((one) => one.y)];
  return { x: scale(x, horizontal, across, ROOM.x), y: scale(y, vertical, up, ROOM.y) };
}

/** Of what is finite, and positive where it has to be. */
function extent(columns: readonly Column[], isPositive: boolean): Interval {
  let low = Infinity;
  let high = -Infinity;
  for (const { data, offset, stride, count } of columns) {
    for (let i = 0, k = offset; i < count; i++, k += stride) {
      const value = data[k];
      if (!Number.isFinite(value) || (isPositive && value <= 0)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low > high && isPositive ? [1, 10] : [low, high];
}

function drawAxes({ context, width, height, palette }: Pen, { x, y }: Picture, scales: { x: Scale; y: Scale }): void {
  const bottom = height - MARGIN.bottom;
  context.strokeStyle = palette.line;
  context.lineWidth = 1;
  context.beginPath();
  for (const { at } of scales.y.ticks) {
    context.moveTo(MARGIN.left, Math.round(at) + 0.5);
    context.lineTo(width - MARGIN.right, Math.round(at) + 0.5);
  }
  for (const { at } of scales.x.ticks) {
    context.moveTo(Math.round(at) + 0.5, bottom);
    context.lineTo(Math.round(at) + 0.5, bottom + 4);
  }
  context.stroke();
  context.fillStyle = palette.faint;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const { at, label } of scales.y.ticks) context.fillText(label, MARGIN.left - 7, at);
  context.textAlign = "center";
  context.textBaseline = "top";
  for (const { at, label } of scales.x.ticks) {
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(at, width - 2 - half), bottom + 7);
  }
  context.fillText(x.label, (MARGIN.left + width - MARGIN.right) / 2, height - 13);
  context.textAlign = "left";
  context.fillText(y.label, 6, 2);
}

function drawVerticals({ context, height, palette }: Pen, { verticals = [] }: Picture, { x }: { x: Scale }): void {
  if (verticals.length === 0) return;
  context.strokeStyle = palette.faint;
  context.lineWidth = 1;
  context.setLineDash([3, 4]);
  context.beginPath();
  for (const value of verticals) {
    context.moveTo(x.at(value), MARGIN.top);
    context.lineTo(x.at(value), height - MARGIN.bottom);
  }
  context.stroke();
  context.setLineDash([]);
}

function drawCurve(context: CanvasRenderingContext2D, curve: Curve, scales: { x: Scale; y: Scale }): void {
  const { x, y, color, dash = [], dotted } = curve;
  context.strokeStyle = color;
  context.lineWidth = 1.75;
  context.lineJoin = "round";
  context.setLineDash([...dash]);
  context.beginPath();
  let isDown = false;
  for (let i = 0, k = x.offset, l = y.offset; i < x.count; i++, k += x.stride, l += y.stride) {
    const across = scales.x.at(x.data[k]);
    const up = scales.y.at(y.data[l]);
    const isThere = Number.isFinite(across) && Number.isFinite(up);
    if (isThere && isDown) context.lineTo(across, up);
    else if (isThere) context.moveTo(across, up);
    isDown = isThere;
  }
  context.stroke();
  context.setLineDash([]);
  if (dotted) drawDots(context, curve, scales);
}

function drawDots(context: CanvasRenderingContext2D, { x, y, color }: Dots, scales: { x: Scale; y: Scale }): void {
  const radius = x.count > MANY ? 1.2 : 3;
  const every = Math.max(1, Math.ceil(x.count / MOST_DOTS));
  context.fillStyle = color;
  context.globalAlpha = x.count > MANY ? 0.5 : 0.85;
  for (let i = 0; i < x.count; i += every) {
    const value = y.data[y.offset + i * y.stride];
    if (!Number.isFinite(value)) continue;
    context.beginPath();
    context.arc(scales.x.at(x.data[x.offset + i * x.stride]), scales.y.at(value), radius, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

function drawCursor({ context, height, palette }: Pen, { cursor }: Picture, { x, y }: { x: Scale; y: Scale }): void {
  if (!cursor) return;
  context.strokeStyle = palette.text;
  context.fillStyle = palette.ground;
  context.lineWidth = 1.5;
  context.beginPath();
  if (cursor.y === undefined) {
    context.globalAlpha = 0.45;
    context.moveTo(x.at(cursor.x), MARGIN.top);
    context.lineTo(x.at(cursor.x), height - MARGIN.bottom);
  } else {
    context.arc(x.at(cursor.x), y.at(cursor.y), 5, 0, 2 * Math.PI);
    context.fill();
  }
  context.stroke();
  context.globalAlpha = 1;
}
