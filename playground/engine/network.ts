/** Models have no network: the page's policy forbids it, and what would reach for it is refused here, by name, whatever the model catches. */
import { NetworkRefused } from "../shared/errors.ts";

const REACHING = ["fetch", "XMLHttpRequest", "WebSocket", "EventSource", "WebTransport", "importScripts", "Worker"];

let refused: NetworkRefused | undefined;

function refuse(what: string): NetworkRefused {
  return (refused ??= new NetworkRefused(what));
}

/** From now on; the first that is refused is kept for {@link throwRefused}. */
export function refuseNetwork(): void {
  for (const name of REACHING) {
    const refusing = function (): never {
      throw refuse(`\`${name}\``);
    };
    Object.defineProperty(self, name, { value: refusing, writable: false, configurable: false });
  }
  self.addEventListener("securitypolicyviolation", ({ blockedURI }) => refuse(blockedURI));
}

/** What the policy refuses is told by an event, a moment later. */
export async function hearPolicy(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
}

/** Throws {@link NetworkRefused} where something was refused since the last call. */
export function throwRefused(): void {
  const error = refused;
  refused = undefined;
  if (error) throw error;
}
