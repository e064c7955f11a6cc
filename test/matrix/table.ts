/** Outcomes of cells as tables in Markdown. */
import type { Outcome } from "./harness.ts";

/** What a cell of a table stands for: several runs, told apart by their labels. */
export type Cell = readonly (readonly [label: string, outcome: Outcome])[];

/** The one state of all runs, or each state with the labels of its runs. */
export function stateOf(cell: Cell): string {
  const labels = new Map<string, Set<string>>();
  for (const [label, outcome] of cell) {
    const state = outcome.kind === "refused" ? `refused: ${outcome.by}` : outcome.kind;
    labels.set(state, (labels.get(state) ?? new Set()).add(label));
  }
  if (labels.size === 1) return [...labels.keys()][0];
  return [...labels].map(([state, of]) => `${[...of].join(", ")}: ${state}`).join("; ");
}

/** Columns of even width, as formatters of Markdown have it. */
export function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, k) => Math.max(3, ...[head, ...body].map((row) => row[k].length)));
  const line = (row: readonly string[]): string => `| ${row.map((text, k) => text.padEnd(widths[k])).join(" | ")} |\n`;
  return [head, widths.map((width) => "-".repeat(width)), ...body].map(line).join("");
}
