/** What benchmarks compare with. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { peerPaths } from "../../bench/peers/run.ts";
import type { Finding } from "./finding.ts";

const PATIENCE = 5000;

export function peerFindings(): Finding[] {
  const { sundials, python } = peerPaths();
  const libraries = `bench/peers/README.md tells how to install it`;
  return [
    tool("C compiler", "cc", "apt-get install build-essential, or the like"),
    tool("make", "make", "apt-get install build-essential, or the like"),
    existsSync(join(sundials, "include", "cvodes"))
      ? { name: "SUNDIALS", value: sundials }
      : { name: "SUNDIALS", value: `none in ${sundials}`, remedy: `${libraries}; SUNDIALS names another prefix` },
    existsSync(python)
      ? { name: "Python of torchdiffeq and diffrax", value: python }
      : {
          name: "Python of torchdiffeq and diffrax",
          value: `none at ${python}`,
          remedy: `${libraries}; PEERS_PYTHON names another`,
        },
  ];
}

/** The first line that the program says of its version. */
function tool(name: string, command: string, remedy: string): Finding {
  const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8", timeout: PATIENCE });
  return status === 0 ? { name, value: stdout.split("\n")[0] } : { name, value: "none", remedy };
}
