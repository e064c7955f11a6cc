/** `odegrad doctor` */
import { Command } from "commander";
import { engineFindings, wasmFindings } from "../doctor/engine.ts";
import { DEFAULT_REDIS } from "../../cluster/redis/names.ts";
import type { Finding } from "../doctor/finding.ts";
import { gpuFindings } from "../doctor/gpu.ts";
import { packageFindings } from "../doctor/packages.ts";
import { peerFindings } from "../doctor/peers.ts";
import { redisFindings } from "../doctor/redis.ts";
import { print } from "../output/print.ts";
import { toJson } from "../messages/json.ts";
import { table } from "../messages/text.ts";

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("says what this machine has of what the library can use, and how to get the rest")
    .option("--json", "print one JSON object")
    .action(async ({ json }: { json?: boolean }) => {
      const found = {
        engine: engineFindings(),
        WebAssembly: wasmFindings(),
        GPU: gpuFindings(),
        packages: packageFindings(),
        Redis: await redisFindings(DEFAULT_REDIS),
        "peers of benchmarks": peerFindings(),
      };
      print(
        json
          ? toJson(found)
          : Object.entries(found)
              .map(([title, findings]) => sectionText(title, findings))
              .join("\n\n"),
      );
    });
}

function sectionText(title: string, findings: readonly Finding[]): string {
  const rows = findings.map(({ name, value, remedy }) => [`  ${name}`, remedy ? `${value} -- ${remedy}` : value]);
  return [title, table(rows, new Set([1]))].join("\n");
}
