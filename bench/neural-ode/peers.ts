/** CVODES, torchdiffeq and diffrax on the trained network: at the weights and against the data that a file tells them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pack } from "../../src/arrays/pack.ts";
import type { GradientPeer, PeerCurve } from "../adjoints/peers.ts";
import { runGradient, runPython, type PeerGradient } from "../peers/run.ts";
import type { Row, Table } from "../shared/report.ts";
import type { Spiral } from "./training.ts";

export const cvodes = "CVODES adams";
export const torchdiffeq = "torchdiffeq";
export const diffrax = "diffrax";

/** Where tolerances are rtol = atol. */
export function spiralPeers(spiral: Spiral): GradientPeer[] {
  const python = (name: string): GradientPeer => ({
    name,
    measure: (rtols) => withFile(spiral, (file) => runPython(`spiral-${name}`, file, rtols)),
  });
  return [
    {
      name: cvodes,
      measure: (rtols) => withFile(spiral, (file) => runGradient(`spiralNeuralODE:${file}`, "adams", 1, rtols).map(ofWholeLoss)),
    },
    python(torchdiffeq),
    python(diffrax),
  ];
}

/** `gradient.c` halves its losses. */
function ofWholeLoss({ loss, gradient, ...peer }: PeerGradient): PeerGradient {
  return { ...peer, loss: 2 * loss, gradient: gradient.map((derivative) => 2 * derivative) };
}

function withFile<T>({ problem, loss }: Spiral, use: (file: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "odegrad-"));
  try {
    const file = join(folder, "spiral.txt");
    writeFileSync(file, [...pack(problem.layout.p, problem.p, "p"), ...loss.constants!.data.data].join("\n"));
    return use(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every measured point. */
export function peersTable(peers: readonly PeerCurve[]): Table {
  return {
    caption: "The peers: gradients at rtol = atol, compiled before",
    columns: [
      { key: "peer", header: "peer", kind: "text" },
      { key: "rtol", header: "rtol", kind: "tolerance" },
      { key: "seconds", header: "gradient", kind: "seconds" },
      { key: "error", header: "error", kind: "error" },
      { key: "compileSeconds", header: "compiling", kind: "seconds" },
    ],
    rows: peers.flatMap(({ name, points }) =>
      points.map(({ compileSeconds, ...point }): Row => ({
        peer: name,
        ...point,
        ...(compileSeconds === undefined ? {} : { compileSeconds }),
      })),
    ),
  };
}
