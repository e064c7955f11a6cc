/** The playground: a static folder, whose files find each other wherever it lies. */
import { defineConfig } from "vite";
import { sandbox } from "./sandbox/plugin.ts";

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: {
    target: "es2022",
    emptyOutDir: true,
    // Its own preloading asks by `fetch`, which the page's policy forbids.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1000,
  },
  plugins: [sandbox()],
  preview: { host: "127.0.0.1", port: 4173 },
});
