/** Maps from 0 to 255 to colours, as pixels of an image hold them. */

/** Of viridis (N. Smith, S. van der Walt, for matplotlib, CC0), at even distances. */
const VIRIDIS = "440154 482475 414487 355f8d 2a788e 21908d 22a884 42be71 7ad151 bddf26 fde725";
/** From blue over near white to red (C. Brewer's RdBu, reversed), at even distances. */
const DIVERGING = "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f";

export const viridis = between(VIRIDIS);
export const diverging = between(DIVERGING);

/** 256 colours between the stops. */
function between(stops: string): Uint32Array {
  const colors = stops.split(" ").map((stop) => [0, 2, 4].map((i) => parseInt(stop.slice(i, i + 2), 16)));
  return Uint32Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (colors.length - 1);
    const k = Math.min(Math.floor(at), colors.length - 2);
    const [red, green, blue] = colors[k].map((from, channel) => Math.round(from + (at - k) * (colors[k + 1][channel] - from)));
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}
