/** The graphics adapter that batches would use. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../node/package-root.ts";
import type { Finding } from "./finding.ts";
import type { GpuReport } from "./gpu-probe.ts";

const PROBE = join(packageRoot(), "dist", "cli", "doctor", "gpu-probe.js");

/** Runs `probe` in a process of its own for `patience` milliseconds at most. */
export function gpuFindings(probe = PROBE, patience = 20_000): Finding[] {
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, [probe], {
    encoding: "utf8",
    timeout: patience,
    killSignal: "SIGKILL",
  });
  const missing = (value: string, remedy: string): Finding[] => [{ name: "adapter", value, remedy }];
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ETIMEDOUT") {
    return missing(`no answer within ${patience / 1e3} s`, 'the driver hangs: update it, or use device: "cpu"');
  }
  if (signal) return missing(`the driver crashed (${signal})`, 'update it, or use device: "cpu"');
  if (status !== 0) return missing("none", errorIn(stderr));
  const { adapter, software, limits } = JSON.parse(stdout) as GpuReport;
  return [
    { name: "adapter", value: software ? `${adapter} (software: slower than device "cpu")` : adapter },
    ...Object.entries(limits).map(([name, value]) => ({ name, value: String(value) })),
  ];
}

/** The message of the error that ended the process; drivers write lines of their own around it. */
function errorIn(stderr: string): string {
  const line = stderr.split("\n").find((text) => /^(?:\w*Error|NoGpu|MissingPackage)\b.*: /.test(text));
  return line?.replace(/^[^:]*: /, "") ?? stderr.trim();
}
