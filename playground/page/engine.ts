/** The engine as the page sees it: calls, one at a time, of a worker in the sandboxed frame that is ended when it is silent for too long. */
import { ModelStopped } from "../shared/errors.ts";
import { OWN_CODE } from "../shared/patience.ts";
import type { Answered, Asked, Call, Calls, Fault } from "../shared/protocol.ts";
import { suspiciousLoops } from "./loops.ts";

/** Until the worker has loaded the library. */
const BOOT = 20_000;

/** The name of the fault of a call that the page ended. */
export const STOPPED = "Stopped";
const stopped: Fault = { name: STOPPED, message: "It was stopped." };

/** What the engine answers in place of a result. */
export class EngineFault extends Error {
  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

/** What a worker that is not heard of for so long is taken for. */
function silenceOf({ ask }: Asked, patience: number): Fault {
  const loops = "text" in ask ? suspiciousLoops(ask.text) : [];
  const { name, message } = new ModelStopped(patience, loops);
  return { name, message, ...(loops.length > 0 && { line: loops[0] }) };
}

interface Waiting {
  readonly asked: Asked;
  readonly onProgress: (progress: never) => void;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
  /** It had too little memory in the worker before. */
  readonly isSecond?: boolean;
}

export class Engine {
  private readonly frame: HTMLIFrameElement;
  private readonly queue: Waiting[] = [];
  private running: Waiting | undefined;
  private port: MessagePort | undefined;
  private watch: ReturnType<typeof setTimeout> | undefined;
  private calls = 0;

  constructor(private readonly onBusy: (isBusy: boolean) => void) {
    this.frame = document.createElement("iframe");
    this.frame.setAttribute("sandbox", "allow-scripts");
    this.frame.title = "Where models run";
    this.frame.hidden = true;
    this.frame.src = "sandbox.html";
    addEventListener("message", ({ source, data }) => {
      if (source !== this.frame.contentWindow || data !== "odegrad sandbox") return;
      this.begin();
    });
    document.body.append(this.frame);
  }

  /** Throws {@link EngineFault}. */
  call<K extends Call>(
    call: K,
    ask: Calls[K]["ask"],
    onProgress: (progress: Calls[K]["progress"]) => void = () => {},
  ): Promise<Calls[K]["answer"]> {
    return new Promise((resolve, reject) => {
      this.queue.push({ asked: { id: ++this.calls, call, ask }, onProgress, resolve, reject });
      this.next();
    });
  }

  /** Ends what is running. */
  stop(): void {
    if (this.running) this.end(stopped);
  }

  /** Ends these calls, where they run or wait. */
  drop(calls: readonly Call[]): void {
    const isMeant = ({ asked }: Waiting): boolean => calls.includes(asked.call);
    const kept = this.queue.filter((one) => !isMeant(one));
    const dropped = this.queue.filter(isMeant);
    this.queue.splice(0, Infinity, ...kept);
    for (const { reject } of dropped) reject(new EngineFault(stopped));
    if (this.running && isMeant(this.running)) this.end(stopped);
  }

  /** A new worker; the one before is gone. */
  private begin(): void {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    port1.addEventListener("message", ({ data }) => this.take(data as Answered));
    port1.start();
    // An opaque origin has no name to post to.
    this.frame.contentWindow!.postMessage(null, "*", [port2]);
    this.next(BOOT);
  }

  private next(patience = OWN_CODE): void {
    if (this.running || !this.port) return;
    this.running = this.queue.shift();
    this.onBusy(this.running !== undefined);
    if (!this.running) return;
    this.port.postMessage(this.running.asked);
    this.wait(patience);
  }

  private wait(patience: number): void {
    clearTimeout(this.watch);
    this.watch = setTimeout(() => this.end(silenceOf(this.running!.asked, patience)), patience);
  }

  private take(message: Answered): void {
    if (message.id !== this.running?.asked.id) return;
    if ("patience" in message) this.wait(message.patience);
    else if ("progress" in message) this.running.onProgress(message.progress as never);
    else if ("fault" in message && message.fault.name === "TooMuchMemory" && !this.running.isSecond) this.retry(this.running);
    else this.settle(message);
  }

  private settle(message: { readonly answer: unknown } | { readonly fault: Fault }): void {
    const { resolve, reject } = this.running!;
    clearTimeout(this.watch);
    this.running = undefined;
    if ("fault" in message) reject(new EngineFault(message.fault));
    else resolve(message.answer as never);
    this.next();
  }

  /** Memory of models that were is given back late, or only where their worker ends. */
  private retry(waiting: Waiting): void {
    this.running = undefined;
    this.queue.unshift({ ...waiting, isSecond: true });
    this.port?.close();
    this.begin();
  }

  private end(fault: Fault): void {
    this.port?.close();
    this.port = undefined;
    this.settle({ fault });
    this.begin();
  }
}
