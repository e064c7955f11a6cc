/** What is on the page as a link: compressed, in the fragment, which no request holds. */
import { BrokenLink } from "../shared/errors.ts";
import type { Shared } from "../shared/shared.ts";

const VERSION = "1";
/** Bytes. */
const MOST = 2e7;

/** "#1.LENGTH.DATA": the length tells a link that was cut off from one that was changed. */
export async function fragmentOf(shared: Shared): Promise<string> {
  const zipped = await through(new Blob([JSON.stringify(shared)]), new CompressionStream("gzip"));
  const data = toBase64(zipped);
  return `#${VERSION}.${data.length}.${data}`;
}

/** Undefined of a page without. Throws {@link BrokenLink}. */
export async function sharedIn(fragment: string): Promise<Shared | undefined> {
  if (fragment.length <= 1) return undefined;
  const [, version, length, data] = /^#(\d+)\.(\d+)\.([\w-]*)$/.exec(fragment) ?? [];
  if (data === undefined) throw cutOrChanged("It is not one that this page makes.");
  if (version !== VERSION) throw new BrokenLink(`The link is of version ${version}, and this page reads version ${VERSION}.`);
  if (data.length < Number(length)) {
    throw new BrokenLink(`The link was cut off: it holds ${data.length} of ${length} characters. Copy it anew, whole.`);
  }
  try {
    const text = await through(new Blob([fromBase64(data)]), new DecompressionStream("gzip"));
    return checked(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)));
  } catch {
    throw cutOrChanged("What it holds cannot be unpacked.");
  }
}

function cutOrChanged(why: string): BrokenLink {
  return new BrokenLink(`The link was changed on its way. ${why} Copy it anew, whole.`);
}

function checked(value: unknown): Shared {
  const { text, p = {}, u0 = {}, solver = "", rtol = 1, csv = "" } = value as Shared;
  const areNumbers = [...Object.values(p), ...Object.values(u0), rtol].every((one) => typeof one === "number");
  const areTexts = [text, solver, csv].every((one) => typeof one === "string");
  if (!areNumbers || !areTexts) throw new TypeError("not what links hold");
  return value as Shared;
}

/** Throws where it would be more than the page takes, as of a small link that unpacks to gigabytes. */
async function through(blob: Blob, stream: CompressionStream | DecompressionStream): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const reader = blob.stream().pipeThrough(stream).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    size += part.value.length;
    if (size > MOST) throw new RangeError("more than the page takes");
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function fromBase64(data: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(data.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
