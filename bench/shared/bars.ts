/** What was measured against what it is to be. */
import { formatNumber } from "../../plot/numbers.ts";
import type { Row, Table } from "./report.ts";

export interface Bar {
  readonly what: string;
  readonly measured: number;
  /** One of both, or both. */
  readonly least?: number;
  readonly most?: number;
}

export function barsTable(bars: readonly Bar[]): Table {
  return {
    caption: "Bars",
    columns: [
      { key: "what", header: "what", kind: "text" },
      { key: "measured", header: "measured", kind: "text" },
      { key: "bar", header: "bar", kind: "text" },
      { key: "verdict", header: "", kind: "text" },
    ],
    rows: bars.map((bar): Row => ({
      what: bar.what,
      measured: formatNumber(bar.measured),
      bar: inWords(bar),
      verdict: isMet(bar) ? "met" : "missed",
    })),
  };
}

/** What is not a number is missed. */
function isMet({ measured, least = -Infinity, most = Infinity }: Bar): boolean {
  return measured >= least && measured <= most;
}

function inWords({ least, most }: Bar): string {
  if (least === undefined) return `at most ${most}`;
  return most === undefined ? `at least ${least}` : `${least} to ${most}`;
}
