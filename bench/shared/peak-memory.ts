/** The peak memory of this process, in bytes. */
import { existsSync, readFileSync } from "node:fs";

const STATUS = "/proc/self/status";

/** On Linux as the system counts it for the program: what `resourceUsage` has begins with the size of the process that started it. */
export function peakMemory(): number {
  const peak = existsSync(STATUS) ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(STATUS, "utf8")) : null;
  return 1024 * (peak ? Number(peak[1]) : process.resourceUsage().maxRSS);
}
