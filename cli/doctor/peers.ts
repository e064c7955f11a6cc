/** What benchmarks compare with. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { peerPaths } from "../../bench/peers/execute.ts";
import type { Finding } from "./finding.ts";

const PATIENCE = 5000;

export function peerFindings(): Finding[] {
  const { sundials, python, diffsol, odex } = peerPaths();
  const libraries = `bench/peers/README.md tells how to install it`;
  return [
    tool("C compiler", "cc", "apt-get install build-essential, or the like"),
    tool("make", "make", "apt-get install build-essential, or the like"),
    existsSync(join(sundials, "include", "cvodes"))
      ? { name: "SUNDIALS", value: sundials }
      : { name: "SUNDIALS", value: `none in ${sundials}`, remedy: `${libraries}; SUNDIALS names another prefix` },
    installed("Python of SciPy, torchdiffeq and diffrax", python, `${libraries}; PEERS_PYTHON names another`),
    installed("diffsol", diffsol, libraries),
    installed("odex", odex, libraries),
  ];
}

function installed(name: string, file: string, remedy: string): Finding {
  return existsSync(file) ? { name, value: file } : { name, value: `none at ${file}`, remedy };
}

/** The first line that the program says of its version. */
function tool(name: string, command: string, remedy: string): Finding {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8", timeout: PATIENCE });
  return status === 0 ? { name, value: stdout.split("\n")[0] } : { name, value: "none", remedy };
}
