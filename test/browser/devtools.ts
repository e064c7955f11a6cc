/** Headless Chromium, driven over a pipe by its DevTools protocol: opens pages, types, drags, looks. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { CHROMIUM, FLAGS } from "./chromium.ts";

type Parameters = Readonly<Record<string, unknown>>;
type Event = Readonly<Record<string, never>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Event;
  readonly sessionId?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** A condition that is not met by then never will be. */
const PATIENCE = 60_000;

export class Browser {
  private readonly process: ChildProcess;
  private readonly profile = mkdtempSync(join(tmpdir(), "odegrad-chromium-"));
  private readonly waiting = new Map<number, (message: Message) => void>();
  private readonly listeners: ((message: Message) => void)[] = [];
  private calls = 0;
  private rest = "";

  constructor() {
    const flags = [...FLAGS.filter((flag) => !flag.startsWith("--remote-debugging")), "--remote-debugging-pipe"];
    this.process = spawn(CHROMIUM, [...flags, `--user-data-dir=${this.profile}`], {
      stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
      detached: true,
    });
    (this.process.stdio[4] as Readable).setEncoding("utf8").on("data", (part: string) => this.take(part));
  }

  async send<T>(method: string, params: Parameters = {}, sessionId?: string): Promise<T> {
    const id = ++this.calls;
    const answered = new Promise<Message>((resolve) => this.waiting.set(id, resolve));
    (this.process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  }

  on(listener: (message: Message) => void): void {
    this.listeners.push(listener);
  }

  async open(url: string, { width = 1280, height = 900 } = {}): Promise<Page> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send<{ sessionId: string }>("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId, targetId);
    await page.begin(width, height);
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => this.process.once("exit", () => resolve()));
    process.kill(-this.process.pid!, "SIGKILL");
    await ended;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  private take(part: string): void {
    const messages = (this.rest + part).split("\0");
    this.rest = messages.pop()!;
    for (const text of messages) {
      const message = JSON.parse(text) as Message;
      if (message.id === undefined) this.listeners.forEach((listener) => listener(message));
      else this.waiting.get(message.id)?.(message);
    }
  }
}

export class Page {
  /** Addresses that the page and what is in it asked for. */
  readonly requests: string[] = [];
  /** What was thrown and nobody caught, and what the console was told is wrong. */
  readonly errors: string[] = [];
  private loaded = 0;

  constructor(
    private readonly browser: Browser,
    private readonly sessionId: string,
    private readonly targetId: string,
  ) {}

  async begin(width: number, height: number): Promise<void> {
    this.browser.on(({ method, params, sessionId }) => {
      const { request, exceptionDetails, entry } = (params ?? {}) as Record<string, Record<string, unknown>>;
      if (method === "Network.requestWillBeSent") this.requests.push(String(request.url));
      if (sessionId !== this.sessionId) return;
      if (method === "Page.loadEventFired") this.loaded++;
      if (method === "Runtime.exceptionThrown") this.errors.push(JSON.stringify(exceptionDetails));
      if (method === "Log.entryAdded" && entry.level === "error") this.errors.push(String(entry.text));
    });
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await this.send(`${domain}.enable`);
    await this.resize(width, height);
  }

  async close(): Promise<void> {
    await this.browser.send("Target.closeTarget", { targetId: this.targetId });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", { width, height, deviceScaleFactor: 1, mobile: false });
  }

  async goto(url: string): Promise<void> {
    const before = this.loaded;
    await this.send("Page.navigate", { url });
    await until(() => Promise.resolve(this.loaded > before), `${url} to load`);
  }

  send<T>(method: string, params?: Parameters): Promise<T> {
    return this.browser.send<T>(method, params, this.sessionId);
  }

  /** The value of an expression, awaited. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true, userGesture: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? "thrown");
    return result.value;
  }

  /** Until the expression is true. */
  async wait(expression: string): Promise<void> {
    await until(
      () => this.evaluate<boolean>(`Boolean(${expression})`),
      expression,
      () => this.evaluate<string>("document.body.innerText"),
    );
  }

  async click(selector: string): Promise<void> {
    const { x, y } = await this.middleOf(selector);
    await this.mouse("mousePressed", x, y);
    await this.mouse("mouseReleased", x, y);
  }

  /** Presses at the middle of an element, and moves by so many pixels in steps, without letting go. */
  async drag(selector: string, by: number, steps: number): Promise<void> {
    const { x, y } = await this.middleOf(selector);
    await this.mouse("mousePressed", x, y);
    for (let i = 1; i <= steps; i++) await this.mouse("mouseMoved", x + (by * i) / steps, y);
    await this.mouse("mouseReleased", x + by, y);
  }

  async type(text: string): Promise<void> {
    await this.send("Input.insertText", { text });
  }

  async press(key: string, modifiers = 0): Promise<void> {
    const code = {
      key,
      code: key.length === 1 ? `Key${key.toUpperCase()}` : key,
      modifiers,
      windowsVirtualKeyCode: keyCodes[key] ?? key.toUpperCase().charCodeAt(0),
    };
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", ...code, ...(key === "Enter" && { text: "\r" }) });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", ...code });
  }

  async screenshot(): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>("Page.captureScreenshot", { captureBeyondViewport: false });
    return Buffer.from(data, "base64");
  }

  private async mouse(type: string, x: number, y: number): Promise<void> {
    await this.send("Input.dispatchMouseEvent", {
      type,
      x,
      y,
      button: "left",
      buttons: type === "mouseReleased" ? 0 : 1,
      clickCount: 1,
    });
  }

  private middleOf(selector: string): Promise<{ x: number; y: number }> {
    return this.evaluate(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)});
      found.scrollIntoView({ block: "nearest" });
      const { x, y, width, height } = found.getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
  }
}

const keyCodes: Readonly<Record<string, number>> = {
  Tab: 9,
  Enter: 13,
  Escape: 27,
  ArrowLeft: 37,
  ArrowUp: 38,
  ArrowRight: 39,
  ArrowDown: 40,
  Backspace: 8,
  Delete: 46,
};

async function until(isMet: () => Promise<boolean>, what: string, state?: () => Promise<string>): Promise<void> {
  const end = Date.now() + PATIENCE;
  while (!(await isMet())) {
    if (Date.now() > end) throw new Error(`Waited for ${what} in vain.\n${(await state?.()) ?? ""}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
