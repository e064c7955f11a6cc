/** The site of these pages: `npm run docs` builds it into docs/.vitepress/dist. */
import { copyFile, cp, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitepress";
import { reference, sidebar } from "./sidebar.ts";
import { repositoryLinks } from "./repository-links.ts";

const docs = fileURLToPath(new URL("..", import.meta.url));
const repository = repositoryLinks(docs);

export default defineConfig({
  title: "odegrad",
  description: "Differential equations in TypeScript, and gradients through their solutions",
  head: [["link", { rel: "icon", href: "data:," }]],
  markdown: { math: true, config: (markdown) => markdown.use(repository.plugin) },
  themeConfig: {
    nav: [
      { text: "Start here", link: "/start" },
      { text: "Guide", link: "/right-hand-side" },
      { text: "API", link: "/api/" },
      // A page of its own, which the site's navigation leaves to the browser.
      { text: "Playground", link: "/playground/index.html", target: "_self" },
    ],
    sidebar: { "/api/": reference, "/": sidebar },
    outline: [2, 3],
    search: { provider: "local" },
  },
  async buildEnd({ outDir }) {
    for (const { file, as } of repository.linked()) {
      const copy = join(outDir, as);
      await mkdir(dirname(copy), { recursive: true });
      await copyFile(file, copy);
    }
    await cp(join(docs, "../playground/dist"), join(outDir, "playground"), { recursive: true });
  },
});
