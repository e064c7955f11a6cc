/** A canvas that fills its place at the screen's own resolution, in the colours of the page. */

export interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly ground: string;
}

export interface Pen {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
}

export class Surface {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;
  private size = { width: 0, height: 0 };
  private palette: Palette | undefined;

  /** `draw` is called anew where the size or the theme has changed. */
  constructor(
    parent: HTMLElement,
    private readonly draw: (pen: Pen) => void,
  ) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.context = this.canvas.getContext("2d")!;
    parent.append(this.canvas);
    new ResizeObserver(([{ contentRect }]) => {
      this.size = { width: contentRect.width, height: contentRect.height };
      this.fit();
      this.redraw();
    }).observe(parent);
    onTheme(() => {
      this.palette = undefined;
      this.redraw();
    });
  }

  redraw(): void {
    const { width, height } = this.size;
    if (width === 0 || height === 0) return;
    const { context } = this;
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    this.palette ??= this.readPalette();
    this.draw({ context, width, height, palette: this.palette });
  }

  /** What a screen reader says. */
  describe(text: string): void {
    this.canvas.setAttribute("aria-label", text);
  }

  private fit(): void {
    const { width, height } = this.size;
    this.canvas.width = Math.round(width * devicePixelRatio);
    this.canvas.height = Math.round(height * devicePixelRatio);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
  }

  /** What the style sheet's names come to in the theme at hand. */
  private readPalette(): Palette {
    const colorOf = (name: string): string => {
      this.canvas.style.color = `var(${name})`;
      return getComputedStyle(this.canvas).color;
    };
    return { text: colorOf("--text"), faint: colorOf("--faint"), line: colorOf("--line"), ground: colorOf("--raised") };
  }
}

/** The reader's choice, or the system's, is another one. */
function onTheme(changed: () => void): void {
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
}
