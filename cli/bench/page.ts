/** A report as one page of HTML that needs nothing else. */
import type { Column, Table } from "../../bench/shared/report.ts";
import { formatSeconds } from "../messages/text.ts";
import { cell } from "./cells.ts";
import type { Fact } from "./machine.ts";
import type { Measured, Section } from "./sections.ts";

export interface Page {
  readonly date: Date;
  readonly machine: readonly Fact[];
  readonly peers: readonly Fact[];
  readonly sections: readonly Section[];
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d232b, #dfe4ea); --soft: light-dark(#5b6672, #9aa5b1); --line: light-dark(#d9dee4, #333b45); --ground: light-dark(#fff, #14181d); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground); max-width: 72rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { line-height: 1.2; } h2 { margin-top: 3rem; border-top: 1px solid var(--line); padding-top: 1.5rem; } h3 { margin: 2.5rem 0 .25rem; }
p { max-width: 46rem; } .soft, caption { color: var(--soft); } caption { text-align: left; padding: .25rem 0; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: 1rem 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .75rem .2rem 0; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); } th { font-weight: 600; }
.text { text-align: left; } .note { white-space: normal; } img { display: block; max-width: 100%; margin: 1rem 0; background: #fff; border-radius: 4px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1.5rem; } dt { color: var(--soft); } dd { margin: 0; }
pre { white-space: pre-wrap; border-left: 3px solid #c0392b; padding-left: 1rem; }
`;

export function pageHtml({ date, machine, peers, sections }: Page): string {
  const day = date.toISOString().slice(0, 10);
  const [cold, warm] = [true, false].map((isCold) => sections.filter((section) => section.isCold === isCold));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>odegrad, benchmarks of ${day}</title>
<style>${style}</style>
<h1>odegrad, benchmarks of ${day}</h1>
<p>Everything on this page was measured in one run on one machine, one benchmark after the other, each in a process of its own. Ratios carry over to
other machines, seconds do not. Where a peer has an error, times are compared at equal error, not at equal tolerance.</p>
<h2>Machine and versions</h2>
${facts(machine)}
<h3>Peers</h3>
${facts(peers)}
<h2>Contents</h2>
<ul>${sections.map(({ name, description }) => `<li><a href="#${name}">${escape(name)}</a>: ${escape(description)}</li>`).join("\n")}</ul>
${group("First calls", "From a fresh process: what a user waits for, compiling included.", cold)}
${group("Warm", "After what is compiled once: what a fit or a sweep pays for each call.", warm)}
</html>
`;
}

function group(title: string, what: string, sections: readonly Section[]): string {
  if (sections.length === 0) return "";
  return `<h2>${title}</h2>\n<p>${what}</p>\n${sections.map(sectionHtml).join("\n")}`;
}

function sectionHtml({ name, description, seconds, outcome }: Section): string {
  const body = "failure" in outcome ? `<p>It failed:</p><pre>${escape(outcome.failure)}</pre>` : measuredHtml(outcome);
  return `<section id="${name}"><h3>${escape("title" in outcome ? outcome.title : description)}</h3>
<p class="soft">odegrad bench ${escape(name)}, ${formatSeconds(seconds)}</p>
${body}</section>`;
}

function measuredHtml({ title, tables, notes, pictures }: Measured): string {
  const shown = pictures.map(
    (svg, i) =>
      `<img alt="${captionOf(svg) ?? escape(title)}, picture ${i + 1}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}">`,
  );
  return [...shown, ...tables.map(tableHtml), ...notes.map((note) => `<p class="soft">${escape(note)}</p>`)].join("\n");
}

/** Figures carry their title in bold, above all else; the text is escaped there as it is here. */
function captionOf(svg: string): string | undefined {
  return /font-weight="bold">([^<]*)</.exec(svg)?.[1];
}

function tableHtml({ caption, columns, rows }: Table): string {
  const tag = (name: "th" | "td", column: Column, text: string): string =>
    `<${name}${column.kind === "text" ? ' class="text"' : ""}>${escape(text)}</${name}>`;
  const head = columns.map((column) => tag("th", column, column.header)).join("");
  const body = rows.map((row) => `<tr>${columns.map((column) => tag("td", column, cell(row, column))).join("")}</tr>`);
  return `<div class="wide"><table>${caption ? `<caption>${escape(caption)}</caption>` : ""}
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody></table></div>`;
}

function facts(of: readonly Fact[]): string {
  return `<dl>${of.map(({ name, value }) => `<dt>${escape(name)}</dt><dd>${escape(value)}</dd>`).join("")}</dl>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
