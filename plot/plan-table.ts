/** A plan as a table of HTML, which notebooks show. */
import { escapeMarkup } from "./markup.ts";
import { inBytes, inSeconds } from "../sensitivity/planner/quantities.ts";
import type { Plan } from "../sensitivity/planner/plan.ts";

/** A row for each decision: what was chosen and why, and why nothing else was. */
export function planTable({ known, decisions, estimate }: Plan): string {
  const rows = decisions.map(({ about, chosen, because, rejected }) => [
    `<b>${escapeMarkup(about)}</b>`,
    escapeMarkup(chosen),
    escapeMarkup(because),
    rejected.map((other) => `${escapeMarkup(other.name)}: ${escapeMarkup(other.because)}`).join("<br>"),
  ]);
  return [
    `<table style="text-align: left">`,
    `<caption>${escapeMarkup(known.problem)}: about ${inSeconds(estimate.seconds)}, ${inBytes(estimate.bytes)} kept</caption>`,
    rowOf("th", ["", "chosen", "because", "not chosen"]),
    ...rows.map((cells) => rowOf("td", cells)),
    `</table>`,
  ].join("\n");
}

function rowOf(tag: "th" | "td", cells: readonly string[]): string {
  const style = `style="text-align: left; vertical-align: top"`;
  return `<tr>${cells.map((cell) => `<${tag} ${style}>${cell}</${tag}>`).join("")}</tr>`;
}
