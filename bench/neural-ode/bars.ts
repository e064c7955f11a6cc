/** How much faster than the peers a gradient is to be, at equal error. */
import type { Row, Table } from "../shared/report.ts";
import { cvodes, torchdiffeq } from "./peers.ts";

const bars: readonly { readonly peer: string; readonly least: number }[] = [
  { peer: cvodes, least: 5 },
  { peer: torchdiffeq, least: 100 },
];

/** For the row that is marked as chosen, of the table of all methods; peers that were not measured have no row. */
export function barsTable({ rows }: Table): Table {
  const chosen = rows.find(({ note }) => note === "chosen")!;
  return {
    caption: "Bars, for the method that is chosen",
    columns: [
      { key: "what", header: "what", kind: "text" },
      { key: "ratio", header: "ratio", kind: "ratio" },
      { key: "least", header: "at least", kind: "ratio" },
      { key: "verdict", header: "", kind: "text" },
    ],
    rows: bars.flatMap(({ peer, least }): Row[] => {
      const ratio = chosen[peer];
      if (typeof ratio !== "number") return [];
      return [{ what: `${peer} / odegrad`, ratio, least, verdict: ratio >= least ? "met" : "missed" }];
    }),
  };
}
