/**
 * Pages link to files of the repository, such as programs, as `../examples/decay.ts`. On the site these are texts beside the pages, and pages
 * of HTML, such as a report of benchmarks, pages of their own.
 */
import { dirname, join, relative } from "node:path";
import type MarkdownIt from "markdown-it";

/** The page that is rendered, as vitepress hands it to plugins of markdown-it. */
interface Environment {
  readonly path: string;
}

export interface RepositoryLinks {
  plugin(markdown: MarkdownIt): void;
  /** The files that pages link to, each with its path within the site. */
  linked(): { file: string; as: string }[];
}

export function repositoryLinks(docs: string): RepositoryLinks {
  const root = join(docs, "..");
  const linked = new Map<string, string>();

  /** The address on the site, where a link leaves the folder of pages. */
  function address(href: string, page: string): string | undefined {
    if (!href.startsWith(".")) return undefined;
    const file = join(dirname(page), href.replace(/#.*/, ""));
    const isWhole = file.endsWith(".html");
    if (!isWhole && !relative(docs, file).startsWith("..")) return undefined;
    // As texts, browsers show them.
    const as = `repository/${relative(root, file)}${isWhole ? "" : ".txt"}`;
    linked.set(file, as);
    return `/${as}`;
  }

  return {
    plugin(markdown) {
      markdown.core.ruler.push("repository-links", ({ tokens, env }) => {
        for (const { children } of tokens) {
          for (const token of children ?? []) {
            const href = token.type === "link_open" ? address(token.attrGet("href")!, (env as Environment).path) : undefined;
            if (href === undefined) continue;
            token.attrSet("href", href);
            // The site's navigation, which knows its own pages only, leaves it to the browser.
            if (href.endsWith(".html")) token.attrSet("target", "_self");
          }
        }
      });
    },
    linked: () => [...linked].map(([file, as]) => ({ file, as })),
  };
}
