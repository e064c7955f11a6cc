/** A field over a grid as a heat map, with its ramp of colours. */
import { viridis, diverging } from "./color-maps.ts";
import { linear, type Interval } from "./scale.ts";
import { Surface, type Pen } from "./surface.ts";

export interface Field {
  readonly rows: number;
  readonly columns: number;
  /** Row-major, from `offset` on. */
  readonly values: Float64Array;
  readonly offset: number;
  /** What the colours span; by default the values, and both signs alike where they have both. */
  readonly range?: Interval;
}

const RAMP = { width: 12, gap: 14, labels: 56 };
const EDGE = 8;

export class HeatMap {
  private field: Field | undefined;
  private readonly surface: Surface;
  private readonly cells = document.createElement("canvas");

  constructor(parent: HTMLElement) {
    this.surface = new Surface(parent, (pen) => this.draw(pen));
  }

  show(field: Field): void {
    this.field = field;
    this.surface.redraw();
  }

  describe(text: string): void {
    this.surface.describe(text);
  }

  private draw(pen: Pen): void {
    if (!this.field) return;
    const { rows, columns } = this.field;
    const { context, width, height } = pen;
    const range = this.field.range ?? rangeOf(this.field);
    this.paint(this.field, range);
    const room = { width: width - 2 * EDGE - RAMP.gap - RAMP.width - RAMP.labels, height: height - 2 * EDGE };
    const cell = Math.min(room.width / columns, room.height / rows);
    const size = { width: cell * columns, height: cell * rows };
    const left = EDGE + Math.max(0, (room.width - size.width) / 2);
    const top = EDGE + (room.height - size.height) / 2;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.cells, left, top, size.width, size.height);
    drawRamp(pen, range, left + size.width + RAMP.gap, [top + size.height, top]);
  }

  /** A pixel for each cell. */
  private paint({ rows, columns, values, offset }: Field, [low, high]: Interval): void {
    this.cells.width = columns;
    this.cells.height = rows;
    const context = this.cells.getContext("2d")!;
    const image = context.createImageData(columns, rows);
    const colors = new Uint32Array(image.data.buffer);
    const map = mapOf([low, high]);
    for (let i = 0; i < rows * columns; i++) colors[i] = map[Math.round((255 * (values[offset + i] - low)) / (high - low))] ?? 0;
    context.putImageData(image, 0, 0);
  }
}

function mapOf([low, high]: Interval): Uint32Array {
  return low < 0 && high > 0 ? diverging : viridis;
}

function rangeOf({ rows, columns, values, offset }: Field): Interval {
  let low = Infinity;
  let high = -Infinity;
  for (let i = offset; i < offset + rows * columns; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  if (low < 0 && high > 0) return [-Math.max(-low, high), Math.max(-low, high)];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

function drawRamp({ context, palette }: Pen, range: Interval, left: number, [bottom, top]: Interval): void {
  const map = mapOf(range);
  for (let y = top; y < bottom; y++) {
    const color = map[Math.round((255 * (bottom - y)) / (bottom - top))];
    context.fillStyle = `rgb(${color & 255} ${(color >> 8) & 255} ${(color >> 16) & 255})`;
    context.fillRect(left, y, RAMP.width, 1.5);
  }
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = palette.faint;
  context.textAlign = "left";
  context.textBaseline = "middle";
  for (const { at, label } of linear(range, [bottom, top], 44, false).ticks) context.fillText(label, left + RAMP.width + 6, at);
}
