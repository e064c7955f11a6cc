/** Plain data as bytes that bear their hash. Typed arrays stay binary, and numbers keep every bit, NaN and infinities among them. */
import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { BadResult } from "./errors.ts";

/** Bytes of the hash, which come first. */
const HASH = 32;

/** As structured cloning writes it, which each Node reads of its own version and older ones; equal values may be written in more than one way. */
export function sealed(value: unknown): Buffer {
  const bytes = serialize(value);
  return Buffer.concat([sha256(bytes), bytes]);
}

/** What was sealed. `what` it is, for messages. Throws {@link BadResult} where the bytes are others than were sealed. */
export function unsealed(bytes: Buffer, what: string): unknown {
  const content = bytes.subarray(HASH);
  if (!bytes.subarray(0, HASH).equals(sha256(content))) throw new BadResult(`${what} does not have the hash that it bears`);
  return deserialize(content) as unknown;
}

/** Of sealed bytes, in hexadecimal digits. */
export function hashOf(bytes: Buffer): string {
  return bytes.subarray(0, HASH).toString("hex");
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
