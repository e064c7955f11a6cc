/** As much of the DOM as Observable Plot needs to build an SVG outside a browser. */
import { escapeMarkup } from "./markup.ts";

const namespaces: Readonly<Record<string, string>> = { svg: "http://www.w3.org/2000/svg" };

/** Set by property, as `fontSize`, or by `setProperty("font-size", …)`. */
class Styles {
  [name: string]: unknown;

  setProperty(name: string, value: string): void {
    this[name] = value;
  }

  serialize(): string {
    const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    return Object.entries(this)
      .map(([name, value]) => `${kebab(name)}: ${String(value)}`)
      .join("; ");
  }
}

class SvgNode {
  readonly namespaceURI = namespaces.svg;
  readonly children: SvgNode[] = [];
  readonly style = new Styles();
  parentNode: SvgNode | undefined;
  private readonly attributes = new Map<string, string>();
  private text = "";

  constructor(
    readonly tagName: string,
    readonly ownerDocument: SvgDocument,
  ) {}

  /** Thousandths of a pixel are enough. */
  setAttribute(name: string, value: unknown): void {
    this.attributes.set(name, String(typeof value === "number" ? Math.round(value * 1000) / 1000 : value));
  }

  setAttributeNS(_namespace: string, name: string, value: unknown): void {
    this.setAttribute(name, value);
  }

  getAttribute(name: string): string | null {
    return this.attributes.get(name) ?? null;
  }

  hasAttribute(name: string): boolean {
    return this.attributes.has(name);
  }

  removeAttribute(name: string): void {
    this.attributes.delete(name);
  }

  set textContent(text: string) {
    this.text = String(text);
  }

  appendChild(child: SvgNode): SvgNode {
    return this.insertBefore(child, null);
  }

  insertBefore(child: SvgNode, next: SvgNode | null): SvgNode {
    const siblings = child.parentNode?.children;
    siblings?.splice(siblings.indexOf(child), 1);
    this.children.splice(next ? this.children.indexOf(next) : this.children.length, 0, child);
    child.parentNode = this;
    return child;
  }

  /** The markup; style sheets are left out: Plot's are for web pages, and not every SVG reader knows their selectors. */
  serialize(): string {
    if (this.tagName === "style") return "";
    const style = this.style.serialize();
    const attributes = style ? [...this.attributes, ["style", style] as const] : [...this.attributes];
    const start = [this.tagName, ...attributes.map(([name, value]) => `${name}="${escapeMarkup(value)}"`)].join(" ");
    return `<${start}>${escapeMarkup(this.text)}${this.children.map((child) => child.serialize()).join("")}</${this.tagName}>`;
  }
}

class SvgDocument {
  readonly documentElement: SvgNode = new SvgNode("svg", this);

  createElementNS(_namespace: string, tagName: string): SvgNode {
    return new SvgNode(tagName, this);
  }

  createTextNode(text: string): SvgNode {
    const node = new SvgNode("tspan", this);
    node.textContent = text;
    return node;
  }
}

/** A document to hand to `Plot.plot({ document })`; what that returns is written out by {@link serialize}. */
export function svgDocument(): Document {
  return new SvgDocument() as unknown as Document;
}

export function serialize(plot: unknown): string {
  return (plot as SvgNode).serialize();
}
