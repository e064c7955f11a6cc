/** Lists of what was made last: what is asked for again and again is at hand, and what is not is not kept for ever. */

const MOST = 32;

/** The entry that fits, or a new one; it comes first from now on, and the last of too many is dropped. */
export function recent<T>(entries: T[], fits: (entry: T) => boolean, make: () => T, most = MOST): T {
  if (entries.length > 0 && fits(entries[0])) return entries[0];
  const at = entries.findIndex(fits);
  const entry = at < 0 ? make() : entries.splice(at, 1)[0];
  entries.unshift(entry);
  if (entries.length > most) entries.length = most;
  return entry;
}
