/** Builds the sandboxed frame: one file, with the engine as text in it, under a policy that lets nothing out. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, type Plugin, type Rolldown } from "vite";

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/**
 * Inherited by the worker, whose script and whose models are blobs. Evaluating text is what the frame is for: 'unsafe-eval' gives a model
 * nothing that it does not have.
 */
const policyWith = (hash: string): string =>
  `default-src 'none'; script-src 'sha256-${hash}' 'wasm-unsafe-eval' 'unsafe-eval' blob:; worker-src blob:; connect-src 'none'`;

export function sandbox(): Plugin {
  return {
    name: "odegrad-sandbox",
    async generateBundle() {
      const engine = JSON.stringify(await engineText()).replaceAll("<", "\\u003c");
      const script = `const ENGINE = ${engine};\n${await readFile(path("frame.js"), "utf8")}`;
      const policy = policyWith(createHash("sha256").update(script).digest("base64"));
      this.emitFile({
        type: "asset",
        fileName: "sandbox.html",
        source:
          `<!doctype html><meta charset="utf-8"><title>Where models run</title>` +
          `<meta http-equiv="Content-Security-Policy" content="${policy}"><script>${script}</script>`,
      });
    },
  };
}

/** The engine with the library as one script without imports. */
async function engineText(): Promise<string> {
  const [{ output }] = (await build({
    configFile: false,
    logLevel: "error",
    // What the build plugin loads where it is needed is in the script.
    resolve: { alias: [{ find: /^\.\/packages\.ts$/, replacement: path("packages.ts") }] },
    build: {
      write: false,
      target: "es2022",
      lib: { entry: path("../engine/worker.ts"), formats: ["iife"], name: "engine" },
      rolldownOptions: {
        // Only a computer without a browser has it.
        external: ["webgpu"],
        output: { codeSplitting: false },
      },
    },
  })) as Rolldown.RolldownOutput[];
  return output[0].code;
}
